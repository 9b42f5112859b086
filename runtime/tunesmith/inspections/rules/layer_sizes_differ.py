"""A layer that takes another size than the one before it gives."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.layers import Misfit, in_forward, in_sequence
from tunesmith.inspections.losses import forward_of
from tunesmith.inspections.module import Module, has_stars
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="layer-sizes-differ",
    code="TS501",
    severity="error",
    help="The layer takes another number of features or channels than the layer before it gives.",
    explanation="""\
The second size of a `Linear` or `Conv` must be the first size of the next one, and the size of a batch norm between
them. Otherwise the first batch raises "mat1 and mat2 shapes cannot be multiplied" or "expected input to have ...
channels", often long after the data has been loaded.

Layers behind a flatten, a view or a branch are not judged: their sizes depend on the input.""",
    bad=(
        Mistake(
            code="""\
from torch import nn

model = nn.Sequential(
    nn.Linear(784, 128),
    nn.ReLU(),
    nn.Linear(64, 10),  # TS501
)
""",
            fixed="""\
from torch import nn

model = nn.Sequential(
    nn.Linear(784, 128),
    nn.ReLU(),
    nn.Linear(128, 10),
)
""",
        ),
        Mistake(
            code="""\
import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3)
        self.norm = nn.BatchNorm2d(64)
        self.conv2 = nn.Conv2d(64, 64, 3)
        self.fc1 = nn.Linear(1600, 100)
        self.fc2 = nn.Linear(120, 10)

    def forward(self, x):
        x = F.relu(self.norm(self.conv1(x)))  # TS501
        x = F.relu(self.conv2(x))
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        return self.fc2(x)  # TS501
""",
        ),
    ),
    good=(
        """\
import torch.nn.functional as F
from torch import nn

WIDTH = 32

class Net(nn.Module):
    def __init__(self, deep):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(3, WIDTH, 3), nn.BatchNorm2d(WIDTH), nn.ReLU(), nn.MaxPool2d(2))
        self.first = nn.Linear(800, 100)
        self.second = nn.Linear(100, 10)
        self.side = nn.Linear(50, 10)

    def forward(self, x, deep):
        x = self.conv(x).flatten(1)
        x = F.relu(self.first(x))
        if deep:
            x = x[:, :50]
            return self.side(x)
        return self.second(x)

flat = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(5408, 10))
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Sequentials that are written out, and `forward` methods line by line."""
    for call in module.calls_of("torch.nn.Sequential"):
        if not has_stars(call):
            for wrong in in_sequence(module, call.args):
                inner = wrong.argument if module.within(wrong.argument, call) else wrong.layer
                yield _hit(module, inner if module.within(inner, call) else call, wrong)
    for class_ in module.module_classes.values():
        forward = forward_of(class_)
        for at, wrong in in_forward(module, forward) if forward is not None else ():
            yield _hit(module, at, wrong)


def _hit(module: Module, node: ast.AST, wrong: Misfit) -> Hit:
    unit = "channels" if wrong.given.channels else "features"
    before = f"`{module.text.of(wrong.given.of)}` in line {wrong.given.of.lineno}"
    literal = isinstance(wrong.argument, ast.Constant) and node is wrong.argument
    return Hit(
        node=node,
        message=f"`{module.text.of(wrong.layer)}` takes {wrong.takes} {unit}, but {before} gives {wrong.given.size}",
        fixes=edits.fix(
            f"Take {wrong.given.size} {unit}",
            edits.replace(module, wrong.argument, str(wrong.given.size)),
            is_safe=False,
        )
        if literal
        else (),
    )
