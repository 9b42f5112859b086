"""A loader of training data that does not shuffle."""

from __future__ import annotations

from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.loaders import is_map_style, loaders
from tunesmith.inspections.module import Module
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="unshuffled-training-data",
    code="TS402",
    severity="warning",
    help="Training data is not shuffled, so every epoch repeats the file's order.",
    explanation="""\
Files are often sorted by class, date or source. Without shuffling a batch then holds rows of one kind, and the model
runs after each kind in turn; and every epoch makes the same batches. `DataLoader` shuffles only if it is told to.

Write `shuffle=True`, or give a sampler. Where the order matters, as in time series, silence this line.

Only data whose rows can surely be drawn in any order is looked at: `TensorDataset`, `torchvision.datasets` and classes
of this file with `__getitem__`.""",
    bad=(
        Mistake(
            code="""\
import torch
from torch.utils.data import DataLoader, TensorDataset

def loader_of(inputs, targets):
    train_set = TensorDataset(inputs, targets)
    return DataLoader(train_set, batch_size=32)  # TS402
""",
            fixed="""\
import torch
from torch.utils.data import DataLoader, TensorDataset

def loader_of(inputs, targets):
    train_set = TensorDataset(inputs, targets)
    return DataLoader(train_set, batch_size=32, shuffle=True)
""",
        ),
        Mistake(
            code="""\
import torch
from torchvision import datasets

data = datasets.MNIST("data", train=True)
train_loader = torch.utils.data.DataLoader(data, 64, shuffle=False)  # TS402
""",
            fixed="""\
import torch
from torchvision import datasets

data = datasets.MNIST("data", train=True)
train_loader = torch.utils.data.DataLoader(data, 64, shuffle=True)
""",
        ),
    ),
    good=(
        """\
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

class Stream(IterableDataset):
    def __iter__(self):
        yield from range(10)

def loaders(inputs, train_set, sampler):
    train_stream = DataLoader(Stream(), batch_size=32)
    train_given = DataLoader(train_set, batch_size=32)
    train_sampled = DataLoader(TensorDataset(inputs), batch_size=32, sampler=sampler)
    test_loader = DataLoader(TensorDataset(inputs), batch_size=32)
    return train_stream, train_given, train_sampled, test_loader
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Loaders for training data of a known kind without `shuffle=True`."""
    for loader in loaders(module):
        # Under a neutral name training data may be there to be shown or counted.
        if loader.part != "train" or loader.is_neutral or not is_map_style(module, loader.dataset):
            continue
        if loader.shuffle is None:
            change = edits.add_argument(module, loader.call, "shuffle=True")
        elif module.constant(loader.shuffle) is False:
            change = edits.replace(module, loader.shuffle, "True")
        else:
            continue
        yield Hit(
            node=loader.call,
            message="training data is not shuffled: every epoch repeats the same batches in the file's order",
            fixes=edits.fix("Shuffle", change),
        )
