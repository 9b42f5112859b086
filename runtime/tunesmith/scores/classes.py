"""Figures for classification, from answers and targets alone: confusion matrix, precision, recall, F1, majority.

Legend: N rows, C classes. A prediction of -1 means that the model gave no answer (its outputs were not finite): such
a row counts as wrong, and stands in no column of the matrix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.scores.answers import NO_ANSWER, mean


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFigures:
    """Figures of one class or an average over classes; `support` is the number of rows that truly belong to it."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int

    def as_json(self) -> dict[str, Any]:
        """As a mapping of plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassReport:
    """`by_class` in the order of the labels; `averages` holds macro, weighted and micro.

    `macro` is over the classes that a row has or an answer gives, as in scikit-learn: of any other, the rows say
    nothing.
    """

    by_class: tuple[ClassFigures, ...]
    averages: dict[str, ClassFigures]


def confusion_matrix(targets: NDArray[np.int64], predicted: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Counts, int64 of shape (C, C): entry (i, j) is how many rows of class i were taken for class j."""
    answered = predicted != NO_ANSWER
    flat = np.bincount(targets[answered] * classes + predicted[answered], minlength=classes * classes)
    return flat.reshape(classes, classes).astype(np.int64)


def row_shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each row of a confusion matrix as shares of its sum; 0 where a class has no rows."""
    sums = counts.sum(axis=1, keepdims=True)
    shares = np.zeros(counts.shape)
    np.divide(counts, sums, out=shares, where=sums > 0)
    return shares


def most_confused(counts: NDArray[np.int64], labels: Sequence[str], limit: int = 10) -> list[dict[str, Any]]:
    """The pairs that are mistaken most often: true class, predicted class, how many rows, share of the true class."""
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    shares = row_shares(counts)
    order = np.argsort(-wrong, axis=None, kind="stable")[:limit]
    pairs = [divmod(int(flat), len(counts)) for flat in order]
    return [
        {"true": labels[i], "predicted": labels[j], "rows": int(wrong[i, j]), "share": float(shares[i, j])}
        for i, j in pairs
        if wrong[i, j] > 0
    ]


def class_report(targets: NDArray[np.int64], predicted: NDArray[np.int64], labels: Sequence[str]) -> ClassReport:
    """Precision, recall and F1 by class and averaged. `targets` and `predicted` are class numbers, shape (N,)."""
    classes = len(labels)
    right = np.bincount(targets[targets == predicted], minlength=classes)
    chosen = np.bincount(predicted[predicted != NO_ANSWER], minlength=classes)
    return _report(right, chosen, np.bincount(targets, minlength=classes), labels)


def multilabel_report(targets: NDArray[np.bool_], predicted: NDArray[np.bool_], labels: Sequence[str]) -> ClassReport:
    """The same where a row may carry several labels. `targets` and `predicted` have shape (N, C)."""
    right = np.sum(targets & predicted, axis=0).astype(np.int64)
    return _report(right, np.sum(predicted, axis=0), np.sum(targets, axis=0), labels)


def _report(
    right: NDArray[np.int64], chosen: NDArray[np.int64], support: NDArray[np.int64], labels: Sequence[str]
) -> ClassReport:
    precision, recall = _ratio(right, chosen), _ratio(right, support)
    f1 = _ratio(2 * right, chosen + support)
    by_class = tuple(
        ClassFigures(
            label=label,
            precision=float(precision[c]),
            recall=float(recall[c]),
            f1=float(f1[c]),
            support=int(support[c]),
        )
        for c, label in enumerate(labels)
    )
    total = int(support.sum())
    present = (support > 0) | (chosen > 0)
    shares = support / total if total else np.zeros(len(support))
    macro = ClassFigures(
        label="macro",
        precision=mean(precision[present]),
        recall=mean(recall[present]),
        f1=mean(f1[present]),
        support=total,
    )
    weighted = ClassFigures(
        label="weighted",
        precision=float(precision @ shares),
        recall=float(recall @ shares),
        f1=float(f1 @ shares),
        support=total,
    )
    hits, answers = int(right.sum()), int(chosen.sum())
    micro = ClassFigures(
        label="micro",
        precision=hits / answers if answers else 0.0,
        recall=hits / total if total else 0.0,
        f1=2 * hits / (answers + total) if answers + total else 0.0,
        support=total,
    )
    return ClassReport(by_class=by_class, averages={"macro": macro, "weighted": weighted, "micro": micro})


def _ratio(above: NDArray[np.int64], below: NDArray[np.int64]) -> NDArray[np.float64]:
    ratios = np.zeros(len(above))
    np.divide(above, below, out=ratios, where=below > 0)
    return ratios


def interval(right: int, rows: int) -> tuple[float, float]:
    """Where the true share lies with 95 % confidence when `right` of `rows` were right.

    Source: Wilson 1927, the score interval; it stays inside 0 to 1 and is sound for few rows.
    """
    if rows == 0:
        return 0.0, 1.0
    z = 1.959963984540054
    share = right / rows
    centre = share + z * z / (2 * rows)
    spread = z * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    scale = 1 + z * z / rows
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
