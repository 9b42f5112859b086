"""Lion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.members import Example, Optimizer
from tunesmith.train.optimizers.parts.common import Groups, beta, weight_decay

if TYPE_CHECKING:
    import torch

MEMBER = Optimizer(
    name="lion",
    help="Every weight moves by exactly the learning rate, in the direction of its averaged gradient's sign.",
    when="Large batches and half of AdamW's state. Take a third to a tenth of AdamW's learning rate and three to ten "
    "times its weight decay; with small batches the signs are mostly noise.",
    options={
        "beta1": beta(0.9, "gradients, as the step sees it", "Leave it."),
        "beta2": beta(0.99, "gradients, as it is kept", "Leave it."),
        "weight_decay": weight_decay(0.0, "each step takes off lr * weight_decay of them"),
    },
    formula="theta <- theta - lr * weight_decay * theta - lr * sign(beta1 * m + (1 - beta1) * g);  "
    "m <- beta2 * m + (1 - beta2) * g",
    source="Chen et al. 2023, arXiv:2302.06675",
    learning_rate=1e-5,
    from_scratch=1e-4,
    worked=(
        Example(
            inputs={"theta": [1.0, 2.0], "gradient": [-0.5, -1.0], "lr": 0.01},
            value=[1.01, 2.01],
            says="the sign of the gradient alone decides",
        ),
    ),
)


def build(groups: Groups, lr: float, *, beta1: float, beta2: float, weight_decay: float) -> torch.optim.Optimizer:
    """Lion over `groups`."""
    from tunesmith.train.optimizers.parts.lion_rule import Lion

    return Lion(groups, lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay)
