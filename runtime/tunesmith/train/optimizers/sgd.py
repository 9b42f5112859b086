"""Stochastic gradient descent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.members import Example, Optimizer
from tunesmith.train.optimizers.parts.common import Groups, fused, weight_decay

if TYPE_CHECKING:
    import torch

MEMBER = Optimizer(
    name="sgd",
    help="A step against the gradient, as long as the learning rate says.",
    when="Small networks and linear models, or where memory has no room for an optimizer's state. Transformers learn "
    "far slower with it.",
    options={"weight_decay": weight_decay(0.0, "added to the gradient")},
    formula="theta <- theta - lr * g",
    source="Robbins and Monro 1951, doi:10.1214/aoms/1177729586",
    learning_rate=1e-2,
    from_scratch=1e-1,
    worked=(
        Example(
            inputs={"theta": [1.0, 2.0], "gradient": [-0.5, -1.0], "lr": 0.01},
            value=[1.005, 2.01],
            says="1 - 0.01 * -0.5 and 2 - 0.01 * -1",
        ),
    ),
)


def build(groups: Groups, lr: float, *, weight_decay: float) -> torch.optim.Optimizer:
    """Plain gradient descent over `groups`."""
    import torch

    from tunesmith.train.optimizers.parts.eager import eager

    return eager(torch.optim.SGD)(groups, lr=lr, weight_decay=weight_decay, **fused(groups))
