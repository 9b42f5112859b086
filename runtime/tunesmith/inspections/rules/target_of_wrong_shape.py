"""A loss whose target has not the shape that fits the prediction."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Edit, Hit
from tunesmith.inspections.losses import ELEMENTWISE, LossCall, loss_calls
from tunesmith.inspections.module import Module, last_name
from tunesmith.inspections.shapes import form, output_width
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="target-of-wrong-shape",
    code="TS304",
    severity="warning",
    help="Prediction and target have shapes that do not belong together.",
    explanation="""\
Losses on numbers compare prediction and target one by one. A column (N, 1) against a flat (N) is stretched to N x N
pairs: `MSELoss` only warns, compares every prediction with every target, and the model learns the mean. Binary
cross-entropy raises. Cross-entropy wants the class numbers flat, and at least two scores for each row: with a single
output its loss is always 0.

Bring both to one shape, best with `squeeze(1)` on the prediction.""",
    bad=(
        Mistake(
            code="""\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.MSELoss()

def loss_of(batch, target):
    return criterion(model(batch), target.view(-1))  # TS304
""",
            fixed="""\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.MSELoss()

def loss_of(batch, target):
    return criterion(model(batch).squeeze(1), target.view(-1))
""",
        ),
        Mistake(
            code="""\
import torch.nn.functional as F

def loss_of(model, batch, labels):
    return F.cross_entropy(model(batch).view(-1, 10), labels.view(-1, 1))  # TS304
""",
            fixed="""\
import torch.nn.functional as F

def loss_of(model, batch, labels):
    return F.cross_entropy(model(batch).view(-1, 10), labels.view(-1))
""",
        ),
        Mistake(
            code="""\
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(8, 8)
        self.fc2 = nn.Linear(8, 1)

    def forward(self, x):
        return self.fc2(self.fc1(x).relu())

net = Net()
criterion = nn.CrossEntropyLoss()

def loss_of(batch, labels):
    return criterion(net(batch), labels)  # TS304
""",
        ),
        Mistake(
            code="""\
from torch import nn

model = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 1))

def loss_of(batch, target):
    return ((model(batch) - target.squeeze()) ** 2).mean()  # TS304
""",
            fixed="""\
from torch import nn

model = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 1))

def loss_of(batch, target):
    return ((model(batch).squeeze(1) - target.squeeze()) ** 2).mean()
""",
        ),
    ),
    good=(
        """\
import torch.nn.functional as F
from torch import nn

model = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 1))

def losses_of(batch, target, scores, labels):
    one = F.mse_loss(model(batch), target.view(-1, 1))
    two = F.mse_loss(model(batch).squeeze(1), target.view(-1))
    return one + two + F.cross_entropy(scores.view(-1, 10), labels.view(-1)) + F.mse_loss(model(batch), target)
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Columns against flat values, columns as classes, and cross-entropy over a single score."""
    for loss in loss_calls(module):
        prediction, target = form(module, loss.prediction), form(module, loss.target)
        if loss.name in ELEMENTWISE and {prediction, target} == {"column", "flat"}:
            yield _stretched(module, loss, column=prediction == "column")
        elif (
            loss.name in ("CrossEntropyLoss", "NLLLoss") and target == "column" and _is_matrix(module, loss.prediction)
        ):
            yield Hit(
                node=loss.target,
                message="cross-entropy takes class numbers of shape (N), not a column (N, 1)",
                fixes=edits.fix("Make the target flat", _without_second(module, loss.target)),
            )
        elif loss.name == "CrossEntropyLoss" and _width(module, loss.prediction) == 1:
            yield Hit(
                node=loss.prediction,
                message="cross-entropy of a single score is always 0: use `BCEWithLogitsLoss`, or an output a class",
            )
    for call in (*module.methods.get("mean", []), *module.methods.get("sum", [])):
        yield from _by_hand(module, call)


def _by_hand(module: Module, call: ast.Call) -> Iterator[Hit]:
    """The mean of squared or absolute differences, written out."""
    inner = call.args[0] if module.called(call) in ("torch.mean", "torch.sum") and call.args else None
    if inner is None and isinstance(call.func, ast.Attribute) and not module.called(call):
        inner = call.func.value
    value = module.value(inner) if inner is not None else None
    difference: ast.expr | None = None
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Pow):
        difference = value.left
    elif isinstance(value, ast.Call) and last_name(value.func) in ("pow", "square", "abs"):
        outer = module.called(value).startswith("torch.")
        difference = value.args[0] if outer and value.args else getattr(value.func, "value", None)
    value = module.value(difference) if difference is not None else None
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub):
        left, right = form(module, value.left), form(module, value.right)
        if {left, right} == {"column", "flat"}:
            wide = value.left if left == "column" else value.right
            yield Hit(
                node=value,
                message="the difference of (N, 1) and (N) is N x N: every row would be compared with every other",
                fixes=edits.fix("Squeeze the column", edits.append(module, wide, ".squeeze(1)")),
            )


def _stretched(module: Module, loss: LossCall, *, column: bool) -> Hit:
    shapes = "(N, 1) against (N)" if column else "(N) against (N, 1)"
    wide = loss.prediction if column else loss.target
    return Hit(
        node=loss.call,
        message=f"prediction and target have the shapes {shapes}: every row would be compared with every other",
        fixes=edits.fix("Squeeze the column", edits.append(module, wide, ".squeeze(1)")),
    )


def _without_second(module: Module, value: ast.expr) -> Edit | None:
    """`labels.view(-1, 1)` as `labels.view(-1)`."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute) or len(value.args) != 2:
        return None
    return edits.replace(module, value, f"{module.text.of(value.func)}({module.text.of(value.args[0])})")


def _is_matrix(module: Module, prediction: ast.expr) -> bool:
    """Whether a prediction surely has two dimensions: reshaped to (-1, classes)."""
    value = module.value(prediction)
    named = (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in ("view", "reshape")
    )
    return named and isinstance(value, ast.Call) and len(value.args) == 2


def _width(module: Module, prediction: ast.expr) -> int | None:
    value = module.value(prediction)
    return output_width(module, value.func) if isinstance(value, ast.Call) else None
