"""Training curves read from a run's series, thinned and smoothed for drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

POINTS = 2000
"""More points than pixels tell nothing: longer series are drawn as the means of this many stretches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """`steps` int64 and `values` float64, both of shape (K,), finite, by rising step."""

    steps: NDArray[np.int64]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.steps)


def smoothed(values: NDArray[np.float64], keep: float) -> NDArray[np.float64]:
    """Exponential moving average without its start-up bias: each value is a mean whose weights add up to 1.

    `keep` (0 to below 1) is the weight of what came before. Source: Kingma and Ba 2015, arXiv:1412.6980, section 3.
    """
    out = np.empty(len(values))
    total = weight = 0.0
    for place, value in enumerate(values.tolist()):
        total = keep * total + (1 - keep) * value
        weight = keep * weight + (1 - keep)
        out[place] = total / weight
    return out


def smoothing(points: int) -> float:
    """How much a curve of so many points is smoothed: about a thirtieth of it is looked back on."""
    return 1.0 - 1.0 / max(1.0, points / 30)


def thinned(curve: Curve, points: int = POINTS) -> Curve:
    """The curve as at most `points` means over equal stretches."""
    if len(curve) <= points:
        return curve
    edges = np.linspace(0, len(curve), points + 1).astype(np.int64)
    sums = np.add.reduceat(curve.values, edges[:-1])
    return Curve(steps=curve.steps[edges[1:] - 1], values=sums / np.diff(edges))


def read_curves(series_folder: Path) -> dict[str, Curve]:
    """All series of a run by name; values that are not finite are left out, series without any are too."""
    from tunesmith.runs.series import read_series

    found: dict[str, Curve] = {}
    for path in sorted(series_folder.glob("*.bin")) if series_folder.is_dir() else ():
        records = read_series(path)
        values = np.asarray(records["value"], dtype=np.float64)
        usable = np.isfinite(values)
        if usable.any():
            steps = np.asarray(records["step"], dtype=np.int64)[usable]
            found[path.stem] = Curve(steps=steps, values=values[usable])
    return found


def validation_loss(curves: Mapping[str, Curve]) -> Curve | None:
    """The validation loss among a run's series, where it was recorded."""
    return next((curves[name] for name in ("validation_loss", "validation_log_loss") if name in curves), None)
