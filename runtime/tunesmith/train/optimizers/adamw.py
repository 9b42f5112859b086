"""AdamW."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.members import Example, Optimizer
from tunesmith.train.optimizers.parts.common import Groups, adam, beta, epsilon, weight_decay

if TYPE_CHECKING:
    import torch

MEMBER = Optimizer(
    name="adamw",
    help="Adam with weight decay that works on the weights themselves.",
    when="The usual choice for pretrained models. It keeps two more numbers for each weight that is tuned; where that "
    "is too much, take adafactor, or a method such as lora.",
    options={
        "beta1": beta(0.9, "gradients", "Leave it."),
        "beta2": beta(0.999, "squared gradients", "0.95 to 0.98 if the loss jumps in long runs."),
        "epsilon": epsilon(),
        "weight_decay": weight_decay(0.01, "each step takes off lr * weight_decay of them"),
    },
    formula="theta <- theta - lr * weight_decay * theta, then Adam's step: m <- beta1 * m + (1 - beta1) * g;  "
    "v <- beta2 * v + (1 - beta2) * g^2;  "
    "theta <- theta - lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)",
    source="Loshchilov and Hutter 2017, arXiv:1711.05101",
    learning_rate=5e-5,
    from_scratch=1e-3,
    worked=(
        Example(
            inputs={"theta": [1.0, 2.0], "gradient": [-0.5, -1.0], "lr": 0.01},
            value=[1.0099, 2.0098],
            says="0.01 * 0.01 of each weight is taken off, then Adam's first step adds 0.01",
        ),
        Example(
            inputs={"theta": [1.0, 2.0], "gradient": [-0.5, -1.0], "lr": 0.01, "options": {"weight_decay": 0.0}},
            value=[1.01, 2.01],
            says="without weight decay it is Adam",
        ),
    ),
)


def build(
    groups: Groups, lr: float, *, beta1: float, beta2: float, epsilon: float, weight_decay: float
) -> torch.optim.Optimizer:
    """AdamW over `groups`."""
    return adam(
        groups, lr=lr, betas=(beta1, beta2), eps=epsilon, weight_decay=weight_decay, decoupled_weight_decay=True
    )
