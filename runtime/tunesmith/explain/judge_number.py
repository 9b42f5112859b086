"""Judging a model that predicts numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tunesmith.explain.judged import Judged, percent, plural
from tunesmith.explain.pictures import residuals_picture
from tunesmith.scores.numbers import Numbers, number_scores


def judge_number(predicted: NDArray[np.float64], targets: NDArray[np.float64], names: Sequence[str]) -> Judged:
    """All there is to say of `predicted` against `targets`, both in the targets' own units, shape (N,) or (N, K).

    `names` are those of the K targets. Each target is judged on its own; what stands for all of them is a mean.
    """
    truth, answers = targets.reshape(len(targets), -1), predicted.reshape(len(predicted), -1)
    found = number_scores(truth, answers)
    words: list[str] = []
    warnings: list[str] = []
    if found.not_finite:
        gone = plural(found.not_finite, "prediction was", "predictions were")
        warnings.append(
            f"{gone} not finite (NaN or infinity): no figure of all rows can be given. "
            "Training has most likely diverged; try a lower learning rate."
        )
    for name, figures in zip(names, found.of_finite, strict=True):
        if math.isfinite(figures["mae"]):
            _target_words(figures, f"{name}: " if len(names) > 1 else "", words, warnings)
    return Judged(
        headline=_headline(found, names),
        words=words,
        warnings=warnings,
        sections={"regression": found.as_json(names)},
        tables=[_table(found, names)] if len(names) > 1 else [],
        pictures={"residuals.png": lambda: residuals_picture(_finite(truth, answers, names))},
        expected=[_plain(row) for row in truth],
        predicted=[_plain(row) for row in answers],
    )


def _headline(found: Numbers, names: Sequence[str]) -> str:
    if not found.rows:
        return "There was no held-out row to judge the model by."
    rows = plural(found.rows, "held-out row")
    if found.not_finite:
        return f"{plural(found.not_finite, 'prediction')} not finite on {rows}: nobody can use such a model."
    if len(names) == 1:
        (figures,) = found.by_target
        return (
            f"Off by {figures['mae']:.4g} on average (root of the mean square {figures['rmse']:.4g}) on {rows}; "
            f"always answering their mean: {figures['mean_mae']:.4g}."
        )
    told = ", ".join(f"{name} {figures['r2']:.3f}" for name, figures in zip(names, found.by_target, strict=True))
    return f"R2 is {found.mean['r2']:.3f} on average over {len(names)} targets on {rows} ({told})."


def _target_words(figures: Mapping[str, float], of: str, words: list[str], warnings: list[str]) -> None:
    """What is to be said of one target, `of` naming it where there are several."""
    words.append(
        f"{of}Half of the answers are off by less than {figures['median_error']:.4g}, the worst one by "
        f"{figures['largest_error']:.4g}."
    )
    r2 = figures["r2"]
    if not math.isfinite(r2):
        warnings.append(f"{of}All targets are equal: R2 is not defined, and there is nothing to tell apart.")
    elif r2 <= 0:
        warnings.append(f"{of}R2 is {r2:.3f}: the model does no better than always answering the mean of the targets.")
    else:
        words.append(
            f"{of}R2 is {r2:.3f}: {percent(r2)} of the differences between the targets is explained; "
            "1 would be perfect."
        )
    if abs(figures["bias"]) > 0.25 * figures["rmse"] > 0:
        side = "high" if figures["bias"] > 0 else "low"
        words.append(f"{of}The answers are too {side} by {abs(figures['bias']):.4g} on average.")


def _table(found: Numbers, names: Sequence[str]) -> tuple[str, Sequence[str], Sequence[Sequence[str]]]:
    shown = ("mae", "rmse", "r2", "mean_mae")
    lines = [
        [name, *(f"{figures[figure]:.4g}" for figure in shown)]
        for name, figures in zip([*names, "mean of the targets"], [*found.by_target, found.mean], strict=True)
    ]
    return "By target", ["target", "MAE", "RMSE", "R2", "MAE of always answering the mean"], lines


def _finite(
    truth: NDArray[np.float64], answers: NDArray[np.float64], names: Sequence[str]
) -> list[tuple[str, NDArray[np.float64], NDArray[np.float64]]]:
    """Name, true and predicted values of each target, where both are finite; targets without any are left out."""
    usable = np.isfinite(truth) & np.isfinite(answers)
    return [
        (name, truth[usable[:, k], k], answers[usable[:, k], k]) for k, name in enumerate(names) if usable[:, k].any()
    ]


def _plain(row: NDArray[np.float64]) -> float | list[float]:
    return float(row[0]) if len(row) == 1 else [float(value) for value in row]
