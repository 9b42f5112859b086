"""The hinge loss for two classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.contracts.loss import LossFunction
from tunesmith.members import Example, Loss
from tunesmith.train.losses.parts.binary import yes_logit

if TYPE_CHECKING:
    import torch

MEMBER = Loss(
    name="hinge",
    help="Nothing once an answer is right by a margin of 1, and the distance to that margin before.",
    when="There are two classes (or several yes-or-no labels) and only the decision matters: its outputs are no "
    "probabilities. With more classes take multi-class-hinge.",
    formula="mean over targets, with t = +1 for yes and -1 for no, of max(0, 1 - t * z)",
    source="Cortes and Vapnik 1995, doi:10.1007/BF00994018",
    range="0 to infinity; 1 at an output of 0",
    targets=("class", "classes"),
    two_classes=True,
    worked=(
        Example(inputs={"prediction": [[0.25]], "target": [1]}, value=[0.75], says="t = +1: 1 - 0.25"),
        Example(inputs={"prediction": [[0.25]], "target": [0]}, value=[1.25], says="t = -1: 1 + 0.25"),
        Example(
            inputs={"prediction": [[-0.5, 1.5]], "target": [1]},
            value=[0.0],
            says="two outputs: z is their difference, 2, which is beyond the margin",
        ),
    ),
)


def build() -> LossFunction:
    """The hinge loss of each yes-or-no target."""

    def loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        side = 2 * target.float() - 1
        return (1 - side * yes_logit(prediction, target, MEMBER.name, "multi-class-hinge")).clamp_min(0)

    return loss
