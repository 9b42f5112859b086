"""Texts that the untuned model takes for right and that no row knows to be: negatives that are hard to tell apart.

N rows, A distinct anchors, C distinct positives, n negatives a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tunesmith.judged import plural
from tunesmith.randomness import stream
from tunesmith.scores.rankings import AT_ONCE, similarities

if TYPE_CHECKING:
    from tunesmith.data.features import Features

BELOW = 0.95
"""Of the similarity of the right text: what is nearer is likely to be right, too (Moreira et al. 2024,
arXiv:2407.15831)."""
DRAWN_FROM = 3
"""Times as many texts as are wanted are drawn from: the nearest alone would be the ones most often right."""


def mined(outputs: NDArray[np.float32], features: Features, *, count: int, seed: int) -> NDArray[np.int64]:
    """For each row `count` rows whose positive is a hard negative for its anchor, -1 where there are no more: (N, n).

    `outputs` (N, K, D) are the untuned model's vectors. Never a text that any row has as positive of the anchor, nor
    the anchor itself. The draw of a row is decided by `seed` and its number.
    """
    texts = np.asarray(features["text"], np.int64)
    anchors, asked, anchor_of = np.unique(texts[:, 0], return_index=True, return_inverse=True)
    positives, row_of, positive_of = np.unique(texts[:, 1], return_index=True, return_inverse=True)
    pairs = np.unique(np.stack([anchor_of, positive_of], axis=1), axis=0)
    found = np.full((len(texts), count), -1, np.int64)
    rows_by_anchor = np.argsort(anchor_of, kind="stable")
    owners = anchor_of[rows_by_anchor]
    step = max(1, AT_ONCE // len(positives))
    for begin in range(0, len(anchors), step):
        end = min(begin + step, len(anchors))
        near = similarities(outputs[asked[begin:end], 0], outputs[row_of, 1])
        right = near.copy()
        known = pairs[(pairs[:, 0] >= begin) & (pairs[:, 0] < end)]
        near[known[:, 0] - begin, known[:, 1]] = -np.inf
        near[anchors[begin:end, None] == positives] = -np.inf
        most = min(count * DRAWN_FROM, len(positives))
        for row in rows_by_anchor[np.searchsorted(owners, begin) : np.searchsorted(owners, end)].tolist():
            at = anchor_of[row] - begin
            limit = right[at, positive_of[row]]
            below = near[at] < limit - (1 - BELOW) * abs(limit)
            usable = np.flatnonzero(below & np.isfinite(near[at]))
            nearest = usable[np.argsort(-near[at, usable], kind="stable")[:most]]
            drawn = stream(seed, "hard negatives", row).permutation(nearest)[:count]
            found[row, : len(drawn)] = row_of[drawn]
    return found


def mined_note(features: Features) -> str:
    """How many were found, and that some may be right."""
    found = np.asarray(features["mined"])
    there = int((found >= 0).sum())
    return (
        f"{there:,} of {plural(found.size, 'hard negative')} that the job asks for were found by the untuned model; "
        "nobody has looked at them, so some may be right for their anchor after all"
    )
