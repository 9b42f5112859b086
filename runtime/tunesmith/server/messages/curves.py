"""Series as the curves of a drawing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tunesmith.protocol.series import Curve, Point, SeriesParams
from tunesmith.runs.envelope import Axis, Window
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.series import Record
from tunesmith.runs.smoothing import Smoothing
from tunesmith.runs.windows import SeriesWindows


def curves(run: RunFolder, windows: SeriesWindows, asked: SeriesParams, check: Callable[[], None]) -> tuple[Curve, ...]:
    """The asked curves; those that the run does not have are left out. What `check` raises ends the work."""
    there = run.series()
    names = [name for name in asked.names if name in there] if asked.names else there
    axis: Axis = "seconds" if asked.axis == "seconds" else "step"
    window = Window(axis=axis, first=asked.first, last=asked.last, columns=asked.width)
    smoothing = Smoothing(weight=asked.smoothing) if asked.smoothing > 0 else None
    return tuple(_curve(run, name, windows, window, smoothing, check) for name in names)


def _curve(
    run: RunFolder,
    name: str,
    windows: SeriesWindows,
    window: Window,
    smoothing: Smoothing | None,
    check: Callable[[], None],
) -> Curve:
    view = windows.view(run.series_file(name), window, smoothing, check)
    drawn = view.envelope
    return Curve(
        name=name,
        records=view.count,
        first=_point(view.first),
        last=_point(view.last),
        before=_point(view.before),
        after=_point(view.after),
        column=tuple(drawn.column.tolist()),
        step=tuple(drawn.step.tolist()),
        seconds=tuple(drawn.seconds.tolist()),
        low=tuple(drawn.low.tolist()),
        mean=tuple(drawn.mean.tolist()),
        high=tuple(drawn.high.tolist()),
        count=tuple(drawn.count.tolist()),
        nan=_if_any(drawn.nan.tolist()),
        plus=_if_any(drawn.plus.tolist()),
        minus=_if_any(drawn.minus.tolist()),
        smooth=() if drawn.smooth is None else tuple(drawn.smooth.tolist()),
    )


def _if_any(counts: Sequence[int]) -> tuple[int, ...]:
    return tuple(counts) if any(counts) else ()


def _point(record: Record | None) -> Point | None:
    return None if record is None else Point(step=record[0], seconds=record[1], value=record[2])
