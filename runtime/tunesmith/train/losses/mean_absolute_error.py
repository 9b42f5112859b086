"""Mean absolute error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.contracts.loss import LossFunction
from tunesmith.members import Example, Loss

if TYPE_CHECKING:
    import torch

MEMBER = Loss(
    name="mean-absolute-error",
    aliases=("mae",),
    help="The distance between the prediction and the number it should be, averaged.",
    when="Every unit of error costs the same, and wild targets must not count more than others. It aims at the "
    "median, not the mean; near the goal its steps do not get smaller, so let the learning rate fall.",
    formula="mean over targets of |z - y|",
    source="Boscovich 1757; Koenker and Bassett 1978, doi:10.2307/1913643",
    range="0 to infinity, in the unit of the target",
    targets=("number",),
    worked=(
        Example(inputs={"prediction": [3.0, 1.0], "target": [1.5, 2.0]}, value=[1.5, 1.0], says="their mean is 1.25"),
    ),
)


def build() -> LossFunction:
    """The absolute error of each number."""
    import torch.nn.functional as F

    def loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return F.l1_loss(prediction.float(), target.float(), reduction="none")

    return loss
