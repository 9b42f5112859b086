"""Cells as numbers. No numpy here: `check` must answer at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from tunesmith.data.values import is_empty


def number(value: Any) -> float | None:
    """A cell as a finite number, or None where it is none. `1,5` and `1_000` are none."""
    if is_empty(value) or (isinstance(value, str) and "_" in value):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def numbers(cell: Any) -> list[float | None]:
    """The numbers of a cell: several columns, a list or an array in one column, or a single number."""
    if hasattr(cell, "tolist"):
        cell = cell.tolist()
    if not isinstance(cell, (list, tuple)):
        return [number(cell)]
    return [item for part in cell for item in (numbers(part) if _is_list(part) else [number(part)])]


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or hasattr(value, "tolist")


def spread(rows: Iterable[Sequence[float | None]]) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each position over the rows without a gap; a deviation of 0 is given as 1."""
    usable = [row for row in rows if None not in row]
    width = len(usable[0]) if usable else 0
    columns = [[row[place] for row in usable if len(row) == width] for place in range(width)]
    means = [math.fsum(column) / len(column) for column in columns]  # type: ignore[arg-type]
    deviations = [
        math.sqrt(math.fsum((value - mean) ** 2 for value in column) / len(column))  # type: ignore[operator]
        for column, mean in zip(columns, means, strict=True)
    ]
    return means, [deviation if deviation > 0 else 1.0 for deviation in deviations]
