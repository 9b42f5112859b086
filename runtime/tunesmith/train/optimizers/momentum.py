"""Gradient descent with momentum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.members import Example, Optimizer
from tunesmith.options import Real
from tunesmith.train.optimizers.parts.common import Groups, fused, weight_decay

if TYPE_CHECKING:
    import torch

MEMBER = Optimizer(
    name="momentum",
    help="Gradient descent that keeps a share of its last step, as a ball rolls on.",
    when="Vision networks from scratch, with a schedule. Steps grow up to 1 / (1 - beta) times as long as plain "
    "descent's, so begin with a lower learning rate than for sgd.",
    options={
        "beta": Real(
            0.9,
            at_least=0,
            below=1,
            help="The share of the last step that is kept.",
            advice="0.9; 0.99 for very noisy steps.",
        ),
        "weight_decay": weight_decay(0.0, "added to the gradient"),
    },
    formula="v <- beta * v + g;  theta <- theta - lr * v   (v begins at 0; torch's convention)",
    source="Polyak 1964, doi:10.1016/0041-5553(64)90137-5",
    learning_rate=1e-3,
    from_scratch=1e-2,
    worked=(
        Example(
            inputs={"theta": [1.0, 2.0], "gradient": [-0.5, -1.0], "lr": 0.01},
            value=[1.005, 2.01],
            says="the first step is plain descent: v = g",
        ),
        Example(
            inputs={"theta": [1.0, 2.0], "gradient": [-0.5, -1.0], "lr": 0.01, "steps": 2},
            value=[1.0145, 2.029],
            says="with the same gradient again, v = 1.9 g: 1.005 + 0.0095",
        ),
    ),
)


def build(groups: Groups, lr: float, *, beta: float, weight_decay: float) -> torch.optim.Optimizer:
    """Gradient descent with momentum over `groups`."""
    import torch

    from tunesmith.train.optimizers.parts.eager import eager

    return eager(torch.optim.SGD)(groups, lr=lr, momentum=beta, weight_decay=weight_decay, **fused(groups))
