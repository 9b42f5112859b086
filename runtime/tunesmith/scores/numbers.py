"""Error measures for predicted numbers. N rows, K targets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAMES = ("mae", "rmse", "r2", "median_error", "largest_error", "bias", "mean_mae", "mean_rmse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Figures of each target in its own unit, and `mean`: their means over the targets, as scikit-learn's
    `multioutput="uniform_average"`.

    A figure is NaN where a prediction of its target is not finite (`not_finite` counts them); the same figures over the
    finite ones alone stand in `of_finite`. R2 is NaN where all values of a target are equal.
    """

    rows: int
    not_finite: int
    by_target: Sequence[Mapping[str, float]]
    of_finite: Sequence[Mapping[str, float]]
    mean: Mapping[str, float]

    def metrics(self) -> dict[str, float]:
        """By the names a job uses."""
        return {name: self.mean[name] for name in ("mae", "rmse", "r2")}

    def as_json(self, names: Sequence[str]) -> dict[str, Any]:
        """As a mapping of plain values, with the targets' `names`."""
        by_target = [{"target": name, **figures} for name, figures in zip(names, self.by_target, strict=True)]
        return {"rows": self.rows, "not_finite": self.not_finite, **self.mean, "by_target": by_target}


def number_scores(targets: NDArray[Any], predicted: NDArray[Any]) -> Numbers:
    """Errors of `predicted` beside those of always answering the mean of these targets; both (N,) or (N, K)."""
    truth = np.asarray(targets, np.float64)
    truth = truth[:, None] if truth.ndim == 1 else truth
    answer = np.asarray(predicted, np.float64).reshape(truth.shape)
    usable = np.isfinite(answer) & np.isfinite(truth)
    of_finite = [_figures(truth[usable[:, k], k], answer[usable[:, k], k]) for k in range(truth.shape[1])]
    by_target = [
        figures if usable[:, k].all() else dict.fromkeys(NAMES, math.nan) for k, figures in enumerate(of_finite)
    ]
    means = {name: float(np.mean([figures[name] for figures in by_target])) for name in NAMES}
    if by_target and all(math.isfinite(figures["mae"]) for figures in by_target):
        defined = [figures["r2"] for figures in by_target if math.isfinite(figures["r2"])]
        means["r2"] = float(np.mean(defined)) if defined else math.nan
    return Numbers(
        rows=len(truth), not_finite=int((~usable).sum()), by_target=by_target, of_finite=of_finite, mean=means
    )


def _figures(truth: NDArray[np.float64], answer: NDArray[np.float64]) -> dict[str, float]:
    if not len(truth):
        return dict.fromkeys(NAMES, math.nan)
    error = answer - truth
    if np.all(truth == truth[0]):  # their mean may lie a little beside them
        spread = np.zeros_like(truth)
    else:
        spread = truth - truth.mean()
    total = float(np.sum(spread**2))
    return {
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "r2": 1.0 - float(np.sum(error**2)) / total if total > 0 else math.nan,
        "median_error": float(np.median(np.abs(error))),
        "largest_error": float(np.max(np.abs(error))),
        "bias": float(np.mean(error)),
        "mean_mae": float(np.mean(np.abs(spread))),
        "mean_rmse": math.sqrt(total / len(truth)),
    }
