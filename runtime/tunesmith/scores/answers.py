"""From the outputs of a classifier to probabilities, answers and losses. N rows, C classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NO_ANSWER = -1
"""Stands for the answer of a row whose outputs are not finite."""


def two_columns(outputs: NDArray[Any]) -> NDArray[Any]:
    """Logits of shape (N, C); a single logit for the second of two classes becomes the pair (0, logit)."""
    if outputs.ndim == 1:
        outputs = outputs[:, None]
    return np.hstack([np.zeros_like(outputs), outputs]) if outputs.shape[1] == 1 else outputs


def softmax(logits_NC: NDArray[Any]) -> Floats:
    """Probabilities that add up to 1 in each row; NaN in rows that hold anything not finite."""
    logits = logits_NC.astype(np.float64)
    logits[~np.isfinite(logits).all(axis=1)] = np.nan
    if logits.size:
        logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    return logits


def log_odds(logits_NC: NDArray[Any]) -> Floats:
    """ln(p / (1 - p)) of each probability of `softmax`, shape (N, C); NaN in rows that hold anything not finite.

    They tell apart what is so sure that its probability is 1 as a float.
    """
    logits = logits_NC.astype(np.float64)
    logits[~np.isfinite(logits).all(axis=1)] = np.nan
    if not logits.size:
        return logits
    logits -= logits.max(axis=1, keepdims=True)
    parts = np.exp(logits)
    rows, top = np.arange(len(logits)), logits.argmax(axis=1)
    parts[rows, top] = 0.0
    others = parts.sum(axis=1, keepdims=True)  # beside the largest, which is 1
    odds = np.asarray(logits - np.log1p(others - parts))
    # That of the largest is 1 to the others; where they are nothing to a float, their logarithm still tells.
    rest = logits.copy()
    rest[rows, top] = -np.inf
    second = rest.max(axis=1)
    with np.errstate(invalid="ignore"):
        odds[rows, top] = -(second + np.log(np.exp(rest - second[:, None]).sum(axis=1)))
    odds[rows, top] = np.where(second == -np.inf, logits[rows, top] + np.inf, odds[rows, top])  # one class alone
    return odds


def sigmoid(logits: NDArray[Any]) -> Floats:
    """A probability for each entry on its own, without overflow; NaN stays NaN."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.exp(-np.logaddexp(0.0, -logits.astype(np.float64))), dtype=np.float64)


def chosen(probabilities_NC: Floats) -> NDArray[np.int64]:
    """The most probable class of each row, NO_ANSWER for rows that are NaN."""
    if not probabilities_NC.size:
        return np.full(len(probabilities_NC), NO_ANSWER, np.int64)
    answered = np.isfinite(probabilities_NC).all(axis=1)
    best = np.argmax(np.nan_to_num(probabilities_NC, nan=-1.0), axis=1)
    return np.where(answered, best, NO_ANSWER).astype(np.int64)


def cross_entropies(logits_NC: NDArray[Any], target_N: NDArray[np.int64]) -> Floats:
    """-ln of the probability that each row's true class was given, shape (N,); NaN where the outputs are not finite."""
    logits = logits_NC.astype(np.float64)
    logits[~np.isfinite(logits).all(axis=1)] = np.nan
    if not logits.size:
        return np.zeros(0)
    top = logits.max(axis=1)
    total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return np.asarray(total - logits[np.arange(len(target_N)), target_N])


def binary_cross_entropies(logits_NC: NDArray[Any], target_NC: NDArray[Any]) -> Floats:
    """-ln of the probability given to each true answer, shape (N, C); NaN in rows whose outputs are not finite."""
    logits = logits_NC.astype(np.float64)
    logits[~np.isfinite(logits).all(axis=1)] = np.nan
    with np.errstate(invalid="ignore"):
        return np.asarray(np.logaddexp(0.0, logits) - logits * target_NC, np.float64)


def mean(values: object) -> float:
    """The mean of what is not NaN; NaN where nothing is left."""
    array = np.asarray(values, dtype=np.float64).ravel()
    array = array[~np.isnan(array)]
    return float(array.mean()) if len(array) else float("nan")
