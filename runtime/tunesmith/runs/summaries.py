"""What is kept of a stretch of a series: where it begins, its extremes, and how much of it is no number.

A summary of one record is that record; summaries of neighbours fold into one without losing a spike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# `step` and `seconds` are the first record's. `low`, `high` and `total` are of the `count` finite values (low is
# +infinity and high -infinity where there are none); `nan`, `plus` and `minus` count NaN, +infinity and -infinity.
SUMMARY = [
    ("step", "<i8"), ("seconds", "<f8"), ("low", "<f8"), ("high", "<f8"), ("total", "<f8"),
    ("count", "<i8"), ("nan", "<i4"), ("plus", "<i4"), ("minus", "<i4"),
]  # fmt: skip


def of_records(records: NDArray[np.void]) -> NDArray[np.void]:
    """One summary a record; `records` has the fields step, seconds and value."""
    import numpy as np

    found = np.empty(len(records), SUMMARY)
    found["step"], found["seconds"] = records["step"], records["seconds"]
    value = np.ascontiguousarray(records["value"])
    finite = np.isfinite(value)
    found["low"] = np.where(finite, value, np.inf)
    found["high"] = np.where(finite, value, -np.inf)
    found["total"] = np.where(finite, value, 0.0)
    found["count"] = finite
    if finite.all():
        found["nan"] = found["plus"] = found["minus"] = 0
    else:
        found["nan"], found["plus"], found["minus"] = np.isnan(value), value == np.inf, value == -np.inf
    return found


def of_blocks(records: NDArray[np.void], size: int) -> NDArray[np.void]:
    """One summary for each `size` records; their number must be a multiple of it."""
    import numpy as np

    values = np.ascontiguousarray(records["value"]).reshape(-1, size)
    low, high = values.min(axis=1), values.max(axis=1)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        return fold(of_records(records), np.arange(0, len(records), size))
    found = np.zeros(len(values), SUMMARY)
    found["step"], found["seconds"] = records["step"][::size], records["seconds"][::size]
    found["low"], found["high"], found["count"] = low, high, size
    with np.errstate(over="ignore", invalid="ignore"):
        found["total"] = values.sum(axis=1)
    return found


def of_stretches(records: NDArray[np.void], starts: NDArray[np.int64]) -> NDArray[np.void]:
    """One summary for each of the stretches of `records` that begin at `starts` (see `fold`)."""
    import numpy as np

    values = np.ascontiguousarray(records["value"])
    if not len(starts) or not np.isfinite(values).all():
        return fold(of_records(records), starts)
    found = np.zeros(len(starts), SUMMARY)
    found["step"], found["seconds"] = records["step"][starts], records["seconds"][starts]
    found["low"], found["high"] = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    found["count"] = np.diff(starts, append=len(records))
    with np.errstate(over="ignore", invalid="ignore"):
        found["total"] = np.add.reduceat(values, starts)
    return found


def fold(items: NDArray[np.void], starts: NDArray[np.int64]) -> NDArray[np.void]:
    """One summary for each of the stretches of `items` that begin at `starts` (strictly rising, none beyond the end);
    the last one goes to the end."""
    import numpy as np

    found = np.empty(len(starts), SUMMARY)
    if not len(starts):
        return found
    found["step"], found["seconds"] = items["step"][starts], items["seconds"][starts]
    found["low"] = np.minimum.reduceat(items["low"], starts)
    found["high"] = np.maximum.reduceat(items["high"], starts)
    with np.errstate(over="ignore", invalid="ignore"):
        for name in ("total", "count", "nan", "plus", "minus"):
            found[name] = np.add.reduceat(items[name], starts)
    return found
