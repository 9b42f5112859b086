"""Judging a model that predicts numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tunesmith.judged import NOTHING_TO_JUDGE, Cell, Chart, Judged, MadeWhenAsked, Mark, Panel, Table, percent, plural
from tunesmith.scores.numbers import Numbers, number_scores

TARGETS_DRAWN = 6
POINTS_DRAWN = 4000  # more are a blot


def judge_number(predicted: NDArray[np.float64], targets: NDArray[np.float64], names: Sequence[str]) -> Judged:
    """Everything about `predicted` against `targets`, both in the targets' own units, shape (N,) or (N, K).

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
        blocks=[
            *_residuals(_finite(truth, answers, names)),
            *([_table(found, names)] if len(names) > 1 else []),
        ],
        expected=MadeWhenAsked(len(truth), lambda row: _plain(truth[row])),
        predicted=MadeWhenAsked(len(answers), lambda row: _plain(answers[row])),
    )


def _headline(found: Numbers, names: Sequence[str]) -> str:
    if not found.rows:
        return NOTHING_TO_JUDGE.headline
    rows = plural(found.rows, "held-out row")
    if found.not_finite:
        return f"{plural(found.not_finite, 'prediction')} not finite on {rows}: nobody can use such a model."
    if len(names) == 1:
        (figures,) = found.by_target
        return (
            f"Off by {figures['mae']:.4g} on average (root of the mean square {figures['rmse']:.4g}) on {rows}; "
            f"always answering their mean: {figures['mean_mae']:.4g}."
        )
    by_target = ", ".join(f"{name} {figures['r2']:.3f}" for name, figures in zip(names, found.by_target, strict=True))
    return f"R2 is {found.mean['r2']:.3f} on average over {len(names)} targets on {rows} ({by_target})."


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


def _table(found: Numbers, names: Sequence[str]) -> Table:
    shown = ("mae", "rmse", "r2", "mean_mae")
    lines: list[list[Cell]] = [
        [name, *(figures[figure] for figure in shown)]
        for name, figures in zip([*names, "mean of the targets"], [*found.by_target, found.mean], strict=True)
    ]
    header = ["target", "MAE", "RMSE", "R2", "MAE of always answering the mean"]
    return Table(name="by_target", title="By target", header=header, rows=lines)


def _residuals(targets: Sequence[tuple[str, NDArray[np.float64], NDArray[np.float64]]]) -> list[Chart]:
    """True against predicted numbers, and the errors beside it, for the first of the `targets`; none without any."""
    panels = []
    for name, truth, answers in targets[:TARGETS_DRAWN]:
        step = -(-len(truth) // POINTS_DRAWN)
        x, y = truth[::step], answers[::step]
        of = f": {name}" if len(targets) > 1 else ""
        ends = np.array([min(x.min(), y.min()), max(x.max(), y.max())])
        exact = Mark(shape="line", x=ends, y=ends, label="exact", reference=True)
        panels.append(
            Panel(
                title=f"Predicted against true{of}",
                x_label="true",
                y_label="predicted",
                marks=[exact, Mark(shape="points", x=x, y=y)],
            )
        )
        zero = Mark(shape="line", x=np.array([y.min(), y.max()]), y=np.zeros(2), reference=True)
        panels.append(
            Panel(
                title=f"Residuals{of}",
                x_label="predicted",
                y_label="predicted minus true",
                marks=[zero, Mark(shape="points", x=y, y=y - x)],
            )
        )
    says = "Left: on the dashed line, the answer is exact. Right: a pattern means something to learn."
    return [Chart(name="residuals", title="Errors", says=says, panels=panels, columns=2)] if panels else []


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
