"""Batch norm that trains on one row at a time."""

from __future__ import annotations

from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.loaders import loaders
from tunesmith.inspections.module import Module, argument
from tunesmith.inspections.names import NORMS
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="batch-norm-with-batch-of-one",
    code="TS503",
    severity="warning",
    help="Batch norm needs several rows, but the training loader gives one at a time.",
    explanation="""\
Batch norm takes mean and spread over the rows of the batch. Of a single row there is no spread: `BatchNorm1d` raises
"Expected more than 1 value per channel", and the others normalize each picture by itself, so that training and
evaluation see different networks.

Take larger batches (`drop_last=True` avoids a single row at the end), or `GroupNorm` or `LayerNorm`, which do not look
across rows.""",
    bad=(
        Mistake(
            code="""\
from torch import nn
from torch.utils.data import DataLoader

model = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))

def loader_of(train_set):
    return DataLoader(train_set, batch_size=1, shuffle=True)  # TS503
""",
        ),
    ),
    good=(
        """\
from torch import nn
from torch.utils.data import DataLoader

model = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))

def loaders(train_set, test_set):
    return DataLoader(train_set, batch_size=16, shuffle=True), DataLoader(test_set, batch_size=1)
""",
        """\
from torch import nn
from torch.utils.data import DataLoader

model = nn.Sequential(nn.Linear(8, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 2))

def loader_of(train_set):
    return DataLoader(train_set, batch_size=1, shuffle=True)
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Training loaders of one row in files that build batch norms."""
    made = module.calls_of(*(f"torch.nn.{name}" for name in NORMS))
    for loader in loaders(module) if made else ():
        size = argument(loader.call, "batch_size", 1)
        if loader.part == "train" and size is not None and module.constant(size) == 1:
            yield Hit(node=size, message=f"batch norm (line {made[0].lineno}) cannot learn from one row at a time")
