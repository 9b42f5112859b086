"""Figures of merit for classes and numbers, in plain numpy: evaluation must cost next to nothing.

N rows, C classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CALIBRATION_BINS = 15


def softmax(logits_NC: NDArray[np.generic]) -> Floats:
    """Probabilities of each row."""
    shifted = logits_NC.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True)
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(axis=1, keepdims=True)
    return shifted


def sigmoid(logits: NDArray[np.generic]) -> Floats:
    """A probability for each entry on its own, without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -logits.astype(np.float64))))


def cross_entropies(logits_NC: NDArray[np.generic], target_N: NDArray[np.int64]) -> Floats:
    """-ln of the probability that each row's true class was given, shape (N,)."""
    logits = logits_NC.astype(np.float64)
    top = logits.max(axis=1)
    total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return np.asarray(total - logits[np.arange(len(target_N)), target_N])


def binary_cross_entropies(logits_NC: NDArray[np.generic], target_NC: NDArray[Any]) -> Floats:
    """-ln of the probability given to each true answer, shape (N, C)."""
    logits = logits_NC.astype(np.float64)
    return np.asarray(np.logaddexp(0.0, logits) - logits * target_NC, np.float64)


def per_class(told_NC: NDArray[np.bool_], true_NC: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Precision, recall and F1 of each class, shape (C,); 0 where nothing was told or nothing is true."""
    hits = (told_NC & true_NC).sum(axis=0).astype(np.float64)
    told, true = told_NC.sum(axis=0), true_NC.sum(axis=0)
    return _share(hits, told), _share(hits, true), _share(2 * hits, told + true)


def _share(part: Floats, whole: NDArray[Any]) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.zeros_like(part), where=whole > 0), np.float64)


def roc_area(score_N: Floats, true_N: NDArray[np.bool_]) -> float:
    """The chance that a true row scores higher than a false one, ties counting half; NaN where one kind is absent."""
    positives = int(true_N.sum())
    negatives = len(true_N) - positives
    if not positives or not negatives:
        return float("nan")
    _, place, count = np.unique(score_N, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]  # from 1; ties share their mean rank
    return float((rank[true_N].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def precision_area(score_N: Floats, true_N: NDArray[np.bool_]) -> float:
    """Average precision: the step-wise area under the precision-recall curve; NaN where no row is true."""
    positives = int(true_N.sum())
    if not positives:
        return float("nan")
    order = np.argsort(-score_N, kind="stable")
    score, hits = score_N[order], np.cumsum(true_N[order])
    last = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)  # one threshold for equal scores
    gained = np.diff(hits[last], prepend=0)
    return float((gained * hits[last] / (last + 1)).sum() / positives)


def calibration_error(confidence_N: Floats, right_N: NDArray[np.bool_]) -> float:
    """Expected calibration error: how far confidence and accuracy lie apart, over 15 equal bins (Guo et al. 2017)."""
    slot = np.minimum((confidence_N * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
    confidence = np.bincount(slot, confidence_N, CALIBRATION_BINS)
    right = np.bincount(slot, right_N, CALIBRATION_BINS)
    return float(np.abs(confidence - right).sum() / max(len(slot), 1))


def class_metrics(logits_NC: NDArray[np.generic], target_N: NDArray[np.int64]) -> dict[str, float]:
    """All figures for rows with one class each; precision, recall and F1 of the last label where there are two."""
    classes = logits_NC.shape[1]
    probability = softmax(logits_NC)
    told = probability.argmax(axis=1)
    known = np.arange(classes)
    true_NC = target_N[:, None] == known
    precision, recall, f1 = per_class(told[:, None] == known, true_NC)
    of = slice(-1, None) if classes == 2 else slice(None)
    shown = [1] if classes == 2 else list(known)
    present = (true_NC.any(axis=0)) | (told[:, None] == known).any(axis=0)
    return {
        "accuracy": float((told == target_N).mean()),
        "f1_macro": _mean(f1[present]),
        "f1": _mean(f1[of] if classes == 2 else f1[present]),
        "precision": _mean(precision[of] if classes == 2 else precision[present]),
        "recall": _mean(recall[of] if classes == 2 else recall[present]),
        "roc_auc": _mean([roc_area(probability[:, c], true_NC[:, c]) for c in shown]),
        "pr_auc": _mean([precision_area(probability[:, c], true_NC[:, c]) for c in shown]),
        "log_loss": float(cross_entropies(logits_NC, target_N).mean()),
        "ece": calibration_error(probability.max(axis=1), told == target_N),
    }


def labels_metrics(logits_NC: NDArray[np.generic], target_NC: NDArray[Any]) -> dict[str, float]:
    """All figures for rows with several labels: accuracy counts rows with every label right; f1, precision and recall
    pool all labels (micro)."""
    probability, true = sigmoid(logits_NC), target_NC > 0.5
    told = probability > 0.5
    flat = per_class(told.reshape(-1, 1), true.reshape(-1, 1))
    _, _, f1 = per_class(told, true)
    present = true.any(axis=0) | told.any(axis=0)
    columns = range(logits_NC.shape[1])
    return {
        "accuracy": float((told == true).all(axis=1).mean()),
        "f1_macro": _mean(f1[present]),
        "f1": float(flat[2][0]),
        "precision": float(flat[0][0]),
        "recall": float(flat[1][0]),
        "roc_auc": _mean([roc_area(probability[:, c], true[:, c]) for c in columns]),
        "pr_auc": _mean([precision_area(probability[:, c], true[:, c]) for c in columns]),
        "log_loss": float(binary_cross_entropies(logits_NC, target_NC).mean()),
        "ece": calibration_error(np.maximum(probability, 1 - probability).ravel(), (told == true).ravel()),
    }


def number_metrics(told: Floats, true: Floats) -> dict[str, float]:
    """Error measures in the target's own unit; R2 is 1 - residual / total sum of squares, the mean over targets."""
    error = told - true
    total = ((true - true.mean(axis=0)) ** 2).sum(axis=0)
    residual = (error**2).sum(axis=0)
    r2 = 1 - np.divide(residual, total, out=np.full_like(residual, np.nan), where=total > 0)
    return {
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "r2": _mean(r2),
    }


def _mean(values: object) -> float:
    """The mean of what is not NaN; NaN where nothing is left."""
    array = np.asarray(values, dtype=np.float64).ravel()
    array = array[~np.isnan(array)]
    return float(array.mean()) if len(array) else float("nan")
