"""Nesterov's momentum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.members import Example, Optimizer
from tunesmith.options import Real
from tunesmith.train.optimizers.parts.common import Groups, fused, weight_decay

if TYPE_CHECKING:
    import torch

MEMBER = Optimizer(
    name="nesterov",
    help="Momentum that looks ahead to where it is rolling before it takes the gradient.",
    when="Wherever momentum is used; it swings less around the goal.",
    options={
        "beta": Real(
            0.9,
            above=0,
            below=1,
            help="The share of the last step that is kept.",
            advice="0.9; 0.99 for very noisy steps.",
        ),
        "weight_decay": weight_decay(0.0, "added to the gradient"),
    },
    formula="v <- beta * v + g;  theta <- theta - lr * (g + beta * v)   (v begins at 0)",
    source="Nesterov 1983; in this form Sutskever et al. 2013, proceedings.mlr.press/v28/sutskever13",
    learning_rate=1e-3,
    from_scratch=1e-2,
    worked=(
        Example(
            inputs={"theta": [1.0, 2.0], "gradient": [-0.5, -1.0], "lr": 0.01},
            value=[1.0095, 2.019],
            says="v = g, and the step is g + 0.9 g = 1.9 g",
        ),
    ),
)


def build(groups: Groups, lr: float, *, beta: float, weight_decay: float) -> torch.optim.Optimizer:
    """Gradient descent with Nesterov's momentum over `groups`."""
    import torch

    from tunesmith.train.optimizers.parts.eager import eager

    return eager(torch.optim.SGD)(
        groups, lr=lr, momentum=beta, nesterov=True, weight_decay=weight_decay, **fused(groups)
    )
