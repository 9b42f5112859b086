"""Mean squared error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.contracts.loss import LossFunction
from tunesmith.members import Example, Loss

if TYPE_CHECKING:
    import torch

MEMBER = Loss(
    name="mean-squared-error",
    aliases=("mse",),
    help="The squared distance between the prediction and the number it should be, averaged.",
    when="Numbers are predicted and a large error is far worse than two of half its size. A single wild target can "
    "rule the fit: then take huber.",
    formula="mean over targets of (z - y)^2   (the mean, as torch's; not half the sum)",
    source="Legendre 1805, Nouvelles méthodes pour la détermination des orbites des comètes",
    range="0 to infinity; 0 where every prediction is exact",
    targets=("number", "similarity"),
    worked=(
        Example(inputs={"prediction": [3.0], "target": [1.5]}, value=[2.25], says="(3 - 1.5)^2"),
        Example(inputs={"prediction": [1.0, 2.0], "target": [0.0, 4.0]}, value=[1.0, 4.0], says="their mean is 2.5"),
    ),
)


def build() -> LossFunction:
    """The squared error of each number."""
    import torch.nn.functional as F

    def loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return F.mse_loss(prediction.float(), target.float(), reduction="none")

    return loss
