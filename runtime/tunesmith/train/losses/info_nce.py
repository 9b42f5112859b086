"""InfoNCE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.contracts.loss import LossFunction
from tunesmith.members import Example, Loss
from tunesmith.options import Flag, Real

if TYPE_CHECKING:
    import torch

MEMBER = Loss(
    name="info-nce",
    aliases=("multiple-negatives-ranking", "mnrl", "in-batch-negatives"),
    help="How surprised the model is by the right text, among the right texts and negatives of the whole batch.",
    when="Pairs or triplets of texts that belong together: the usual choice for search. Every other row of the batch "
    "is a negative, so larger batches learn more.",
    options={
        "temperature": Real(
            0.05,
            above=0,
            help="What similarities, which lie between -1 and 1, are divided by.",
            advice="0.05 (the scale 20 of others); 0.01 to 0.02 for many rows that are hard to tell apart.",
        ),
        "symmetric": Flag(
            default=False,
            help="Look for the right anchor of each text, too, and take the mean of both.",
            advice="For texts of one kind, such as duplicates: either may be what is searched with.",
        ),
    },
    formula="mean over anchors of -ln softmax(s / temperature)[the right text], s the cosine similarities to all "
    "texts of the batch; symmetric: the mean of that and of the same from each right text to all anchors",
    source="van den Oord et al. 2018, arXiv:1807.03748; Henderson et al. 2017, arXiv:1705.00652",
    range="0 to infinity; ln C for a model to which C texts look alike",
    targets=("match",),
    worked=(
        Example(
            inputs={"prediction": [[0.5, 0.5, 0.5, 0.5]], "target": [1]},
            value=[1.38629436],
            says="all four look alike: ln 4",
        ),
        Example(
            inputs={"prediction": [[0.9, 0.8], [0.7, 0.9]], "target": [0, 1]},
            value=[0.12692801, 0.01814993],
            says="(0.9 - 0.8) / 0.05 = 2, and ln(1 + e^-2) = 0.12693; ln(1 + e^-4) = 0.01815",
        ),
        Example(
            inputs={"prediction": [[0.9, 0.8], [0.7, 0.9]], "target": [0, 1], "options": {"symmetric": True}},
            value=[0.07253897, 0.07253897],
            says="by columns ln(1 + e^-4) and ln(1 + e^-2), so the mean is the same for both rows",
        ),
    ),
)


def build(*, temperature: float, symmetric: bool) -> LossFunction:
    """The surprise at the right text of each anchor. What is no negative of an anchor has the similarity -inf."""
    import torch
    import torch.nn.functional as F

    def loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        scaled = prediction.float() / temperature
        surprise = F.cross_entropy(scaled, target, reduction="none")
        if not symmetric:
            return surprise
        back = scaled.index_select(1, target).T  # of the right texts to the anchors
        return (surprise + F.cross_entropy(back, torch.arange(len(target), device=target.device), reduction="none")) / 2

    return loss
