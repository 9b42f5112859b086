"""Areas under the ROC and precision-recall curves of one class against the rest, and the curves themselves."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Areas(NamedTuple):
    """The areas under a class's ROC curve and its precision-recall curve; NaN where they are not defined."""

    roc: float
    precision: float


def areas_of(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> Areas:
    """Both areas of one class against the rest; `truth` and `scores` have shape (N,)."""
    return Areas(roc_area(truth, scores), precision_area(truth, scores))


def ranking(truth: NDArray[np.bool_], claims: NDArray[np.float64], answered: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The claims, with the rows that are not `answered` (N,) counted as wrong: below all others where the class is
    true, above all others where it is not. Shape (N, C)."""
    if answered.all():
        return claims
    return np.where(answered[:, None], claims, np.where(truth, -np.inf, np.inf))


def roc_area(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """The chance that a random row of the class scores above a random other row (ties count half); NaN without both.

    Source: Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747 (equal to the area under the ROC curve).
    """
    inside = int(truth.sum())
    outside = len(truth) - inside
    if not inside or not outside:
        return math.nan
    _, group, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    ranks = (last - (sizes - 1) / 2)[group]
    return float((ranks[truth].sum() - inside * (inside + 1) / 2) / (inside * outside))


def precision_area(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """Average precision: precision at each threshold, weighted by the recall it adds; NaN without rows of the class."""
    recall, precision = precision_recall_curve(truth, scores)
    if not len(recall):
        return math.nan
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def precision_recall_curve(
    truth: NDArray[np.bool_], scores: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Recall and precision at each distinct threshold, from the highest score down; empty without rows of the class."""
    hits, ranked = _cumulative(truth, scores)
    if not len(hits) or hits[-1] == 0:
        return np.zeros(0), np.zeros(0)
    return hits / hits[-1], hits / ranked


def roc_curve(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """False and true positive rate at each distinct threshold, from (0, 0) on; empty unless both kinds of row exist."""
    hits, ranked = _cumulative(truth, scores)
    if not len(hits) or hits[-1] in (0, ranked[-1]):
        return np.zeros(0), np.zeros(0)
    misses = ranked - hits
    return np.append(0.0, misses / misses[-1]), np.append(0.0, hits / hits[-1])


def _cumulative(
    truth: NDArray[np.bool_], scores: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At the end of each group of equal scores, highest first: rows of the class so far, rows so far."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(order) - 1) if len(order) else np.zeros(0, np.int64)
    return np.cumsum(truth[order])[ends].astype(np.float64), (ends + 1).astype(np.float64)
