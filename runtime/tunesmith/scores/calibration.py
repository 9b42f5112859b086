"""Calibration: whether answers given with 90 % confidence are right in 90 % of cases."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The answers whose confidence lies in (low, high]: how many, their mean confidence, the share that was right."""

    low: float
    high: float
    rows: int
    confidence: float
    accuracy: float

    def as_json(self) -> dict[str, Any]:
        """As a mapping of plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """`error` is the expected calibration error: the mean gap between confidence and accuracy, weighted by rows."""

    error: float
    confidence: float
    accuracy: float
    bins: tuple[Bin, ...]

    def as_json(self) -> dict[str, Any]:
        """As a mapping of plain values."""
        return {
            "ece": self.error,
            "mean_confidence": self.confidence,
            "accuracy": self.accuracy,
            "bins": [entry.as_json() for entry in self.bins],
        }


def calibrate(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 15) -> Calibration | None:
    """Calibration over equally wide bins; None without rows. `confidence` (0 to 1) and `right` have shape (N,).

    Source: Guo et al. 2017, arXiv:1706.04599, section 2.
    """
    if not len(confidence):
        return None
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    filled = [
        Bin(
            low=float(edges[b]),
            high=float(edges[b + 1]),
            rows=int(inside.sum()),
            confidence=float(confidence[inside].mean()),
            accuracy=float(right[inside].mean()),
        )
        for b in range(bins)
        if (inside := place == b).any()
    ]
    gap = np.abs(np.bincount(place, confidence, bins) - np.bincount(place, right, bins)).sum() / len(confidence)
    return Calibration(
        error=float(gap), confidence=float(confidence.mean()), accuracy=float(right.mean()), bins=tuple(filled)
    )
