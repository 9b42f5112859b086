"""From the outputs of a classifier to probabilities and answers. N rows, C classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tunesmith.explain.classes import NO_ANSWER


def two_columns(outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logits of shape (N, C); a single logit for the second of two classes becomes the pair (0, logit)."""
    if outputs.ndim == 1:
        outputs = outputs[:, None]
    return np.hstack([np.zeros_like(outputs), outputs]) if outputs.shape[1] == 1 else outputs


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities that add up to 1 in each row; NaN in rows that hold anything not finite."""
    logits = np.where(np.isfinite(logits).all(axis=1, keepdims=True), logits, np.nan)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True)) if logits.size else logits
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float64)


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """A probability for each entry on its own, without overflow; NaN stays NaN."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -logits)), dtype=np.float64)


def chosen(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """The most probable class of each row, NO_ANSWER for rows that are NaN."""
    answered = np.isfinite(probabilities).all(axis=1)
    best = np.argmax(np.nan_to_num(probabilities, nan=-1.0), axis=1) if probabilities.size else np.zeros(0, np.int64)
    return np.where(answered, best, NO_ANSWER).astype(np.int64)
