"""A schedule by epochs that steps in every batch."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.loaders import goes_through_data
from tunesmith.inspections.module import Module, argument
from tunesmith.inspections.training import training_loops
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="scheduler-steps-every-batch",
    code="TS118",
    severity="warning",
    help="The schedule counts epochs, and steps in every batch: the learning rate falls to nothing within an epoch.",
    explanation="""\
`StepLR(optimizer, step_size=30)` lowers the rate every 30 *calls* of `step()`. Called in every batch, it is at a
millionth of its start before the first epoch ends, and training stands still. No error tells.

Step behind the loop over the batches, or give the schedule numbers that count batches.""",
    bad=(
        Mistake(
            code="""\
import torch

def train(model, loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30)
    for epoch in range(epochs):
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(batch), target).backward()
            optimizer.step()
            scheduler.step()  # TS118
""",
            fixed="""\
import torch

def train(model, loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30)
    for epoch in range(epochs):
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(batch), target).backward()
            optimizer.step()
        scheduler.step()
""",
        ),
    ),
    good=(
        """\
import torch

def train(model, loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(loader))
    slow = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5000)
    for epoch in range(epochs):
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(batch), target).backward()
            optimizer.step()
            scheduler.step()
            slow.step()
""",
    ),
)
MOST_EPOCHS = 300  # a smaller number of calls is meant as epochs


def check(module: Module) -> Iterator[Hit]:
    """`step()` of a schedule with few steps, in every round of a loop over a loader that stands in a loop of epochs."""
    inner = training_loops(module)
    for call, schedule in module.bare_calls("step"):
        statement, loops = module.statement(call), module.loops_around(call)
        if len(loops) < 2 or statement not in loops[0].body or loops[0] not in inner:
            continue
        if not goes_through_data(module, loops[0]) or not isinstance(statement, ast.Expr):
            continue
        made = module.origin(schedule)
        if not isinstance(made, ast.Call) or not _counts_epochs(module, made):
            continue
        yield Hit(
            node=call,
            message=f"`{module.text.of(made.func)}` counts epochs here, and steps in every batch",
            fixes=edits.fix(
                "Step once an epoch",
                edits.remove_line(module, statement),
                edits.insert_after(module, loops[0], module.text.of(statement)),
            ),
        )


def _counts_epochs(module: Module, made: ast.Call) -> bool:
    """Whether a schedule's numbers are too small to be counts of batches."""
    name = module.called(made).rpartition("torch.optim.lr_scheduler.")[2]
    if name == "StepLR":
        size = module.constant(argument(made, "step_size", 1))
        return isinstance(size, int) and size <= MOST_EPOCHS
    if name == "MultiStepLR":
        given = argument(made, "milestones", 1)
        found = module.value(given) if given is not None else None
        steps = [module.constant(each) for each in found.elts] if isinstance(found, (ast.List, ast.Tuple)) else []
        return bool(steps) and all(isinstance(each, int) and each <= MOST_EPOCHS for each in steps)
    if name == "ExponentialLR":
        gamma = module.constant(argument(made, "gamma", 1))
        return isinstance(gamma, float) and gamma <= 0.97
    return False
