"""A tensor that is moved to a device, and the moved copy thrown away."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.evaluation import model_calls
from tunesmith.inspections.loaders import goes_through_data
from tunesmith.inspections.module import Module, arguments, last_name
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="moved-copy-dropped",
    code="TS112",
    severity="warning",
    help="`tensor.to(device)` gives a copy, and it is not kept.",
    explanation="""\
`model.to(device)` moves the model itself. A tensor stays where it is: `to`, `cuda` and `cpu` give a copy on the device.
As a line of its own that does nothing, and the model raises "Expected all tensors to be on the same device".

Keep it: `batch = batch.to(device)`.""",
    bad=(
        Mistake(
            code="""\
import torch

def train(model, loader, optimizer, device):
    model.to(device)
    for batch, target in loader:
        batch.to(device)  # TS112
        target = target.to(device)
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(batch), target).backward()
        optimizer.step()
""",
            fixed="""\
import torch

def train(model, loader, optimizer, device):
    model.to(device)
    for batch, target in loader:
        batch = batch.to(device)
        target = target.to(device)
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(batch), target).backward()
        optimizer.step()
""",
        ),
    ),
    good=(
        """\
import torch

def train(models, loader, device):
    for name, model in models:
        model.to(device)
    for batch in loader:
        batch.to(device)  # a batch of transformers or of a graph moves itself
        print(model(batch))
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Moves of tensors as lines of their own: of known tensors, and of parts of a loader's batches."""
    for method in ("to", "cuda", "cpu"):
        for call in module.methods.get(method, []):
            owner = call.func.value if isinstance(call.func, ast.Attribute) else None
            alone = isinstance(module.parents.get(call), ast.Expr) and not module.called(call)
            if not alone or not isinstance(owner, ast.Name) or (method == "to" and not (call.args or call.keywords)):
                continue
            if method == "to" and any(_is_type(module, each) for each in arguments(call)):
                continue
            if module.is_tensor(owner) or _is_part_of_batch(module, owner):
                words = module.text.of(call)
                yield Hit(
                    node=call,
                    message=f"`{words}` gives a copy that is not kept: `{owner.id}` stays where it is",
                    fixes=edits.fix(f"Keep it in `{owner.id}`", edits.replace(module, call, f"{owner.id} = {words}")),
                )


def _is_type(module: Module, given: ast.expr) -> bool:
    """Whether a type is asked for, which the tensor may have already."""
    name = module.name(given)
    return last_name(given) == "dtype" or (name.startswith("torch.") and "device" not in name)


def _is_part_of_batch(module: Module, name: ast.Name) -> bool:
    """Whether a loop over a loader that calls a model unpacks the name from its batches."""
    for loop in module.loops_around(name):
        target = loop.target if isinstance(loop, ast.For) else None
        if not isinstance(loop, ast.For) or not isinstance(target, ast.Tuple) or not goes_through_data(module, loop):
            continue
        parts = target.elts
        if isinstance(loop.iter, ast.Call) and last_name(loop.iter.func) == "enumerate":
            parts = parts[-1].elts if isinstance(parts[-1], ast.Tuple) else []
        if any(isinstance(each, ast.Name) and each.id == name.id for each in parts):
            return any(True for _ in model_calls(module, loop))
    return False
