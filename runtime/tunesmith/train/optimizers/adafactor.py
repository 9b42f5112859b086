"""Adafactor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.members import Example, Optimizer
from tunesmith.options import Real
from tunesmith.train.optimizers.parts.common import Groups, weight_decay

if TYPE_CHECKING:
    import torch

MEMBER = Optimizer(
    name="adafactor",
    help="Adam's step lengths from row and column averages alone: almost no memory for its state.",
    when="Full tuning of a model whose AdamW state does not fit. Its learning rate is relative to the size of the "
    "weights, so it crawls on matrices that begin at 0: do not take it with lora.",
    options={
        "beta2_decay": Real(
            -0.8,
            below=0,
            help="How fast the average of squared gradients forgets: at step t it keeps 1 - t^beta2_decay.",
            advice="Leave it.",
        ),
        "threshold": Real(
            1.0,
            above=0,
            help="Updates whose root mean square is larger are scaled down to it.",
            advice="Leave it at 1.",
        ),
        "weight_decay": weight_decay(0.0, "each step takes off lr * weight_decay of them"),
    },
    formula="with V the outer product of row and column means of g^2 (of a vector: g^2), averages that keep "
    "1 - t^beta2_decay at step t: u = g / sqrt(V);  "
    "theta <- theta - max(0.001, rms(theta)) * min(lr, 1 / sqrt(t)) * u / max(1, rms(u) / threshold)",
    source="Shazeer and Stern 2018, arXiv:1804.04235",
    learning_rate=1e-3,
    from_scratch=1e-2,
    worked=(
        Example(
            inputs={"theta": [1.0, 2.0], "gradient": [-0.5, -1.0], "lr": 0.01},
            value=[1.01581139, 2.01581139],
            says="u is the gradient's sign, so each weight moves by 0.01 * rms(theta) = 0.01 * sqrt((1 + 4) / 2)",
        ),
    ),
)


def build(
    groups: Groups, lr: float, *, beta2_decay: float, threshold: float, weight_decay: float
) -> torch.optim.Optimizer:
    """Adafactor over `groups`, one tensor after the other: torch's foreach form needs the memory this one saves."""
    import torch

    from tunesmith.train.optimizers.parts.eager import eager

    return eager(torch.optim.Adafactor)(
        groups, lr=lr, beta2_decay=beta2_decay, d=threshold, weight_decay=weight_decay, foreach=False
    )
