"""The Huber loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.contracts.loss import LossFunction
from tunesmith.members import Example, Loss
from tunesmith.options import TARGET_UNIT, Real

if TYPE_CHECKING:
    import torch

MEMBER = Loss(
    name="huber",
    help="Squared error for small errors, absolute error for large ones.",
    when="Numbers are predicted, and a few targets are wild and must not rule the fit.",
    options={
        "delta": Real(
            None,
            above=0,
            unit=TARGET_UNIT,
            help="The error at which squares turn into lines; none means one standard deviation of the targets.",
            advice="About the error you would still call ordinary.",
        )
    },
    formula="mean over targets, with e = z - y, of e^2/2 if |e| <= delta, else delta * (|e| - delta/2)",
    source="Huber 1964, doi:10.1214/aoms/1177703732",
    range="0 to infinity",
    targets=("number",),
    worked=(
        Example(inputs={"prediction": [2.0], "target": [0.0]}, value=[1.5], says="1 * (2 - 1/2)"),
        Example(inputs={"prediction": [0.5], "target": [0.0]}, value=[0.125], says="0.5^2 / 2"),
        Example(
            inputs={"prediction": [3.0], "target": [0.0], "options": {"delta": 2.0}}, value=[4.0], says="2 * (3 - 1)"
        ),
    ),
)


def build(*, delta: float | None) -> LossFunction:
    """The Huber loss of each number; `delta` is in the unit of what it compares, None stands for 1."""
    import torch.nn.functional as F

    def loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return F.huber_loss(prediction.float(), target.float(), reduction="none", delta=1.0 if delta is None else delta)

    return loss
