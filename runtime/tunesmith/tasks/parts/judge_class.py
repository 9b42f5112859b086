"""Judging a classifier whose rows have one class each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.judged import (
    HARDLY_BETTER,
    NOTHING_TO_JUDGE,
    Block,
    Judged,
    MadeWhenAsked,
    Matrix,
    Table,
    percent,
    plural,
    points,
)
from tunesmith.scores.answers import NO_ANSWER, chosen, mean, softmax, two_columns
from tunesmith.scores.areas import Areas
from tunesmith.scores.calibration import Calibration
from tunesmith.scores.classes import ClassFigures, ClassReport, interval, most_confused, row_shares
from tunesmith.scores.one_label import one_label
from tunesmith.tasks.parts.class_charts import areas_chart, reliability_chart

_UNEQUAL = 1.5  # the largest class beside the share that it would have if all were equal
_ONE_SIDED = 0.8


def judge_class(outputs: NDArray[np.float64], targets: NDArray[np.int64], labels: Sequence[str]) -> Judged:
    """Everything about logits `outputs` (N, C) against the true class numbers `targets` (N,)."""
    found = one_label(outputs, targets)
    names = [labels[c] if c < len(labels) else f"class {c}" for c in range(found.classes)]
    truth, rows, counts = found.truth, len(found.truth), found.confusion
    report, areas, calibration = found.report(names), found.areas, found.calibration
    right, no_answer = truth == found.answers, int((~found.answered).sum())
    low, high = interval(int(right.sum()), rows)
    largest = int(np.argmax(np.bincount(truth, minlength=len(names)))) if rows else 0
    share = float(np.mean(truth == largest)) if rows else math.nan
    accuracy = float(right.mean()) if rows else math.nan
    section = {
        "rows": rows,
        "accuracy": accuracy,
        "accuracy_interval_95": [low, high],
        "majority": {"label": names[largest] if names else "", "share": share},
        "no_answer": no_answer,
        "unknown_target": len(targets) - rows,
        "by_class": [
            figures.as_json() | {"roc_area": area.roc, "pr_area": area.precision}
            for figures, area in zip(report.by_class, areas, strict=True)
        ],
        "averages": {name: figures.as_json() for name, figures in report.averages.items()},
        "roc_area_macro": mean([area.roc for area in areas]),
        "pr_area_macro": mean([area.precision for area in areas]),
    }
    sections: dict[str, Any] = {"classification": section}
    if calibration:
        sections["calibration"] = calibration.as_json()
    matrix = {
        "labels": names,
        "counts": counts.tolist(),
        "row_shares": row_shares(counts).tolist(),
        "most_confused": most_confused(counts, names),
        "no_answer": no_answer,
    }
    sentences, warnings = _words(section, report, counts, calibration)
    return Judged(
        headline=_headline(section),
        words=sentences,
        warnings=warnings,
        sections=sections,
        files={"confusion.json": matrix} | ({"calibration.json": calibration.as_json()} if calibration else {}),
        blocks=[
            *([confusion_matrix(counts, names)] if rows else []),
            *areas_chart(found.one_hot, found.scores, names),
            *([reliability_chart(calibration)] if calibration else []),
            *_tables(report, areas, matrix["most_confused"]),
        ],
        expected=MadeWhenAsked(len(targets), lambda row: _name(names, int(targets[row]))),
        predicted=_answers(outputs, names),
    )


def _name(names: Sequence[str], target: int) -> str | None:
    return names[target] if 0 <= target < len(names) else None


def _answers(outputs: NDArray[np.float64], names: Sequence[str]) -> Sequence[dict[str, Any] | None]:
    """The answer of every row, also of those whose true class is unknown."""

    def answer(row: int) -> dict[str, Any] | None:
        probabilities = softmax(two_columns(outputs[row : row + 1]))
        (best,) = chosen(probabilities).tolist()
        return None if best == NO_ANSWER else {"label": names[best], "probability": float(probabilities[0, best])}

    return MadeWhenAsked(len(outputs), answer)


def _headline(section: dict[str, Any]) -> str:
    if not section["rows"]:
        return NOTHING_TO_JUDGE.headline
    majority = section["majority"]
    return (
        f"Accuracy {percent(section['accuracy'])} on {plural(section['rows'], 'held-out row')}; "
        f"always answering “{majority['label']}” would reach {percent(majority['share'])}."
    )


def _words(
    section: dict[str, Any],
    report: ClassReport,
    counts: NDArray[np.int64],
    calibration: Calibration | None,
) -> tuple[list[str], list[str]]:
    rows, accuracy, majority = section["rows"], section["accuracy"], section["majority"]
    warnings = []
    if section["no_answer"]:
        gone = plural(section["no_answer"], "row")
        warnings.append(
            f"For {gone} the model gave numbers that are not finite (NaN or infinity): they count as wrong. "
            "Training has most likely diverged; try a lower learning rate."
        )
    if section["unknown_target"]:
        warnings.append(
            f"{plural(section['unknown_target'], 'row')} had a label that training never saw; left out of all figures."
        )
    if not rows:
        return ["Give the job validation rows (`validation: 10%`) to learn how good the model is."], warnings
    low, high = section["accuracy_interval_95"]
    words = [
        f"With {plural(rows, 'row')}, the accuracy on all rows of this kind lies between {percent(low)} and "
        f"{percent(high)} (95% confidence): smaller differences between runs mean nothing."
    ]
    present = [figures for figures in report.by_class if figures.support]
    gain = accuracy - majority["share"]
    if len(present) == 1:
        warnings.append(
            f"All held-out rows belong to “{present[0].label}”: accuracy says nothing here. "
            "Hold out rows of every class."
        )
    elif gain < HARDLY_BETTER:
        words.append(_beside_majority(accuracy, majority))
        is_unequal = majority["share"] * len(present) >= _UNEQUAL
        warnings.append(
            f"Accuracy {percent(accuracy)} is no sign of learning: {percent(majority['share'])} of the rows are "
            f"“{majority['label']}”, so a program that always answers “{majority['label']}” does as well. "
            + (
                "Look at macro F1 and at the recall of the rarer classes, and try `imbalance: weighted-loss`."
                if is_unequal
                else "Train longer or try another learning rate, and look at the rows of the report."
            )
        )
    elif majority["share"] >= _ONE_SIDED:
        words.append(_beside_majority(accuracy, majority))
        words.append("With classes as unequal as these, macro F1 and the recall of the rarer classes tell more.")
    else:
        words.append(_beside_majority(accuracy, majority))
    macro = report.averages["macro"]
    words.append(
        f"Macro F1 is {macro.f1:.3f}: the mean over the classes, each counting the same, of a figure that is high only "
        "if the class is found (recall) and rarely claimed wrongly (precision)."
    )
    if len(present) > 1:
        words += _weakest(min(present, key=lambda figures: figures.f1))
        never = [
            figures.label for c, figures in enumerate(report.by_class) if figures.support and not counts[:, c].sum()
        ]
        if never:
            warnings.append(f"Never answered, although rows of it exist: {', '.join(never[:10])}.")
    missing = [figures.label for figures in report.by_class if not figures.support]
    if missing:
        words.append(f"No held-out row belongs to {', '.join(missing[:10])}: nothing is known about that.")
    if calibration:
        words.append(calibration_words(calibration))
    return words, warnings


def _beside_majority(accuracy: float, majority: dict[str, Any]) -> str:
    gain = accuracy - majority["share"]
    side = "more" if gain >= 0 else "LESS"
    return (
        f"Always answering “{majority['label']}”, the largest class, is right in {percent(majority['share'])} of the "
        f"rows; the model is right in {percent(accuracy)}, {points(gain)} {side}."
    )


def _weakest(figures: ClassFigures) -> list[str]:
    if figures.f1 >= 1.0:
        return ["Every class is answered without a mistake: make sure that the label does not stand in the input."]
    return [
        f"Weakest class: “{figures.label}” (F1 {figures.f1:.3f}). Of its {plural(figures.support, 'row')}, "
        f"{percent(figures.recall)} are found; when the model says “{figures.label}”, it is right in "
        f"{percent(figures.precision)}."
    ]


def calibration_words(calibration: Calibration) -> str:
    """Whether the probabilities can be trusted, in a sentence."""
    gap = calibration.confidence - calibration.accuracy
    if calibration.error < 0.05:
        return f"Its probabilities can be taken at their word (calibration error {calibration.error:.3f})."
    kind = "too sure of itself" if gap > 0 else "less sure than it could be"
    return (
        f"The model is {kind}: on average it claims {percent(calibration.confidence)} and is right in "
        f"{percent(calibration.accuracy)} (calibration error {calibration.error:.3f}). Read its probabilities as an "
        "order, not as chances."
    )


def confusion_matrix(counts: NDArray[np.int64], labels: Sequence[str]) -> Matrix:
    """Rows by true and predicted class."""
    return Matrix(
        name="confusion",
        title="Confusion matrix",
        says="A row is a true class, a column what the model predicted; the diagonal is right.",
        labels=labels,
        counts=counts,
    )


def _tables(report: ClassReport, areas: Sequence[Areas], confused: Sequence[dict[str, Any]]) -> list[Block]:
    def cells(figures: ClassFigures, roc: float, area: float) -> list[Any]:
        return [figures.label, figures.precision, figures.recall, figures.f1, roc, area, figures.support]

    lines = [cells(figures, *pair) for figures, pair in zip(report.by_class, areas, strict=True)]
    means = (mean([area.roc for area in areas]), mean([area.precision for area in areas]))
    lines.append(cells(report.averages["macro"], *means))
    lines.append(cells(report.averages["weighted"], math.nan, math.nan))
    header = ["class", "precision", "recall", "F1", "ROC area", "PR area", "rows"]
    tables: list[Block] = [Table(name="by_class", title="By class", header=header, rows=lines)]
    if confused:
        pairs = [[pair["true"], pair["predicted"], pair["rows"], percent(pair["share"])] for pair in confused]
        header = ["true", "taken for", "rows", "share of the class"]
        tables.append(Table(name="most_confused", title="Most often confused", header=header, rows=pairs))
    return tables
