"""A loss of a prediction that was cut off from the model."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.loaders import loop_names
from tunesmith.inspections.losses import loss_calls
from tunesmith.inspections.module import Module, last_name
from tunesmith.inspections.training import backward_calls, loss_of
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="loss-without-gradient",
    code="TS305",
    severity="error",
    help="The loss is differentiated, but its prediction was cut off from the model before.",
    explanation="""\
`argmax`, `detach`, `item` and `.data` give values without a graph, and so do the indices of `torch.max`, comparisons,
and `torch.tensor(...)` of something that was computed; `round` has a gradient of zero. A loss of such a prediction
raises "element 0 of tensors does not require grad" in `backward()`, or trains only what else it depends on.

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
        Mistake(
            code="""\
import torch
from torch import nn

model = nn.Linear(20, 10)
criterion = nn.MSELoss()

def train(loader, optimizer):
    for batch, labels in loader:
        optimizer.zero_grad()
        _, best = torch.max(model(batch), 1)
        loss = criterion(best.float(), labels.float())  # TS305
        loss.backward()
        optimizer.step()
""",
        ),
        Mistake(
            code="""\
import torch
from torch import nn

model = nn.Linear(20, 10)
criterion = nn.CrossEntropyLoss()

def train(loader, optimizer):
    for batch, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(batch), labels)
        loss = torch.tensor(loss, requires_grad=True)
        loss.backward()  # TS305
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
CUTS = frozenset({"argmax", "detach", "item", "argmin", "argsort", "tolist", "numpy"})
STEPS = frozenset({"round", "sign", "floor", "ceil", "int", "long", "bool"})
INDICES = frozenset({"max", "min", "topk", "sort"})  # (values, indices)
KEEPS = frozenset({"float", "double", "to", "view", "reshape", "squeeze", "unsqueeze", "cuda", "cpu", "flatten"})
COPIES = ("torch.tensor", "torch.Tensor", "torch.FloatTensor", "torch.as_tensor", "torch.from_numpy")
DEPTH = 8


def check(module: Module) -> Iterator[Hit]:
    """Losses with a cut-off prediction and a target that is data, on which `backward()` is called; and losses that are
    made anew from a number."""
    calls = {loss.call: loss for loss in loss_calls(module)}
    for call in backward_calls(module):
        differentiated = loss_of(call)
        value = module.value(differentiated) if differentiated is not None else None
        if differentiated is None or not isinstance(value, ast.Call):
            continue
        if module.called(value) in COPIES and _is_computed(module, value):
            words = module.text.of(value.func)
            yield Hit(
                node=differentiated,
                message=f"`{words}` (line {value.lineno}) made a new tensor: `backward()` does not reach the model",
            )
            continue
        loss = calls.get(value)
        cut = _cut(module, loss.prediction) if loss is not None else ""
        if loss is not None and cut and _is_data(module, loss.target):
            yield Hit(
                node=loss.prediction,
                message=f"no gradient flows back through `{cut}`: `backward()` (line {call.lineno}) misses the model",
            )


def _cut(module: Module, node: ast.expr, depth: int = 0) -> str:
    """What takes a value out of the graph, or gives it a gradient of zero, if something surely does."""
    value = module.value(node)
    if depth > DEPTH:
        return ""
    if isinstance(value, ast.Attribute):
        indices = value.attr == "indices" and _is_pair(module, value.value)
        return value.attr if value.attr == "data" or indices else ""
    if isinstance(value, ast.Subscript):
        second = module.constant(value.slice) == 1 and _is_pair(module, value.value)
        return "max" if second else ""
    if isinstance(value, ast.Compare):
        return "a comparison"
    if isinstance(value, ast.Name):
        bound = module.binding(value)
        part = bound if bound is not None and bound.way == "part" and bound.part == 1 else None
        return "max" if part is not None and isinstance(part.value, ast.expr) and _is_pair(module, part.value) else ""
    if not isinstance(value, ast.Call):
        return ""
    called = module.called(value)
    if called in COPIES:
        return called if _is_computed(module, value) else ""
    if called.startswith("torch."):
        last = called.rpartition(".")[2]
        return last if last in CUTS | STEPS and value.args else ""
    if not isinstance(value.func, ast.Attribute) or called:
        return ""
    if value.func.attr in CUTS | STEPS:
        return value.func.attr
    return _cut(module, value.func.value, depth + 1) if value.func.attr in KEEPS else ""


def _is_pair(module: Module, node: ast.expr) -> bool:
    """`torch.max(x, 1)` and the like, whose second part are indices."""
    value = module.value(node)
    if not isinstance(value, ast.Call):
        return False
    called = module.called(value)
    name = called.rpartition(".")[2] if called.startswith("torch.") else last_name(value.func) if not called else ""
    dimension = len(value.args) > (1 if called else 0) or any(each.arg == "dim" for each in value.keywords)
    return name in INDICES and (dimension or name == "sort")


def _is_computed(module: Module, copy: ast.Call) -> bool:
    """Whether what is copied into a new tensor was computed by a model or a loss."""
    values = [copy.args[0]] if copy.args else []
    for _ in range(DEPTH):
        if any(_is_graph(module, each) for each in values):
            return True
        values = [inner for each in values for inner in _operands(module, each)]
    return False


def _is_graph(module: Module, node: ast.expr) -> bool:
    value = module.value(node)
    return isinstance(value, ast.Call) and module.role(value.func) in ("module", "loss")


def _operands(module: Module, node: ast.expr) -> list[ast.expr]:
    """What a value was computed of."""
    value = module.value(node)
    if isinstance(value, ast.BinOp):
        return [value.left, value.right]
    if isinstance(value, (ast.List, ast.Tuple)):
        return value.elts
    if isinstance(value, ast.Call):
        inner = [value.func.value] if isinstance(value.func, ast.Attribute) and not module.called(value) else []
        return [*inner, *value.args]
    return []


def _is_data(module: Module, target: ast.expr) -> bool:
    """A loop's variable, or such moved or converted: nothing that a model has computed."""
    value = module.before(module.value(target), KEEPS | {"long"})
    found = module.scopes[value].find(value.id) if isinstance(value, ast.Name) else None
    if found is None or not isinstance(value, ast.Name):
        return False
    return any(value.id in loop_names(loop) for loop in module.loops_around(target))
