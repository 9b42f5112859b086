"""A method of a training step that is named and not called."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="method-not-called",
    code="TS111",
    severity="error",
    help="The method is only named: without `()` the line does nothing.",
    explanation="""\
`optimizer.zero_grad` without parentheses looks the method up and throws it away. No error tells, and the gradients are
never cleared; `model.eval` leaves the model in training mode, and `scheduler.step` the learning rate where it is.

Call it: `optimizer.zero_grad()`.""",
    bad=(
        Mistake(
            code="""\
import torch

def train(model, loader, optimizer):
    for batch, target in loader:
        optimizer.zero_grad  # TS111
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        optimizer.step()
""",
            fixed="""\
import torch

def train(model, loader, optimizer):
    for batch, target in loader:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        optimizer.step()
""",
        ),
    ),
    good=(
        """\
import torch

def train(model, loader, optimizer):
    step = optimizer.step
    for batch, target in loader:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(batch), target).backward()
        step()
""",
    ),
)
METHODS = ("zero_grad", "backward", "step", "eval", "train")


def check(module: Module) -> Iterator[Hit]:
    """Lines that are nothing but such a method's name."""
    for method in METHODS:
        for node in module.attributes.get(method, []):
            if isinstance(module.parents.get(node), ast.Expr) and not module.name(node):
                words = module.text.of(node)
                yield Hit(
                    node=node,
                    message=f"`{words}` is not called: the line does nothing",
                    fixes=edits.fix(f"Call `{words}()`", edits.append(module, node, "()")),
                )
