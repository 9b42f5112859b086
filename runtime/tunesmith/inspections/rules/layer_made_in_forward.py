"""A layer that `forward` makes anew in every call."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.losses import forward_of
from tunesmith.inspections.module import Module, argument
from tunesmith.inspections.names import PARAMETRIC
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="layer-made-in-forward",
    code="TS506",
    severity="warning",
    help="A layer with weights is made in `forward`: it is another one in every call and never learns.",
    explanation="""\
What `forward` makes lives for one call. A linear layer's weights are drawn anew each time, so that the model answers
the same input differently; those of a norm stay at one. The optimizer never sees them, and they are neither saved nor
moved to the device.

Make the layer once in `__init__` and call it in `forward`. Where its size depends on the data, use `nn.LazyLinear` and
its like.""",
    bad=(
        Mistake(
            code="""\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 16)

    def forward(self, x):
        x = torch.relu(self.fc(x))
        return nn.Linear(16, 2)(x)  # TS506
""",
        ),
    ),
    good=(
        """\
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = None

    def forward(self, x):
        if self.fc is None:
            self.fc = nn.Linear(x.shape[1], 2)
        return nn.ReLU()(nn.LayerNorm(2, elementwise_affine=False)(self.fc(x)))
""",
    ),
)
HOLDERS = frozenset({"Sequential", "TransformerEncoder", "TransformerDecoder"})


def check(module: Module) -> Iterator[Hit]:
    """Calls of torch's layers with weights in the body of a `forward`, under no condition."""
    made = module.calls_of(*(f"torch.nn.{name}" for name in PARAMETRIC - HOLDERS))
    forwards = {forward_of(class_) for class_ in module.module_classes.values()} if made else set()
    for call in made:
        function = module.function(call)
        if function is None or function not in forwards or _is_conditional(module, call, function):
            continue
        if any(module.constant(argument(call, name)) is False for name in ("affine", "elementwise_affine")):
            continue
        words = module.text.of(call.func)
        yield Hit(node=call, message=f"`{words}` is made anew in every call here, so its weights never learn")


def _is_conditional(module: Module, call: ast.Call, function: ast.AST) -> bool:
    """Whether it is made only if something holds, as in the first call."""
    return any(isinstance(each, (ast.If, ast.IfExp, ast.Try)) for each in module.between(call, function))
