"""A run as a line of a table: from its state and the end of its loss, so that a thousand of them cost little."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith.protocol.runs import Best, RunSummary
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.state import RunState

RESUMABLE = frozenset({"lost", "paused", "stopped", "failed"})


def summary(run: RunFolder, *, position: int | None = None, state: RunState | None = None) -> RunSummary:
    """The run as it stands now; `position` is its place in the queue."""
    seen = state or run.state()
    extra = seen.extra
    return RunSummary(
        id=run.id,
        path=str(run.path),
        status=seen.status,
        name=seen.name,
        job=_text(extra.get("job")),
        task=_text(extra.get("task")),
        model=_text(extra.get("model")),
        method=_text(extra.get("method")),
        tags=tuple(_text(tag) for tag in extra.get("tags") or ()) if isinstance(extra.get("tags"), list) else (),
        created=seen.created,
        updated=seen.updated,
        duration_s=run.duration_s(),
        step=seen.step,
        total_steps=seen.total_steps,
        epoch=seen.epoch,
        eta_s=seen.eta_s,
        best=_best(seen.best),
        warning_count=seen.warning_count,
        device=seen.device,
        memory_mb=seen.memory_mb,
        samples_per_second=seen.samples_per_second,
        pid=seen.pid,
        host=seen.host,
        message=seen.message or seen.damage,
        error=_text(extra.get("error")) or None,
        remedy="resume" if seen.status in RESUMABLE else None,
        position=position,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _best(found: Mapping[str, Any] | None) -> Best | None:
    if not isinstance(found, Mapping):
        return None
    value, step = found.get("value"), found.get("step")
    named = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
    number = named.get(value) if isinstance(value, str) else value
    if not isinstance(number, (int, float)) or not isinstance(step, int):
        return None
    return Best(metric=_text(found.get("metric")), value=float(number), step=step)
