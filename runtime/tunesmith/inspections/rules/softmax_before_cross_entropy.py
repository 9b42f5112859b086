"""A softmax whose result goes into a cross-entropy that has one inside."""

from __future__ import annotations

from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.doubled_activation import hit
from tunesmith.inspections.losses import loss_calls
from tunesmith.inspections.module import Module
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="softmax-before-cross-entropy",
    code="TS301",
    severity="warning",
    help="Cross-entropy has a softmax inside; a second one before it flattens the gradients.",
    explanation="""\
`nn.CrossEntropyLoss` and `F.cross_entropy` take raw scores (logits). Given probabilities they take the softmax of a
softmax: the best possible loss is then far above 0, gradients almost vanish, and training is slow and ends too early.
No error tells.

Hand the loss the raw scores, and take the softmax only where you want to see probabilities.""",
    bad=(
        Mistake(
            code="""\
import torch.nn.functional as F

def loss_of(model, batch, target):
    logits = model(batch)
    probabilities = F.softmax(logits, dim=-1)
    return F.cross_entropy(probabilities, target)  # TS301
""",
            fixed="""\
import torch.nn.functional as F

def loss_of(model, batch, target):
    logits = model(batch)
    probabilities = F.softmax(logits, dim=-1)
    return F.cross_entropy(logits, target)
""",
        ),
        Mistake(
            code="""\
from torch import nn

criterion = nn.CrossEntropyLoss()

def loss_of(model, batch, target):
    return criterion(model(batch).softmax(dim=1), target)  # TS301
""",
            fixed="""\
from torch import nn

criterion = nn.CrossEntropyLoss()

def loss_of(model, batch, target):
    return criterion(model(batch), target)
""",
        ),
        Mistake(
            code="""\
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), nn.Softmax(dim=1))

    def forward(self, x):
        return self.layers(x)

def loss_of(batch, target):
    model = Net()
    criterion = nn.CrossEntropyLoss()
    return criterion(model(batch), target)  # TS301
""",
        ),
    ),
    good=(
        """\
import torch
from torch import nn

def loss_of(model, batch, target):
    criterion = nn.CrossEntropyLoss()
    logits = model(batch)
    loss = criterion(logits, target)
    probabilities = torch.softmax(logits, dim=1)
    return loss, probabilities
""",
        """\
import torch.nn.functional as F

def loss_of(model, batch, target):
    return F.nll_loss(F.softmax(model(batch), dim=1).log(), target)
""",
        """\
import torch.nn.functional as F

def loss_of(scores, teacher_scores):
    # probabilities as the target are right
    return F.cross_entropy(scores, teacher_scores.softmax(dim=-1))
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Predictions of cross-entropy that come out of a softmax."""
    for each in loss_calls(module):
        if each.name == "CrossEntropyLoss":
            yield from hit(module, each, "softmax", "cross-entropy takes raw scores: it has a softmax inside")
