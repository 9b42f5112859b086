"""A curve of any length in a few points: the least and the greatest value of each stretch, so that no spike is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Per stretch: its first step, its least, mean and greatest finite value (NaN where it has none), its count."""

    step: NDArray[np.int64]
    low: NDArray[np.float64]
    mean: NDArray[np.float64]
    high: NDArray[np.float64]
    count: NDArray[np.int64]


def envelope(
    records: NDArray[np.void], width: int, *, first_step: int | None = None, last_step: int | None = None
) -> Envelope:
    """At most `width` stretches of about equally many records, of the steps `first_step` to `last_step` (inclusive)."""
    import numpy as np

    step = records["step"]
    begin = 0 if first_step is None else int(np.searchsorted(step, first_step, side="left"))
    end = len(step) if last_step is None else int(np.searchsorted(step, last_step, side="right"))
    records = records[begin : max(begin, end)]
    stretches = min(max(1, width), len(records))
    if not stretches:
        whole, real = np.zeros(0, np.int64), np.zeros(0, np.float64)
        return Envelope(step=whole, low=real, mean=real, high=real, count=whole)
    edges = np.arange(stretches, dtype=np.int64) * len(records) // stretches
    value = np.ascontiguousarray(records["value"])
    finite = np.isfinite(value)
    count = np.add.reduceat(finite.astype(np.int64), edges)
    low = np.minimum.reduceat(np.where(finite, value, np.inf), edges)
    high = np.maximum.reduceat(np.where(finite, value, -np.inf), edges)
    total = np.add.reduceat(np.where(finite, value, 0.0), edges)
    none = count == 0
    return Envelope(
        step=records["step"][edges],
        low=np.where(none, np.nan, low),
        mean=np.where(none, np.nan, total / np.maximum(count, 1)),
        high=np.where(none, np.nan, high),
        count=count,
    )
