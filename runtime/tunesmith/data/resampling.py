"""Remedies for classes of very unequal size. numpy stands inside: `check` uses the counts alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tunesmith.randomness import stream

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


FEW_ROWS = 10
"""A class with fewer rows is weighted as if it had so many, where its weight is above LARGEST_WEIGHT."""
LARGEST_WEIGHT = 10.0


def class_weights(counts: Sequence[int]) -> list[float]:
    """Weights under which every class has the same sum: N / (K * count), with K classes that have rows (others: 0).

    A class of less than FEW_ROWS rows gets at most LARGEST_WEIGHT, or what it would get with FEW_ROWS rows if that is
    more: one mistyped label must not rule the loss.
    Source: King and Zeng 2001, doi:10.1093/oxfordjournals.pan.a004868; scikit-learn calls it "balanced".
    """
    full = balanced_weights(counts)
    floor = sum(counts) / (max(1, sum(1 for count in counts if count)) * FEW_ROWS)
    return [
        min(weight, max(LARGEST_WEIGHT, floor)) if count < FEW_ROWS else weight
        for weight, count in zip(full, counts, strict=True)
    ]


def balanced_weights(counts: Sequence[int]) -> list[float]:
    """The same without a ceiling for classes of few rows."""
    present = sum(1 for count in counts if count)
    return [sum(counts) / (present * count) if count else 0.0 for count in counts]


def counts_after(counts: Sequence[int], how: str) -> list[float]:
    """What each class counts in an epoch under the remedy `how`: its rows, or the sum of their weights."""
    present = [count for count in counts if count]
    if not present:
        return [0.0 for _ in counts]
    if how == "weighted-loss":
        return [weight * count for weight, count in zip(class_weights(counts), counts, strict=True)]
    if how in ("oversample", "undersample"):
        size = max(present) if how == "oversample" else min(present)
        return [float(size) if count else 0.0 for count in counts]
    return [float(count) for count in counts]


def resampled(labels: Sequence[int], how: str, seed: int, epoch: int) -> NDArray[np.int64]:
    """The rows of one epoch, ascending (batching shuffles them): int64, shape (M,).

    oversample: every class as often as the largest, each row as evenly as can be (all rows appear). undersample: every
    class as often as the smallest, other rows in each epoch. none, weighted-loss and focal: every row once.
    """
    import numpy as np

    label_N = np.asarray(labels)
    if how not in ("oversample", "undersample") or not len(label_N):
        return np.arange(len(label_N), dtype=np.int64)
    order_N = np.argsort(label_N, kind="stable")
    _, starts = np.unique(label_N[order_N], return_index=True)
    classes = np.split(order_N, starts[1:])
    sizes = [len(rows) for rows in classes]
    size = max(sizes) if how == "oversample" else min(sizes)
    # raw words, not permutation(): only they are promised to stay the same from one numpy version to the next
    bits = stream(seed, "resample", epoch).bit_generator
    chosen = []
    for rows in classes:
        shuffled = rows[np.argsort(bits.random_raw(len(rows)), kind="stable")]
        whole, rest = divmod(size, len(rows))
        chosen += [np.tile(rows, whole), shuffled[:rest]]
    return np.sort(np.concatenate(chosen)).astype(np.int64)
