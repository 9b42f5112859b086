"""A tensor's `.data` read where `.detach()` is meant."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.evaluation import without_gradients
from tunesmith.inspections.layers import KEEPS
from tunesmith.inspections.module import Module
from tunesmith.inspections.names import PARAMETRIC
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="data-instead-of-detach",
    code="TS505",
    severity="info",
    help="`.data` cuts a tensor off its graph without the checks that `.detach()` has.",
    explanation="""\
Both give the same memory without the graph. But where such a tensor is changed in place and the graph needs the old
values, `.detach()` makes the backward pass raise, and `.data` makes it compute wrong gradients without a word. Torch
keeps `.data` only for old code.

Only reading is found: `weight.data.normal_()` and `weight.data = ...` change a tensor on purpose.""",
    bad=(
        Mistake(
            code="""\
import torch

def accuracy(model: torch.nn.Module, batch, labels):
    scores = torch.nn.functional.softmax(model(batch), dim=1)
    _, best = torch.max(scores.data, 1)  # TS505
    return (best == labels).sum()
""",
            fixed="""\
import torch

def accuracy(model: torch.nn.Module, batch, labels):
    scores = torch.nn.functional.softmax(model(batch), dim=1)
    _, best = torch.max(scores.detach(), 1)
    return (best == labels).sum()
""",
        ),
        Mistake(
            code="""\
from torch import nn

def train(model, loader, optimizer):
    criterion = nn.CrossEntropyLoss()
    total = 0.0
    for batch, labels in loader:
        loss = criterion(model(batch), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.data  # TS505
    return total
""",
            fixed="""\
from torch import nn

def train(model, loader, optimizer):
    criterion = nn.CrossEntropyLoss()
    total = 0.0
    for batch, labels in loader:
        loss = criterion(model(batch), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach()
    return total
""",
        ),
    ),
    good=(
        """\
import torch
from torch import nn

def prepare(layer: nn.Linear, batch):
    layer.weight.data.normal_(0, 0.02)
    layer.bias.data = torch.zeros(4)
    table = batch.data
    return table, nn.Dropout(0.5)(torch.ones(4)).data
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Reads of `.data` of what a model, a loss or a torch function gave; where it is written too, it is on purpose."""
    reads = module.attributes.get("data", [])
    written = {(module.function(node), ast.unparse(node)) for node in reads if _is_changed(module, node)}
    for node in reads:
        on_purpose = (module.function(node), ast.unparse(node)) in written
        in_vain = _asks_for_form(module, node) or without_gradients(module, node)
        if on_purpose or in_vain or isinstance(node.value, ast.Attribute) or not _has_graph(module, node.value):
            continue
        words = module.text.of(node.value)
        yield Hit(
            node=node,
            message=f"`{words}.data` hides errors that `{words}.detach()` would report",
            # Under a name of its own it may be changed in place further on, which `detach()` would report.
            fixes=edits.fix(
                "Use `.detach()`",
                edits.replace_attribute(module, node, "detach()"),
                is_safe=not isinstance(module.parents.get(node), ast.Assign),
            ),
        )


def _asks_for_form(module: Module, node: ast.Attribute) -> bool:
    """`X.data.dtype` and the like, which read no value."""
    parent = module.parents.get(node)
    return isinstance(parent, ast.Attribute) and parent.attr in ("dtype", "shape", "device", "size", "numel", "is_cuda")


def _has_graph(module: Module, node: ast.expr, depth: int = 0) -> bool:
    """What a model or a loss gave, or what torch made of that, with gradients on."""
    value = module.value(node)
    if depth > 8 or without_gradients(module, value):
        return False
    if isinstance(value, ast.BinOp):
        return any(_has_graph(module, each, depth + 1) for each in (value.left, value.right))
    if not isinstance(value, ast.Call):
        return False
    if module.role(value.func) in ("module", "loss"):
        parent, _, layer = module.kind(value.func).rpartition(".")
        plain = parent == "torch.nn" and layer in KEEPS - PARAMETRIC
        return not plain or any(_has_graph(module, each, depth + 1) for each in value.args)
    name = module.called(value)
    if name.startswith("torch."):
        return module.is_tensor(value) and any(_has_graph(module, each, depth + 1) for each in value.args[:2])
    is_method = isinstance(value.func, ast.Attribute) and value.func.attr not in ("detach", "argmax", "item")
    return is_method and isinstance(value.func, ast.Attribute) and _has_graph(module, value.func.value, depth + 1)


def _is_changed(module: Module, node: ast.Attribute) -> bool:
    """`X.data = ...`, `X.data.normal_()`, `X.data[...] = ...`, `X.data += ...`."""
    at: ast.AST = node
    if not isinstance(node.ctx, ast.Load):
        return True
    parent = module.parents.get(at)
    while isinstance(parent, (ast.Subscript, ast.Attribute)) and parent.value is at:
        if not isinstance(parent.ctx, ast.Load):
            return True
        if isinstance(parent, ast.Attribute) and parent.attr.endswith("_") and not parent.attr.startswith("_"):
            return True
        at, parent = parent, module.parents.get(parent)
    return isinstance(parent, ast.AugAssign) and parent.target is at
