"""A negative log-likelihood of something that is no log-probability."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Fix, Hit
from tunesmith.inspections.losses import LossCall, ending, loss_calls
from tunesmith.inspections.module import Module
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="nll-without-log-softmax",
    code="TS306",
    severity="warning",
    help="`NLLLoss` takes log-probabilities, and is given raw scores or a softmax.",
    explanation="""\
`nn.NLLLoss` and `F.nll_loss` only pick the entry of the right class and change its sign; the logarithm of a softmax
must have been taken before. Of raw scores the loss has no lower limit: it falls for ever below 0 while the model
learns to make all scores large. Of a softmax it lies between -1 and 0, with weak gradients. No error tells.

Use `nn.CrossEntropyLoss`, which takes raw scores, or end the model with `log_softmax`.""",
    bad=(
        Mistake(
            code="""\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(x)

def loss_of(batch, labels):
    net = Net()
    return F.nll_loss(net(batch), labels)  # TS306
""",
            fixed="""\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(x)

def loss_of(batch, labels):
    net = Net()
    return F.cross_entropy(net(batch), labels)
""",
        ),
        Mistake(
            code="""\
import torch
from torch import nn

criterion = nn.NLLLoss()

def loss_of(model, batch, labels):
    return criterion(torch.softmax(model(batch), dim=1), labels)  # TS306
""",
        ),
    ),
    good=(
        """\
import torch
import torch.nn.functional as F
from torch import nn

model = nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(dim=1))

def losses_of(batch, labels):
    one = F.nll_loss(model(batch), labels)
    two = F.nll_loss(torch.softmax(batch, dim=1).log(), labels)
    return one + two
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Predictions of a negative log-likelihood that surely come out of a layer, a softmax or a sigmoid."""
    for loss in loss_calls(module):
        found = ending(module, loss.prediction) if loss.name == "NLLLoss" else None
        if found is not None and found.name in ("scores", "softmax", "sigmoid"):
            given = "raw scores" if found.name == "scores" else f"a {found.name} without its logarithm"
            yield Hit(
                node=loss.prediction,
                message=f"this loss takes log-probabilities, and is given {given}",
                fixes=_fixes(module, loss) if found.name == "scores" else (),
            )


def _fixes(module: Module, loss: LossCall) -> tuple[Fix, ...]:
    """Cross-entropy instead, where the loss is a function of torch."""
    function = loss.call.func
    if not isinstance(function, ast.Attribute) or function.attr != "nll_loss":
        return ()
    return edits.fix("Use `cross_entropy`", edits.replace_attribute(module, function, "cross_entropy"))
