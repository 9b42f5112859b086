"""Adam."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.members import Example, Optimizer
from tunesmith.train.optimizers.parts.common import Groups, adam, beta, epsilon, weight_decay

if TYPE_CHECKING:
    import torch

MEMBER = Optimizer(
    name="adam",
    help="Every weight takes steps of its own length, from moving averages of its gradient and of its square.",
    when="A good first choice for networks from scratch. With weight decay take adamw: here the decay is divided away "
    "where gradients are large.",
    options={
        "beta1": beta(0.9, "gradients", "Leave it."),
        "beta2": beta(0.999, "squared gradients", "0.95 to 0.98 if the loss jumps in long runs."),
        "epsilon": epsilon(),
        "weight_decay": weight_decay(0.0, "added to the gradient"),
    },
    formula="m <- beta1 * m + (1 - beta1) * g;  v <- beta2 * v + (1 - beta2) * g^2;  "
    "theta <- theta - lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon), at step t = 1, 2, ...",
    source="Kingma and Ba 2014, arXiv:1412.6980",
    learning_rate=5e-5,
    from_scratch=1e-3,
    worked=(
        Example(
            inputs={"theta": [1.0, 2.0], "gradient": [-0.5, -1.0], "lr": 0.01},
            value=[1.01, 2.01],
            says="the first step moves each weight by the learning rate against its gradient's sign: corrected for "
            "their start at 0, m is g and the root of v is |g|",
        ),
    ),
)


def build(
    groups: Groups, lr: float, *, beta1: float, beta2: float, epsilon: float, weight_decay: float
) -> torch.optim.Optimizer:
    """Adam over `groups`."""
    return adam(
        groups, lr=lr, betas=(beta1, beta2), eps=epsilon, weight_decay=weight_decay, decoupled_weight_decay=False
    )
