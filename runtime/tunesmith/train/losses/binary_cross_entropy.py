"""Binary cross-entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.contracts.loss import LossFunction
from tunesmith.members import Example, Loss
from tunesmith.options import Real
from tunesmith.train.losses.parts.binary import yes_logit

if TYPE_CHECKING:
    import torch

MEMBER = Loss(
    name="binary-cross-entropy",
    aliases=("bce",),
    help="How surprised the model is by each yes or no.",
    when="A row may carry several labels at once, or there are just two classes. The model must give raw outputs: "
    "no sigmoid before this loss.",
    options={
        "pos_weight": Real(
            1.0,
            above=0,
            help="How many times as much a target that is yes counts.",
            advice="Rows with no divided by rows with yes, where yes is rare.",
        )
    },
    formula="mean over targets, with p = 1 / (1 + exp(-z)), of -pos_weight * y * ln p - (1 - y) * ln(1 - p)",
    source="Good 1952, Rational Decisions, doi:10.1111/j.2517-6161.1952.tb00104.x",
    range="0 to infinity; ln 2 = 0.6931 for a model that knows nothing",
    targets=("classes", "class"),
    two_classes=True,
    worked=(
        Example(
            inputs={"prediction": [[0.8472978603872037]], "target": [[1.0]]},
            value=[[0.35667494]],
            says="the output is ln(0.7 / 0.3), so p = 0.7, and -ln 0.7 = 0.35667",
        ),
        Example(inputs={"prediction": [[0.0, 0.0]], "target": [1]}, value=[0.69314718], says="-ln 0.5"),
        Example(
            inputs={"prediction": [[0.0]], "target": [[1.0]], "options": {"pos_weight": 3.0}},
            value=[[2.07944154]],
            says="3 * ln 2",
        ),
    ),
)


def build(*, pos_weight: float) -> LossFunction:
    """The cross-entropy of each yes-or-no target."""
    import torch.nn.functional as F

    def loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        logit = yes_logit(prediction, target, MEMBER.name, "cross-entropy")
        yes = target.float()
        if pos_weight == 1:
            return F.binary_cross_entropy_with_logits(logit, yes, reduction="none")
        # torch takes its weight as a tensor on the device only, which would cost a copy a step.
        return -(pos_weight * yes * F.logsigmoid(logit) + (1 - yes) * F.logsigmoid(-logit))

    return loss
