"""A loop that steps but never clears the gradients."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, last_name
from tunesmith.inspections.training import (
    called_here,
    mentions,
    optimizer_steps,
    steps_inside,
    training_loops,
)
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="gradients-never-cleared",
    code="TS101",
    severity="warning",
    help="The loop steps the optimizer but never sets the gradients back to zero.",
    explanation="""\
`backward()` adds to the gradients that are already there. Without `optimizer.zero_grad()` each step follows the sum of
all batches since the start: the steps grow, and training diverges or wanders.

Clear the gradients once for each step, before the backward pass or right after the step. Gradient accumulation is no
exception: it clears them after each step too, only less often.""",
    bad=(
        Mistake(
            code="""\
import torch

model = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for batch, target in batches:
    loss = torch.nn.functional.cross_entropy(model(batch), target)
    loss.backward()
    optimizer.step()  # TS101
""",
            fixed="""\
import torch

model = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for batch, target in batches:
    loss = torch.nn.functional.cross_entropy(model(batch), target)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
""",
        ),
        Mistake(
            code="""\
import torch

def train(model, loader, optimizer, accumulate):
    for number, (batch, target) in enumerate(loader):
        loss = torch.nn.functional.mse_loss(model(batch), target) / accumulate
        loss.backward()
        if (number + 1) % accumulate == 0:
            optimizer.step()  # TS101
""",
            fixed="""\
import torch

def train(model, loader, optimizer, accumulate):
    for number, (batch, target) in enumerate(loader):
        loss = torch.nn.functional.mse_loss(model(batch), target) / accumulate
        loss.backward()
        if (number + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
""",
        ),
        Mistake(
            code="""\
import torch

def train(model, loader, optimizer, epochs):
    for epoch in range(epochs):
        optimizer.zero_grad()
        for batch, target in loader:
            loss = torch.nn.functional.mse_loss(model(batch), target)
            loss.backward()
            optimizer.step()  # TS101
""",
            fixed="""\
import torch

def train(model, loader, optimizer, epochs):
    for epoch in range(epochs):
        optimizer.zero_grad()
        for batch, target in loader:
            loss = torch.nn.functional.mse_loss(model(batch), target)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
""",
        ),
    ),
    good=(
        """\
import torch

def train(model, loader, optimizer):
    for batch, target in loader:
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        optimizer.step()
        model.zero_grad(set_to_none=True)
""",
        """\
import torch

def clear(parameters):
    for parameter in parameters:
        parameter.grad = None

def train(model, loader, optimizer):
    for batch, target in loader:
        clear(model.parameters())
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        optimizer.step()
""",
    ),
)
CLEARS = ("zero_grad", "zero_grads", "clear_grad", "grad")


def check(module: Module) -> Iterator[Hit]:
    """Training loops in which, and in what is called there, nothing touches the gradients. In the rest of the function
    only `zero_grad()` does not count: there it clears them once for many steps."""
    for loop in training_loops(module):
        if any(mentions(module, CLEARS, each) for each in (loop, *called_here(module, loop))):
            continue
        around: ast.AST = module.function(loop) or module.tree
        outside = [each for name in CLEARS for each in module.inside(module.attributes.get(name, []), around)]
        once = [call for each in outside if (call := _clearing(module, each, around)) is not None]
        if len(once) < len(outside) or any(_may_clear(call) for call in module.inside(module.calls, loop)):
            continue
        for call in steps_inside(module, loop):
            statement = module.statement(call)
            name = module.text.of(optimizer_steps(module)[call])
            often = f"only in line {once[0].lineno}, outside of this loop" if once else "never"
            yield Hit(
                node=call,
                message=f"`{name}` steps here, but its gradients are set back to zero {often}",
                fixes=edits.fix(
                    f"Add `{name}.zero_grad()`",
                    edits.insert_after(module, statement, f"{name}.zero_grad()")
                    if isinstance(statement, ast.Expr)
                    else None,
                ),
            )


def _clearing(module: Module, node: ast.Attribute, around: ast.AST) -> ast.Call | None:
    """`X.zero_grad()` in the function's own body."""
    call = module.parents.get(node)
    own = module.function(node) is (around if around is not module.tree else None)
    return call if isinstance(call, ast.Call) and node.attr == "zero_grad" and own else None


def _may_clear(call: ast.Call) -> bool:
    """A call in the loop whose name says that it clears gradients, wherever it is defined."""
    name = last_name(call.func)
    return "zero" in name and "grad" in name
