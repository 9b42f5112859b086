"""A loss whose target has a type that it does not take."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Edit, Hit
from tunesmith.inspections.losses import loss_calls
from tunesmith.inspections.module import Module, argument
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="target-of-wrong-type",
    code="TS303",
    severity="error",
    help="The loss does not take targets of this type.",
    explanation="""\
Cross-entropy takes class numbers as `int64` (`.long()`), or a probability for each class as floats: `F.one_hot` gives
integers and is neither. Binary cross-entropy takes floats of the prediction's shape, never integers or booleans. With
another type the call raises, if not at once then in the backward pass.""",
    bad=(
        Mistake(
            code="""\
import torch.nn.functional as F

def loss_of(model, batch, labels):
    return F.cross_entropy(model(batch), labels.int())  # TS303
""",
            fixed="""\
import torch.nn.functional as F

def loss_of(model, batch, labels):
    return F.cross_entropy(model(batch), labels.long())
""",
        ),
        Mistake(
            code="""\
import torch.nn.functional as F
from torch import nn

criterion = nn.CrossEntropyLoss()

def loss_of(model, batch, labels):
    wanted = F.one_hot(labels, 10)
    return criterion(model(batch), wanted)  # TS303
""",
            fixed="""\
import torch.nn.functional as F
from torch import nn

criterion = nn.CrossEntropyLoss()

def loss_of(model, batch, labels):
    wanted = F.one_hot(labels, 10)
    return criterion(model(batch), wanted.float())
""",
        ),
        Mistake(
            code="""\
from torch import nn

def loss_of(model, batch, labels):
    return nn.BCEWithLogitsLoss()(model(batch), labels.long())  # TS303
""",
            fixed="""\
from torch import nn

def loss_of(model, batch, labels):
    return nn.BCEWithLogitsLoss()(model(batch), labels.float())
""",
        ),
    ),
    good=(
        """\
import torch.nn.functional as F
from torch import nn

def losses_of(scores, labels, smooth):
    one = F.cross_entropy(scores, labels.long())
    two = F.cross_entropy(scores, F.one_hot(labels, 10).float())
    three = F.cross_entropy(scores, smooth.float().to(device=scores.device))
    return one + two + three + nn.BCEWithLogitsLoss()(scores[:, 0], labels.float()) + F.mse_loss(scores, labels.long())
""",
    ),
)
INTEGERS = {"long": "int64", "int": "int32", "short": "int16", "bool": "bool"}
DTYPES = {
    **{f"torch.{name}": name for name in ("int64", "int32", "int16", "bool")},
    "torch.long": "int64",
    "torch.int": "int32",
    "torch.short": "int16",
}


def check(module: Module) -> Iterator[Hit]:
    """Targets that are surely integers for a binary loss, or surely no class numbers for cross-entropy."""
    for loss in loss_calls(module):
        found = _integer(module, loss.target)
        if loss.name == "CrossEntropyLoss" and found == "one-hot":
            added = edits.append(module, loss.target, ".float()")
            yield Hit(
                node=loss.target,
                message="cross-entropy takes class numbers or float probabilities; `one_hot` gives integers",
                fixes=edits.fix("Add `.float()`", added),
            )
        elif loss.name in ("CrossEntropyLoss", "NLLLoss") and found in ("int32", "int16", "bool"):
            yield Hit(
                node=loss.target,
                message=f"class numbers must be int64 here, not {found}",
                fixes=edits.fix("Use `.long()`", _as_type(module, loss.target, "long")),
            )
        elif loss.name in ("BCELoss", "BCEWithLogitsLoss") and found:
            what = "integers" if found == "one-hot" else found
            yield Hit(
                node=loss.target,
                message=f"this loss takes float targets, not {what}",
                fixes=edits.fix("Use `.float()`", _as_type(module, loss.target, "float")),
            )


def _integer(module: Module, target: ast.expr) -> str:
    """The integer type that a target surely has, or `one-hot`; else ""."""
    value = module.value(target)
    if not isinstance(value, ast.Call):
        return ""
    if module.called(value) == "torch.nn.functional.one_hot":
        return "one-hot"
    if module.called(value) in ("torch.argmax", "torch.randint", "torch.randperm"):
        given = argument(value, "dtype")
        return DTYPES.get(module.name(given), "") if given is not None else "int64"
    if not isinstance(value.func, ast.Attribute) or module.called(value):
        return ""
    if value.func.attr in INTEGERS and not value.args and not value.keywords:
        return INTEGERS[value.func.attr]
    if value.func.attr in ("to", "type"):
        # `to(dtype)`, `to(device, dtype)`: the type may stand at any place
        types = [*value.args, *(each.value for each in value.keywords if each.arg == "dtype")]
        return next((DTYPES[name] for each in types if (name := module.name(each)) in DTYPES), "")
    return ""


def _as_type(module: Module, target: ast.expr, method: str) -> Edit | None:
    """The target as another type: `labels.int()` becomes `labels.long()`, a name gets `.long()` behind it."""
    if isinstance(target, ast.Call) and isinstance(target.func, ast.Attribute) and target.func.attr in INTEGERS:
        return edits.replace_attribute(module, target.func, method)
    return edits.append(module, target, f".{method}()")
