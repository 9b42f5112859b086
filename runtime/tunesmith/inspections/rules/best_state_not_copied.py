"""The best weights kept as a view of the weights that go on training."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, argument, last_name
from tunesmith.inspections.training import backward_calls, called_here
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="best-state-not-copied",
    code="TS113",
    severity="warning",
    help="`state_dict()` is kept and not copied: training goes on changing the best weights.",
    explanation="""\
`model.state_dict()` gives the parameters themselves, not their values. Kept from the best epoch, it shows the weights
of the last epoch when it is loaded at the end: nothing is restored, and early stopping is in vain. No error tells.

Copy the values, with `copy.deepcopy(model.state_dict())` or `clone()`, or save them to a file.""",
    bad=(
        Mistake(
            code="""\
import torch

def fit(model, loader, optimizer, validate):
    best = float("inf")
    for epoch in range(20):
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(batch), target).backward()
            optimizer.step()
        score = validate(model)
        if score < best:
            best = score
            best_weights = model.state_dict()  # TS113
    model.load_state_dict(best_weights)
""",
            fixed="""\
import torch

def fit(model, loader, optimizer, validate):
    best = float("inf")
    for epoch in range(20):
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(batch), target).backward()
            optimizer.step()
        score = validate(model)
        if score < best:
            best = score
            best_weights = {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(best_weights)
""",
        ),
    ),
    good=(
        """\
import copy

import torch

def fit(model, loader, optimizer, validate, path):
    best = float("inf")
    for epoch in range(20):
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(batch), target).backward()
            optimizer.step()
        score = validate(model)
        if score < best:
            best = score
            best_weights = copy.deepcopy(model.state_dict())
            state = model.state_dict()
            torch.save(state, path)
    model.load_state_dict(best_weights)
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """`NAME = X.state_dict()` in a loop that trains, where NAME is loaded behind that loop."""
    for node in module.assignments:
        value = node.value
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        if not isinstance(value, ast.Call) or not isinstance(target, (ast.Name, ast.Attribute)):
            continue
        if not isinstance(value.func, ast.Attribute) or value.func.attr != "state_dict" or value.args or value.keywords:
            continue
        loops = module.loops_around(node)
        if not loops or not _trains(module, loops[-1]) or not _is_loaded_behind(module, target, loops[-1]):
            continue
        words = module.text.of(value)
        yield Hit(
            node=value,
            message=f"`{words}` gives the weights that go on training, not a copy of their values",
            fixes=edits.fix(
                "Copy the values",
                edits.replace(module, value, f"{{name: value.clone() for name, value in {words}.items()}}"),
            ),
        )


def _trains(module: Module, loop: ast.AST) -> bool:
    """Whether the loop trains, in itself or in what it calls here."""
    parts = (loop, *called_here(module, loop))
    passes = backward_calls(module)
    named = [last_name(node.func) for node in ast.walk(loop) if isinstance(node, ast.Call)]
    return any(module.within(call, part) for part in parts for call in passes) or any("train" in each for each in named)


def _is_loaded_behind(module: Module, target: ast.expr, loop: ast.stmt) -> bool:
    """Whether `load_state_dict(NAME)` stands behind the loop, in the same function."""
    name, end = ast.unparse(target), loop.end_lineno or loop.lineno
    for call in module.methods.get("load_state_dict", []):
        given = argument(call, "state_dict", 0)
        if given is not None and call.lineno > end and ast.unparse(given) == name:
            return module.function(call) is module.function(loop)
    return False
