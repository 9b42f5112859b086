"""A binary cross-entropy of raw scores."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Fix, Hit
from tunesmith.inspections.losses import LossCall, ending, loss_calls
from tunesmith.inspections.module import Module
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="bce-of-raw-scores",
    code="TS307",
    severity="error",
    help="`BCELoss` takes probabilities, and is given raw scores.",
    explanation="""\
`nn.BCELoss` and `F.binary_cross_entropy` take numbers from 0 to 1. A linear layer gives any number: the loss raises
"all elements of input should be between 0 and 1", on a GPU as an assertion of the device that ends the process.

Use `nn.BCEWithLogitsLoss`, which takes raw scores and is more exact, or put a sigmoid behind the last layer.""",
    bad=(
        Mistake(
            code="""\
import torch.nn.functional as F
from torch import nn

model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))

def loss_of(batch, target):
    scores = model(batch)
    return F.binary_cross_entropy(scores, target)  # TS307
""",
            fixed="""\
import torch.nn.functional as F
from torch import nn

model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))

def loss_of(batch, target):
    scores = model(batch)
    return F.binary_cross_entropy_with_logits(scores, target)
""",
        ),
        Mistake(
            code="""\
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 1)

    def forward(self, x):
        return self.fc(x).squeeze(1)

net = Net()
criterion = nn.BCELoss()

def loss_of(batch, target):
    return criterion(net(batch), target.float())  # TS307
""",
        ),
    ),
    good=(
        """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
scorer = nn.Linear(4, 1)

def losses_of(batch, target):
    return nn.BCELoss()(model(batch), target) + nn.BCELoss()(torch.sigmoid(scorer(batch)), target)
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Predictions of a binary cross-entropy without a sigmoid inside that surely come out of a layer."""
    for loss in loss_calls(module):
        found = ending(module, loss.prediction) if loss.name == "BCELoss" else None
        if found is not None and found.name == "scores":
            yield Hit(
                node=loss.prediction,
                message="this loss takes probabilities from 0 to 1, and is given raw scores",
                fixes=_fixes(module, loss),
            )


def _fixes(module: Module, loss: LossCall) -> tuple[Fix, ...]:
    """The loss with the sigmoid inside, where it is a function of torch."""
    function = loss.call.func
    if not isinstance(function, ast.Attribute) or function.attr != "binary_cross_entropy":
        return ()
    name = "binary_cross_entropy_with_logits"
    return edits.fix(f"Use `{name}`", edits.replace_attribute(module, function, name))
