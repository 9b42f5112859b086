"""RMSprop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.members import Example, Optimizer
from tunesmith.train.optimizers.parts.common import Groups, beta, epsilon, weight_decay

if TYPE_CHECKING:
    import torch

MEMBER = Optimizer(
    name="rmsprop",
    help="Gradient descent that divides each weight's gradient by its usual size.",
    when="Recurrent networks and old recipes that name it. Its first steps are up to 1 / sqrt(1 - alpha) = 10 times "
    "the learning rate, as nothing corrects its average's start at 0: warm up, or take adam.",
    options={
        "alpha": beta(0.99, "squared gradients", "0.9 to 0.99."),
        "epsilon": epsilon(),
        "weight_decay": weight_decay(0.0, "added to the gradient"),
    },
    formula="v <- alpha * v + (1 - alpha) * g^2;  theta <- theta - lr * g / (sqrt(v) + epsilon)",
    source="Tieleman and Hinton 2012, Neural Networks for Machine Learning, lecture 6.5",
    learning_rate=5e-5,
    from_scratch=1e-3,
    worked=(
        Example(
            inputs={"theta": [1.0, 2.0], "gradient": [-0.5, -1.0], "lr": 0.01},
            value=[1.1, 2.1],
            says="v = 0.01 g^2, so the step is 0.01 * g / (0.1 |g|) = 0.1 against the sign",
        ),
    ),
)


def build(groups: Groups, lr: float, *, alpha: float, epsilon: float, weight_decay: float) -> torch.optim.Optimizer:
    """RMSprop over `groups`."""
    import torch

    from tunesmith.train.optimizers.parts.eager import eager

    return eager(torch.optim.RMSprop)(groups, lr=lr, alpha=alpha, eps=epsilon, weight_decay=weight_decay)
