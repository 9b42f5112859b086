"""The hinge loss for more than two classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.contracts.loss import LossFunction
from tunesmith.members import Example, Loss
from tunesmith.options import Real

if TYPE_CHECKING:
    import torch

MEMBER = Loss(
    name="multi-class-hinge",
    help="How far each wrong class comes within a margin of the right one.",
    when="Each row has one class of several and only the decision matters: its outputs are no probabilities.",
    options={
        "margin": Real(
            1.0,
            above=0,
            help="By how much the right class must lead every other.",
            advice="Leave it at 1: another margin does little but scale the outputs.",
        )
    },
    formula="mean over targets of (sum over classes c != y of max(0, margin - z[y] + z[c])) / C",
    source="Weston and Watkins 1999, Support vector machines for multi-class pattern recognition (ESANN); "
    "divided by the number of classes C as in torch",
    range="0 to infinity; margin * (C - 1) / C where all outputs are equal",
    targets=("class",),
    worked=(
        Example(
            inputs={"prediction": [[2.0, 1.5, 0.0]], "target": [0]},
            value=[0.16666667],
            says="(max(0, 1 - 2 + 1.5) + max(0, 1 - 2 + 0)) / 3",
        ),
        Example(
            inputs={"prediction": [[0.0, 0.0, 0.0]], "target": [1], "options": {"margin": 3.0}},
            value=[2.0],
            says="(3 + 3) / 3",
        ),
    ),
)


def build(*, margin: float) -> LossFunction:
    """The multi-class hinge loss of each class target."""

    def loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        outputs = prediction.float()
        lead = outputs.gather(-1, target.unsqueeze(-1)) - outputs
        # The right class leads itself by exactly 0, so it adds exactly one margin, which is taken off again.
        return ((margin - lead).clamp_min(0).sum(-1) - margin) / outputs.shape[-1]

    return loss
