"""A loss class that is given a prediction and a target where it takes its settings."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, last_name, names_in
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="loss-class-called-with-data",
    code="TS309",
    severity="error",
    help="The loss is a class: it takes settings, and only the object that it makes takes prediction and target.",
    explanation="""\
`nn.CrossEntropyLoss(output, target)` takes the output for class weights and the target for the old setting
`size_average`. It raises "Boolean value of Tensor with more than one value is ambiguous", or gives an object that has
no `backward()`.

Make the loss once, `criterion = nn.CrossEntropyLoss()`, and call that; or use the function `F.cross_entropy`.""",
    bad=(
        Mistake(
            code="""\
from torch import nn

def loss_of(model, batch, labels):
    return nn.CrossEntropyLoss(model(batch), labels)  # TS309
""",
            fixed="""\
from torch import nn

def loss_of(model, batch, labels):
    return nn.CrossEntropyLoss()(model(batch), labels)
""",
        ),
    ),
    good=(
        """\
from torch import nn

def losses_of(model, batch, labels, weights, size_average):
    one = nn.CrossEntropyLoss(weights)(model(batch), labels)
    two = nn.CrossEntropyLoss(weights, size_average)
    three = nn.CrossEntropyLoss(weights, False)
    return one, two, three
""",
    ),
)
CLASSES = tuple(
    f"torch.nn.{name}"
    for name in (
        *("CrossEntropyLoss", "NLLLoss", "BCELoss", "BCEWithLogitsLoss", "MSELoss", "L1Loss", "SmoothL1Loss"),
        "KLDivLoss",
    )
)
SETTINGS = frozenset({"size_average", "reduce", "average", "reduction", "ignore_index"})


def check(module: Module) -> Iterator[Hit]:
    """Loss classes of torch with two values by position of which the second is no setting."""
    for call in module.calls_of(*CLASSES):
        if len(call.args) != 2 or any(isinstance(each, ast.Starred) for each in call.args):
            continue
        second = module.value(call.args[1])
        named = {last_name(call.args[1]), *names_in(call.args[1])}
        if isinstance(second, (ast.Constant, ast.Compare, ast.BoolOp, ast.IfExp)) or named & SETTINGS:
            continue
        words = module.text.of(call.func)
        yield Hit(
            node=call,
            message=f"`{words}` takes settings here, not prediction and target: call what `{words}()` gives",
            fixes=edits.fix(f"Call `{words}()`", edits.append(module, call.func, "()")),
        )
