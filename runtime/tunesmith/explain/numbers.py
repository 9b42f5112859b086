"""Error measures for predicted numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def number_figures(targets: NDArray[np.float64], predicted: NDArray[np.float64]) -> dict[str, Any]:
    """Errors over all values in the unit of the target, beside those of always answering the mean of these targets.

    `rows` counts what was compared; `not_finite` is how many predictions were no number and were left out.
    """
    usable = np.isfinite(predicted) & np.isfinite(targets)
    truth, answer = targets[usable], predicted[usable]
    told: dict[str, Any] = {"rows": int(usable.sum()), "not_finite": int((~usable).sum())}
    if not len(truth):
        nothing = ("mae", "rmse", "r2", "median_error", "largest_error", "bias", "mean_mae", "mean_rmse")
        return told | dict.fromkeys(nothing, math.nan)
    error = answer - truth
    spread = truth - truth.mean()
    total = float(np.sum(spread**2))
    return told | {
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "r2": 1.0 - float(np.sum(error**2)) / total if total > 0 else math.nan,
        "median_error": float(np.median(np.abs(error))),
        "largest_error": float(np.max(np.abs(error))),
        "bias": float(np.mean(error)),
        "mean_mae": float(np.mean(np.abs(spread))),
        "mean_rmse": math.sqrt(total / len(truth)),
    }
