"""A loader of test data that shuffles."""

from __future__ import annotations

from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.loaders import loaders
from tunesmith.inspections.module import Module, last_name
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="shuffled-test-data",
    code="TS401",
    severity="info",
    help="Test data is shuffled, so predictions are no longer in the order of the rows.",
    explanation="""\
The order of test rows changes no score, but with `shuffle=True` the predictions cannot be laid beside the rows they
belong to, a score over the first batches is of other rows each time, and the draw moves the random numbers that
training gets.

Leave `shuffle` away for validation and test data.""",
    bad=(
        Mistake(
            code="""\
from torch.utils.data import DataLoader

def loaders(train_set, test_set):
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=32, shuffle=True)  # TS401
    return train_loader, test_loader
""",
            fixed="""\
from torch.utils.data import DataLoader

def loaders(train_set, test_set):
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=32, shuffle=False)
    return train_loader, test_loader
""",
        ),
    ),
    good=(
        """\
from torch.utils.data import DataLoader

def loaders(train_set, test_set, data, shuffle):
    first = DataLoader(data, batch_size=32, shuffle=True)
    test_loader = DataLoader(test_set, 32, shuffle)
    train_test_loader = DataLoader(train_set, 32, shuffle=True)
    test_pictures = DataLoader(test_set, 8, shuffle=True)
    show(next(iter(test_pictures)))
    return first, test_loader, train_test_loader
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Loaders for test or validation data with `shuffle=True`; not those that a few rows are drawn from to be shown."""
    iterated = [call.args[0] for call in module.calls if last_name(call.func) == "iter" and len(call.args) == 1]
    drawn = {last_name(each) for each in iterated}
    for loader in loaders(module):
        if loader.part != "test" or loader.shuffle is None or loader.name in drawn:
            continue
        if module.constant(loader.shuffle) is True:
            yield Hit(
                node=loader.shuffle,
                message="test data is shuffled: predictions will not be in the order of the rows",
                fixes=edits.fix("Do not shuffle", edits.replace(module, loader.shuffle, "False")),
            )
