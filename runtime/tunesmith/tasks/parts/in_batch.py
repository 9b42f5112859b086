"""The loss of texts that belong together, of a whole batch. B rows, K texts a row, D numbers of a vector, C candidates.

The texts of a row are the anchor, the positive and the negatives. Candidates are all positives, then all negatives.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from tunesmith.errors import Place, TunesmithError
from tunesmith.tasks.parts.pooling import cosines

if TYPE_CHECKING:
    from tunesmith.contracts.loss import LossFunction
    from tunesmith.data.features import Features


def match_loss(
    vectors_BKD: torch.Tensor, no_negative_BC: torch.Tensor, loss: LossFunction, sizes: Sequence[int]
) -> torch.Tensor:
    """The sum over the rows of `loss`, which gets the similarities of each anchor to all candidates (-inf for what is
    no negative of it) and the place of its positive; the mean over the `sizes` to which vectors are cut, if any."""
    target = torch.arange(len(vectors_BKD), device=vectors_BKD.device)
    total = vectors_BKD.new_zeros(())
    for cut in _cut(vectors_BKD, sizes):
        candidates = torch.cat([cut[:, 1], cut[:, 2:].flatten(0, 1)])
        total = total + loss(cosines(cut[:, 0], candidates).masked_fill(no_negative_BC, -torch.inf), target).sum()
    return total / max(1, len(sizes))


def score_loss(
    vectors_BKD: torch.Tensor, score_B: torch.Tensor, loss: LossFunction, sizes: Sequence[int]
) -> torch.Tensor:
    """The sum over the rows of `loss`, which gets the similarity of each pair and its score; the mean over `sizes`."""
    total = vectors_BKD.new_zeros(())
    for cut in _cut(vectors_BKD, sizes):
        total = total + loss(F.cosine_similarity(cut[:, 0], cut[:, 1], dim=-1), score_B).sum()
    return total / max(1, len(sizes))


def _cut(vectors_BKD: torch.Tensor, sizes: Sequence[int]) -> list[torch.Tensor]:
    """Kusupati et al. 2022, arXiv:2205.13147 (Matryoshka): the first numbers alone must do, too."""
    if sizes and max(sizes) > vectors_BKD.shape[-1]:
        raise TunesmithError(
            "data.size-too-large",
            f"the model's vectors have {vectors_BKD.shape[-1]} numbers, so they cannot be cut to more",
            place=Place(key="data.sizes"),
            found=str(max(sizes)),
            hint=f"write {vectors_BKD.shape[-1]} for whole vectors, and smaller numbers beside it",
        )
    return [vectors_BKD[..., :size] for size in sizes] or [vectors_BKD]


class RightTexts:
    """Which texts are right for which anchor, in all rows of the features seen last. Texts are told apart by numbers,
    0 for none."""

    def __init__(self) -> None:
        self._seen: Features | None = None
        self._several: dict[int, NDArray[np.int64]] = {}

    def no_negatives(self, features: Features, samples: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Shape (B, C): the candidates that must not count against an anchor: the anchor itself, every text that any
        row has as its positive, and what is no text. The row's own positive is what is asked for: never marked."""
        texts_BK = np.asarray(features["text"])[samples]
        if "mined" in features:  # rows whose positive is a negative here
            mined = np.asarray(features["mined"])[samples]
            texts_BK = np.hstack([texts_BK, np.where(mined < 0, 0, np.asarray(features["text"])[mined, 1])])
        anchor, positive = texts_BK[:, 0], texts_BK[:, 1]
        candidates = np.concatenate([positive, texts_BK[:, 2:].reshape(-1)])
        found = (candidates == positive[:, None]) | (candidates == anchor[:, None]) | (candidates == 0)
        several = self._with_several(features)
        for row, text in enumerate(anchor.tolist()):
            if text in several:
                found[row] |= np.isin(candidates, several[text])
        own = np.arange(len(samples))
        found[own, own] = False
        return np.asarray(found)

    def _with_several(self, features: Features) -> dict[int, NDArray[np.int64]]:
        """The positives of every anchor that has more than one."""
        if self._seen is not features:
            pairs = np.unique(np.asarray(features["text"])[:, :2], axis=0)
            anchors, begins, counts = np.unique(pairs[:, 0], return_index=True, return_counts=True)
            many = counts > 1
            self._several = {
                int(anchor): pairs[begin : begin + count, 1]
                for anchor, begin, count in zip(anchors[many], begins[many], counts[many], strict=True)
            }
            self._seen = features
        return self._several
