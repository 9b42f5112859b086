"""A softmax over the rows of the batch instead of the classes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.loaders import goes_through_data, loop_names
from tunesmith.inspections.losses import ending, loss_calls
from tunesmith.inspections.module import Module, argument, names_in
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="softmax-over-the-batch",
    code="TS308",
    severity="warning",
    help="The softmax runs over the rows of the batch instead of the classes.",
    explanation="""\
Scores of a batch have the shape (rows, classes). With `dim=0` the softmax makes the *rows* of a class sum to 1: each
row's answer depends on the rest of the batch, and one row alone gets the probability 1 for every class. It runs
without an error, and learns little.

Write `dim=1`, or `dim=-1` for the last dimension.""",
    bad=(
        Mistake(
            code="""\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return F.log_softmax(self.fc(x), dim=0)  # TS308

def train(loader, optimizer):
    net = Net()
    for batch, labels in loader:
        optimizer.zero_grad()
        F.nll_loss(net(batch), labels).backward()
        optimizer.step()
""",
            fixed="""\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return F.log_softmax(self.fc(x), dim=1)

def train(loader, optimizer):
    net = Net()
    for batch, labels in loader:
        optimizer.zero_grad()
        F.nll_loss(net(batch), labels).backward()
        optimizer.step()
""",
        ),
    ),
    good=(
        """\
import torch
import torch.nn.functional as F

def pool(weights, values):
    # over the places of a sequence
    return (F.softmax(weights, dim=0) * values).sum(dim=0)

def train(model, loader, optimizer):
    for batch, labels in loader:
        optimizer.zero_grad()
        F.nll_loss(F.log_softmax(model(batch), dim=1), labels).backward()
        optimizer.step()
""",
    ),
)
ENDINGS = ("softmax", "log_softmax")


def check(module: Module) -> Iterator[Hit]:
    """Losses of the batches of a loader whose prediction comes out of a softmax over dimension 0."""
    seen: set[ast.AST] = set()
    for loss in loss_calls(module):
        loops = [loop for loop in module.loops_around(loss.call) if goes_through_data(module, loop)]
        batch = {name for loop in loops for name in loop_names(loop)}
        single = "unsqueeze" in module.text.of(loss.prediction)
        found = ending(module, loss.prediction) if batch & names_in(loss.target) and not single else None
        if found is None or found.name not in ENDINGS or found.call in seen:
            continue
        dimension = _dimension(module, found.call)
        if dimension is not None and module.constant(dimension) == 0:
            seen.add(found.call)
            yield Hit(
                node=dimension,
                message=f"this {found.name} runs over the rows of the batch, not over the classes",
                fixes=edits.fix("Use `1`", edits.replace(module, dimension, "1"))
                if isinstance(dimension, ast.Constant)
                else (),
            )


def _dimension(module: Module, call: ast.AST) -> ast.expr | None:
    """The `dim` of a softmax: of the function, the method, or the layer."""
    if not isinstance(call, ast.Call):
        return None
    layer = module.origin(call.func)
    if isinstance(layer, ast.Call):
        return argument(layer, "dim", 0)
    of_layer = module.called(call).startswith("torch.nn.") and not module.called(call).startswith("torch.nn.functional")
    is_function = bool(module.called(call)) and not of_layer
    return argument(call, "dim", 1 if is_function else 0)
