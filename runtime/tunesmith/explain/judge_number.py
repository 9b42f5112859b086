"""Judging a model that predicts numbers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tunesmith.explain.judged import Judged, percent, plural
from tunesmith.explain.numbers import number_figures
from tunesmith.explain.pictures import residuals_picture


def judge_number(predicted: NDArray[np.float64], targets: NDArray[np.float64]) -> Judged:
    """All there is to say of `predicted` against `targets`, both in the target's own unit, shape (N,) or (N, K)."""
    answers, truth = predicted.reshape(len(predicted), -1), targets.reshape(len(targets), -1)
    figures = number_figures(truth.ravel(), answers.ravel())
    usable = np.isfinite(answers).all(axis=1) & np.isfinite(truth).all(axis=1)
    warnings = []
    if figures["not_finite"]:
        warnings.append(
            f"{plural(figures['not_finite'], 'prediction')} were not finite (NaN or infinity) and are left out. "
            "Training has most likely diverged; try a lower learning rate."
        )
    words = []
    if not figures["rows"]:
        headline = "There was no held-out row to judge the model by."
    else:
        headline = (
            f"Off by {figures['mae']:.4g} on average (root of the mean square {figures['rmse']:.4g}) on "
            f"{plural(len(truth), 'held-out row')}; always answering their mean: {figures['mean_mae']:.4g}."
        )
        words.append(
            f"Half of the answers are off by less than {figures['median_error']:.4g}, the worst one by "
            f"{figures['largest_error']:.4g}."
        )
        words += _explained(figures["r2"], warnings)
        if abs(figures["bias"]) > 0.25 * figures["rmse"] > 0:
            side = "high" if figures["bias"] > 0 else "low"
            words.append(f"The answers are too {side} by {abs(figures['bias']):.4g} on average.")
    return Judged(
        headline=headline,
        words=words,
        warnings=warnings,
        sections={"regression": figures},
        pictures={
            "residuals.png": lambda: (
                residuals_picture(truth[usable].ravel(), answers[usable].ravel()) if usable.any() else None
            )
        },
        expected=[_plain(row) for row in truth],
        predicted=[_plain(row) for row in answers],
    )


def _explained(r2: float, warnings: list[str]) -> list[str]:
    if not math.isfinite(r2):
        warnings.append("All targets are equal: R2 is not defined, and there is nothing to tell apart.")
        return []
    if r2 <= 0:
        warnings.append(f"R2 is {r2:.3f}: the model does no better than always answering the mean of the targets.")
        return []
    return [f"R2 is {r2:.3f}: {percent(r2)} of the differences between the targets is explained; 1 would be perfect."]


def _plain(row: NDArray[np.float64]) -> float | list[float]:
    return float(row[0]) if len(row) == 1 else [float(value) for value in row]
