"""A running sum or list of losses that still carry their graphs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, argument, begin
from tunesmith.inspections.training import backward_calls, loss_of
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="loss-kept-with-graph",
    code="TS104",
    severity="warning",
    help="The loss is summed or collected together with the graph that made it.",
    explanation="""\
A loss is the end of its batch's graph. `total += loss` and `losses.append(loss)` keep that graph, and with the sum each
batch's hangs on the one before: memory grows with every step until there is none left.

Keep `loss.detach()`, which is the number alone and does not wait for the device, or `loss.item()`.""",
    bad=(
        Mistake(
            code="""\
import torch

def train(model, loader, optimizer):
    total = 0.0
    for batch, target in loader:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        optimizer.step()
        total += loss  # TS104
    return total / len(loader)
""",
            fixed="""\
import torch

def train(model, loader, optimizer):
    total = 0.0
    for batch, target in loader:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        optimizer.step()
        total += loss.detach()
    return total / len(loader)
""",
        ),
        Mistake(
            code="""\
from torch import nn

def train(model, loader, optimizer):
    criterion = nn.CrossEntropyLoss()
    losses = []
    for batch, target in loader:
        loss = criterion(model(batch), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss)  # TS104
    return losses
""",
            fixed="""\
from torch import nn

def train(model, loader, optimizer):
    criterion = nn.CrossEntropyLoss()
    losses = []
    for batch, target in loader:
        loss = criterion(model(batch), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return losses
""",
        ),
    ),
    good=(
        """\
import torch

def step(model, parts, optimizer):
    total = 0
    for part, target in parts:
        loss = torch.nn.functional.mse_loss(model(part), target)
        total += loss
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
""",
        """\
import torch

def train(model, loader, optimizer):
    total = 0.0
    for batch, target in loader:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        optimizer.step()
        loss = loss.detach()
        total += loss
    return total
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Names that are differentiated in a loop and, still bound to the same value, kept by the same loop."""
    for call in backward_calls(module):
        loss = loss_of(call)
        loops = module.loops_around(call)
        if not loops or not isinstance(loss, ast.Name) or argument(call, "retain_graph"):
            continue
        for kept, keeper in _kept(module, loops[0]):
            if kept.id != loss.id or module.function(kept) is not module.function(call):
                continue
            if begin(kept) < begin(call) and module.loops_around(kept) != loops:
                continue
            held = module.binding(loss)
            if held is None or held is not module.binding(kept) or _is_differentiated(module, keeper):
                continue
            yield Hit(
                node=kept,
                message=f"`{module.text.of(keeper)}` keeps the graph of every `{kept.id}`: memory grows each step",
                fixes=edits.fix(f"Keep `{kept.id}.detach()`", edits.append(module, kept, ".detach()")),
            )


def _kept(module: Module, loop: ast.AST) -> Iterator[tuple[ast.Name, ast.expr]]:
    """(value, keeper) of `keeper += value`, `keeper = keeper + value` and `keeper.append(value)` in a loop."""
    for node in module.inside(module.assignments, loop):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and isinstance(node.value, ast.Name):
            yield node.value, node.target
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and len(node.targets) == 1:
            left, right = node.value.left, node.value.right
            target = ast.unparse(node.targets[0])
            if isinstance(node.value.op, ast.Add) and isinstance(right, ast.Name) and ast.unparse(left) == target:
                yield right, node.targets[0]
    for call in module.inside(module.methods.get("append", []), loop):
        given = call.args[0] if len(call.args) == 1 else None
        if isinstance(given, ast.Name) and isinstance(call.func, ast.Attribute):
            yield given, call.func.value


def _is_differentiated(module: Module, keeper: ast.expr) -> bool:
    """Whether a backward pass goes through what is kept, or it is not a plain name or attribute."""
    if not isinstance(keeper, (ast.Name, ast.Attribute)):
        return True
    return ast.unparse(keeper) in _differentiated(module)


@lru_cache(maxsize=1)
def _differentiated(module: Module) -> set[str]:
    """The words of all that backward passes go through."""
    return {ast.unparse(loss) for call in backward_calls(module) if (loss := loss_of(call)) is not None}
