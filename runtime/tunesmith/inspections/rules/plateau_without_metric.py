"""A schedule that follows a metric, stepped without it."""

from __future__ import annotations

from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="plateau-without-metric",
    code="TS117",
    severity="error",
    help="`ReduceLROnPlateau` steps by a metric, and is given none.",
    explanation="""\
`ReduceLROnPlateau` lowers the learning rate when a metric has not improved for some epochs. It must be told the metric:
`scheduler.step()` alone raises "missing 1 required positional argument: 'metrics'", at the end of the first epoch.

Hand it the validation loss: `scheduler.step(validation_loss)`.""",
    bad=(
        Mistake(
            code="""\
import torch

def train(model, loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
    for epoch in range(epochs):
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(batch), target).backward()
            optimizer.step()
        scheduler.step()  # TS117
""",
        ),
    ),
    good=(
        """\
import torch

def train(model, optimizer, losses):
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
    for loss in losses:
        scheduler.step(loss)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10)
    scheduler.step()
""",
    ),
)
PLATEAU = "torch.optim.lr_scheduler.ReduceLROnPlateau"


def check(module: Module) -> Iterator[Hit]:
    """`step()` without arguments of what is surely such a schedule."""
    for call, schedule in module.bare_calls("step"):
        if module.kind(schedule) == PLATEAU:
            words = module.text.of(call)
            yield Hit(node=call, message=f"`{words}` raises: this schedule must be given the metric that it follows")
