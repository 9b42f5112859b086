"""A loss of a prediction that was cut off from the model."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.losses import loss_calls
from tunesmith.inspections.module import Module
from tunesmith.inspections.training import backward_calls, loss_of
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="loss-without-gradient",
    code="TS305",
    severity="error",
    help="The loss is differentiated, but its prediction was cut off from the model before.",
    explanation="""\
`argmax`, `detach`, `item` and `.data` give values without a graph: no gradient can flow back through them. A loss of
such a prediction raises "element 0 of tensors does not require grad" in `backward()`, or trains only what else it
depends on.

Hand the loss the raw scores, and keep `argmax` for the accuracy.""",
    bad=(
        Mistake(
            code="""\
import torch.nn.functional as F

def train(model, loader, optimizer):
    for batch, labels in loader:
        optimizer.zero_grad()
        best = model(batch).argmax(dim=1).float()
        loss = F.mse_loss(best, labels)  # TS305
        loss.backward()
        optimizer.step()
""",
        ),
    ),
    good=(
        """\
import torch.nn.functional as F

def train(model, teacher, loader, optimizer):
    for batch, labels in loader:
        optimizer.zero_grad()
        scores = model(batch)
        right = (scores.argmax(dim=1) == labels).sum()
        loss = F.cross_entropy(scores, labels)
        loss.backward()
        optimizer.step()
        print(right, F.cross_entropy(scores.detach(), labels))
""",
        """\
import torch.nn.functional as F

def critic_step(critic, value, states, optimizer):
    optimizer.zero_grad()
    loss = F.mse_loss(value.detach(), critic(states))
    loss.backward()
    optimizer.step()
""",
    ),
)
CUTS = frozenset({"argmax", "detach", "item", "argmin", "argsort"})
KEEPS = frozenset({"float", "double", "to", "view", "reshape", "squeeze", "unsqueeze", "long", "cuda", "cpu"})


def check(module: Module) -> Iterator[Hit]:
    """Losses with a cut-off prediction and a target that is data, on which `backward()` is called."""
    calls = {loss.call: loss for loss in loss_calls(module)}
    if not calls:
        return
    for call in backward_calls(module):
        differentiated = loss_of(call)
        value = module.value(differentiated) if differentiated is not None else None
        loss = calls.get(value) if isinstance(value, ast.Call) else None
        if loss is None:
            continue
        cut = _cut(module, loss.prediction)
        if cut and _is_data(module, loss.target):
            yield Hit(
                node=loss.prediction,
                message=f"no gradient flows back through `{cut}`: `backward()` (line {call.lineno}) misses the model",
            )


def _cut(module: Module, node: ast.expr) -> str:
    """The method that takes a value out of the graph, if one surely does."""
    for _ in range(8):
        value = module.value(node)
        if isinstance(value, ast.Attribute) and value.attr == "data":
            return "data"
        if not isinstance(value, ast.Call):
            return ""
        if module.called(value) in ("torch.argmax", "torch.argmin"):
            return value.func.attr if isinstance(value.func, ast.Attribute) else "argmax"
        if not isinstance(value.func, ast.Attribute) or module.called(value):
            return ""
        if value.func.attr in CUTS:
            return value.func.attr
        if value.func.attr not in KEEPS:
            return ""
        node = value.func.value
    return ""


def _is_data(module: Module, target: ast.expr) -> bool:
    """A loop's variable, or such moved or converted: nothing that a model has computed."""
    value = module.value(target)
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in KEEPS:
        value = module.value(value.func.value)
    found = module.scopes[value].find(value.id) if isinstance(value, ast.Name) else None
    if found is None or len(found[1]) != 1 or found[1][0].way != "other":
        return False
    loops = module.loops_around(target)
    stored = [node for loop in loops if isinstance(loop, ast.For) for node in ast.walk(loop.target)]
    return any(isinstance(node, ast.Name) and isinstance(value, ast.Name) and node.id == value.id for node in stored)
