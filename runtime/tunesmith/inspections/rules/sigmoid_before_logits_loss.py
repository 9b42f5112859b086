"""A sigmoid whose result goes into a binary cross-entropy that has one inside."""

from __future__ import annotations

from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.doubled_activation import hit
from tunesmith.inspections.losses import loss_calls
from tunesmith.inspections.module import Module
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="sigmoid-before-logits-loss",
    code="TS302",
    severity="warning",
    help="`BCEWithLogitsLoss` has a sigmoid inside; a second one before it squeezes all answers together.",
    explanation="""\
The loss takes raw scores. After a sigmoid they lie between 0 and 1, which the second sigmoid turns into 0.5 to 0.73:
the model can never say "no", and the loss for a "no" cannot fall below 0.69. No error tells.

Hand the loss the raw scores. `nn.BCELoss` is the one that takes probabilities; it is less exact for sure answers.""",
    bad=(
        Mistake(
            code="""\
import torch
from torch import nn

criterion = nn.BCEWithLogitsLoss()

def loss_of(model, batch, target):
    scores = model(batch)
    return criterion(torch.sigmoid(scores), target)  # TS302
""",
            fixed="""\
import torch
from torch import nn

criterion = nn.BCEWithLogitsLoss()

def loss_of(model, batch, target):
    scores = model(batch)
    return criterion(scores, target)
""",
        ),
        Mistake(
            code="""\
from torch import nn
from torch.nn import functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        x = self.fc(x)
        x = self.sigmoid(x)
        return x

def loss_of(batch, target):
    net = Net()
    output = net(batch)
    return F.binary_cross_entropy_with_logits(output, target)  # TS302
""",
        ),
    ),
    good=(
        """\
import torch
from torch import nn

def loss_of(model, batch, target):
    return nn.BCELoss()(torch.sigmoid(model(batch)), target)
""",
        """\
from torch import nn

def loss_of(model, batch, target):
    scores = model(batch)
    loss = nn.BCEWithLogitsLoss()(scores, target)
    return loss, scores.sigmoid() > 0.5
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Predictions of binary cross-entropy with logits that come out of a sigmoid."""
    for each in loss_calls(module):
        if each.name == "BCEWithLogitsLoss":
            yield from hit(module, each, "sigmoid", "this loss takes raw scores: it has a sigmoid inside")
