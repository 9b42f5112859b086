"""The focal loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.contracts.loss import LossFunction
from tunesmith.members import Example, Loss
from tunesmith.options import Real

if TYPE_CHECKING:
    import torch

MEMBER = Loss(
    name="focal",
    help="Cross-entropy that counts rows less, the surer the model already is of them.",
    when="Most rows are easy and of one class, and the rare or hard ones are drowned out. Its probabilities are too "
    "cautious: calibrate them before you read them as such.",
    options={
        "gamma": Real(
            2.0,
            at_least=0,
            help="How strongly easy rows are turned down; 0 gives plain cross-entropy.",
            advice="1 to 3; begin with 2.",
        )
    },
    formula="mean over targets, with p the probability given to the right answer, of -(1 - p)^gamma * ln p",
    source="Lin et al. 2017, arXiv:1708.02002",
    range="0 to infinity; never above cross-entropy",
    targets=("class", "classes", "token"),
    worked=(
        Example(
            inputs={"prediction": [[0.0, 0.0]], "target": [1]},
            value=[0.17328680],
            says="p = 0.5, and (1 - 0.5)^2 * ln 2",
        ),
        Example(
            inputs={"prediction": [[0.8472978603872037]], "target": [[1.0]]},
            value=[[0.03210075]],
            says="p = 0.7, and 0.3^2 * 0.35667",
        ),
    ),
)


def build(*, gamma: float) -> LossFunction:
    """The focal loss of each class target (int64), or of each yes-or-no target (float)."""
    import torch
    import torch.nn.functional as F

    def loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        if target.is_floating_point():
            surprise = F.binary_cross_entropy_with_logits(prediction.float(), target.float(), reduction="none")
        else:
            log_p = F.log_softmax(prediction, dim=-1, dtype=torch.float32)
            surprise = F.nll_loss(log_p, target, reduction="none")
        # 1 - p without cancellation; kept above 0, where the slope of a power below 1 is infinite.
        doubt = -torch.expm1(-surprise)
        return doubt.clamp_min(torch.finfo(torch.float32).tiny) ** gamma * surprise

    return loss
