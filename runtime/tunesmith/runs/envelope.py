"""A curve of any length in a few columns: the least and the greatest value of each, so that no spike is lost."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal

from tunesmith.runs.smoothing import Smoothing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Axis = Literal["step", "seconds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What to look at: `columns` columns (pixels) of equal width between `first` and `last` (both inclusive, steps or
    seconds; None: where the series begins or ends)."""

    axis: Axis = "step"
    first: float | None = None
    last: float | None = None
    columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The columns that hold records, from left to right; all arrays are equally long.

    `column` is the column's number from 0, `step` and `seconds` are those of its first record. `low`, `mean` and `high`
    are of its finite values, `count` many (NaN where it has none); `nan`, `plus` and `minus` say how many of its values
    were NaN, +infinity and -infinity. `smooth` is the debiased moving average of the means, where it was asked for.
    """

    column: NDArray[np.int64]
    step: NDArray[np.int64]
    seconds: NDArray[np.float64]
    low: NDArray[np.float64]
    mean: NDArray[np.float64]
    high: NDArray[np.float64]
    count: NDArray[np.int64]
    nan: NDArray[np.int64]
    plus: NDArray[np.int64]
    minus: NDArray[np.int64]
    smooth: NDArray[np.float64] | None = None


def envelope(records: NDArray[np.void], window: Window, smoothing: Smoothing | None = None) -> Envelope:
    """The envelope of `records` (fields step, seconds and value; steps and seconds never go back), all in memory."""
    import numpy as np

    from tunesmith.runs.summaries import of_records

    items = of_records(records)
    if not len(records):
        return draw(items, window.axis, np.zeros(0, np.float64), 0, smoothing)
    x = records[window.axis]
    edges, lead = edges_of(window, float(x[0]), float(x[-1]), smoothing)
    return draw(items, window.axis, edges, lead, smoothing)


def edges_of(
    window: Window, begin: float, end: float, smoothing: Smoothing | None = None
) -> tuple[NDArray[np.float64], int]:
    """Where each column begins, and where the last one ends (records at an edge belong to the right of it), for a
    series from `begin` to `end`; and how many of the columns lie left of the window, for smoothing to begin with."""
    import numpy as np

    first = begin if window.first is None else window.first
    last = max(first, end if window.last is None else window.last)
    width = max((last - first) / window.columns, sys.float_info.min)
    before = 0 if smoothing is None or first <= begin else int(min(smoothing.lead, (first - begin) / width + 1))
    edges = first + width * np.arange(-before, window.columns + 1)
    # Rounding must not turn edges around. (Steps are whole numbers: up to 2^53 floats compare with them exactly.)
    edges[:before] = np.minimum(edges[:before], first)
    edges[before] = first
    edges[-1] = np.nextafter(last, np.inf)
    return np.minimum(edges, edges[-1]), before


def draw(
    items: NDArray[np.void], axis: Axis, edges: NDArray[np.float64], lead: int, smoothing: Smoothing | None = None
) -> Envelope:
    """The envelope of summaries `items`, none of which lies across one of the `edges` (see `edges_of`). The `lead`
    columns left of the window only serve the smoothing."""
    import numpy as np

    from tunesmith.runs.summaries import fold

    at = np.searchsorted(items[axis], edges)
    filled = np.flatnonzero(at[1:] > at[:-1])
    found = fold(items[: at[-1]] if len(at) else items, at[filled])
    drawn = draw_all(found, filled - lead, smoothing)
    visible = int(np.searchsorted(filled, lead))
    arrays: dict[str, Any] = {item.name: getattr(drawn, item.name) for item in fields(drawn)}
    return replace(drawn, **{name: array[visible:] for name, array in arrays.items() if array is not None})


def draw_all(
    found: NDArray[np.void], column: NDArray[np.int64] | None = None, smoothing: Smoothing | None = None
) -> Envelope:
    """The envelope in which each of the summaries `found` is a column, with the numbers `column` or from 0."""
    import numpy as np

    none = found["count"] == 0
    low, high = np.where(none, np.nan, found["low"]), np.where(none, np.nan, found["high"])
    mean = found["total"] / np.maximum(found["count"], 1)
    # A total of finite values may leave the range of float64, their mean cannot.
    mean = np.where(np.isnan(mean), low / 2 + high / 2, np.clip(mean, low, high))
    return Envelope(
        column=np.arange(len(found)) if column is None else column,
        step=found["step"],
        seconds=found["seconds"],
        low=low,
        mean=mean,
        high=high,
        count=found["count"],
        nan=found["nan"].astype(np.int64),
        plus=found["plus"].astype(np.int64),
        minus=found["minus"].astype(np.int64),
        smooth=None if smoothing is None else smoothing.of(mean),
    )
