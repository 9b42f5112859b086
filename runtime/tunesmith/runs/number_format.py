"""Numbers, times and sizes as people write them."""

from __future__ import annotations

from typing import Any

from tunesmith.runs.state import RunState


def number(value: float | None) -> str:
    """A figure in few digits."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    if value == value and abs(value) < 1e15 and float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


def figure(value: Any) -> str:
    """A metric's value: a number, or the word that stands for one that JSON cannot carry."""
    return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def setting(value: Any) -> str:
    """A value of the job as the job says it."""
    if isinstance(value, list):
        return f"[{', '.join(map(setting, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {setting(item)}' for key, item in value.items())}}}"
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def duration(seconds: float | None) -> str:
    """`45 s`, `3 min 20 s`, `2 h 05 min`."""
    if seconds is None or seconds != seconds or seconds < 0 or seconds > 1e8:
        return "-"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def size(count: float) -> str:
    """Bytes in the unit that fits."""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def steps_of(state: RunState) -> str:
    """120/500, or 120 where the end is not known."""
    return f"{state.step:,}/{state.total_steps:,}" if state.total_steps else f"{state.step:,}"
