"""`F.dropout(x)` that does not ask whether the model trains."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, argument, has_stars, last_name, self_name
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="dropout-always-on",
    code="TS204",
    severity="warning",
    help="`F.dropout` without `training=` drops values in evaluation too.",
    explanation="""\
`nn.Dropout` follows `model.eval()`. The function `F.dropout` cannot: its `training` is `True` unless it is told
otherwise, so predictions stay random and worse than they could be.

Hand it `training=self.training`, or use `nn.Dropout`.""",
    bad=(
        Mistake(
            code="""\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(F.dropout(x, p=0.5))  # TS204
""",
            fixed="""\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(F.dropout(x, p=0.5, training=self.training))
""",
        ),
    ),
    good=(
        """\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        x = F.dropout(x, 0.5, self.training)
        if self.training:
            x = F.dropout(x, 0.2)
        if self.rate > 0 and self.is_learning:
            x = F.dropout(x, self.rate)
        return F.dropout(x, training=self.training)
""",
        """\
import torch.nn.functional as F

def sample(x):
    # Monte Carlo dropout: random on purpose
    return F.dropout(x, 0.1)
""",
    ),
)
ALWAYS_ON = tuple(f"torch.nn.functional.{name}" for name in ("dropout", "dropout1d", "dropout2d", "dropout3d"))


def check(module: Module) -> Iterator[Hit]:
    """In methods of modules, where `self.training` is at hand."""
    for call in module.calls_of(*ALWAYS_ON):
        if has_stars(call) or argument(call, "training", 2) is not None:
            continue
        class_, function = module.class_(call), module.function(call)
        if class_ is None or class_.name not in module.module_classes or function is None:
            continue
        if module.constant(argument(call, "p", 1)) == 0 or not self_name(function) or _asked_before(module, call):
            continue
        flag = f"{self_name(function)}.training"
        method = module.parents.get(function) is class_ and not isinstance(function, ast.Lambda)
        yield Hit(
            node=call,
            message="this dropout stays on in evaluation: `training` is not given",
            fixes=edits.fix(f"Add `training={flag}`", edits.add_argument(module, call, f"training={flag}"))
            if method
            else (),
        )


def _asked_before(module: Module, call: ast.Call) -> bool:
    """Whether the call stands under an `if self.training`, or under a switch of one's own."""
    tests = [each.test for each in module.ancestors(call) if isinstance(each, (ast.If, ast.IfExp))]
    if any(last_name(node) == "training" for test in tests for node in ast.walk(test)):
        return True
    operands = [each for test in tests for each in (test.values if isinstance(test, ast.BoolOp) else [test])]
    return any(isinstance(each, (ast.Name, ast.Attribute, ast.Call)) for each in operands)
