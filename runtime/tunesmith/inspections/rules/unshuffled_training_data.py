"""A loader of training data that does not shuffle."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.loaders import Loader, is_map_style, loaders
from tunesmith.inspections.module import Module, argument, last_name
from tunesmith.inspections.training import backward_calls
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="unshuffled-training-data",
    code="TS402",
    severity="warning",
    help="Training data is not shuffled, so every epoch repeats the same batches.",
    explanation="""\
Files are often sorted by class, date or source. Without shuffling a batch then holds rows of one kind, and the model
runs after each kind in turn; and every epoch makes the same batches. `DataLoader` shuffles only if it is told to.

Write `shuffle=True`, or give a sampler. Where the order matters, as in time series, silence this line.

Only loaders that this file trains from are looked at, of data whose rows can surely be drawn in any order:
`TensorDataset`, `torchvision.datasets` and classes of this file with `__getitem__`.""",
    bad=(
        Mistake(
            code="""\
import torch
from torch.utils.data import DataLoader, TensorDataset

def train(model, optimizer, inputs, targets):
    train_set = TensorDataset(inputs, targets)
    train_loader = DataLoader(train_set, batch_size=32)  # TS402
    for batch, target in train_loader:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(batch), target).backward()
        optimizer.step()
""",
            fixed="""\
import torch
from torch.utils.data import DataLoader, TensorDataset

def train(model, optimizer, inputs, targets):
    train_set = TensorDataset(inputs, targets)
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
    for batch, target in train_loader:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(batch), target).backward()
        optimizer.step()
""",
        ),
        Mistake(
            code="""\
import torch
from torchvision import datasets
from lessons import fit

data = datasets.MNIST("data", train=True)
train_loader = torch.utils.data.DataLoader(data, 64, shuffle=False)  # TS402
fit(torch.nn.Linear(784, 10), train_loader)
""",
            fixed="""\
import torch
from torchvision import datasets
from lessons import fit

data = datasets.MNIST("data", train=True)
train_loader = torch.utils.data.DataLoader(data, 64, shuffle=True)
fit(torch.nn.Linear(784, 10), train_loader)
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


TRAINS = re.compile(r"(?:^|_)(?:fit|train|learn|training|trainer)(?:_|$)|Trainer$", re.IGNORECASE)


def check(module: Module) -> Iterator[Hit]:
    """Loaders of training data of a known kind without `shuffle=True`, from which this file trains."""
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
        if not _is_trained_from(module, loader) or _is_all_or_random(module, loader):
            continue
        yield Hit(
            node=loader.call,
            message="training data is not shuffled: every epoch repeats the same batches",
            fixes=edits.fix("Shuffle", change),
        )


def _is_trained_from(module: Module, loader: Loader) -> bool:
    """Whether a loop over the loader trains, or something that trains is handed it."""
    function = module.function(loader.call)
    if isinstance(function, ast.FunctionDef) and function.name == "train_dataloader":
        return True
    uses = [node for node in _reads(module, loader.name) if _may_be(module, node, loader)]
    passes = backward_calls(module)
    handed = [call for node in uses if (call := _handed_to(module, node)) is not None]
    if any(TRAINS.search(last_name(call.func)) for call in handed):
        # A call that gives a loader of its own back, such as one that draws rows at random, decides on the order.
        return not any(_gives_back(module, call, loader.name) for call in handed)
    loops = [loop for loop in module.loops if isinstance(loop, ast.For)]
    over = [loop for loop in loops if any(module.within(node, loop.iter) for node in uses)]
    return any(module.within(call, loop) for loop in over for call in passes) and not any(
        _gives_back(module, call, loader.name) for call in handed
    )


def _may_be(module: Module, node: ast.expr, loader: Loader) -> bool:
    """Whether a name may hold this loader where it is read: no other assignment surely does."""
    held = module.binding(node)
    return held is None or held.value is loader.call


def _reads(module: Module, name: str) -> list[ast.expr]:
    named = module.names_read.get(name, []) if name else []
    return [*named, *(node for node in module.attributes.get(name, []) if isinstance(node.ctx, ast.Load))]


def _handed_to(module: Module, node: ast.expr) -> ast.Call | None:
    """The call that `node` is an argument of."""
    around: ast.AST | None = node
    while isinstance(around, (ast.expr, ast.keyword)):
        parent = module.parents.get(around)
        if isinstance(parent, ast.Call) and around is not parent.func:
            return parent
        if not isinstance(parent, (ast.keyword, ast.Dict, ast.List, ast.Tuple, ast.Starred)):
            return None
        around = parent
    return None


def _gives_back(module: Module, call: ast.Call, name: str) -> bool:
    """Whether what the call gives goes by the loader's name from there on; `accelerator.prepare` keeps the order."""
    statement = module.statement(call)
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    names = {last_name(node) for target in targets for node in ast.walk(target)}
    return name in names and last_name(call.func) != "prepare"


def _is_all_or_random(module: Module, loader: Loader) -> bool:
    """Whether the order cannot matter: one batch holds all rows, or the rows are random numbers."""
    size = argument(loader.call, "batch_size", 1)
    whole = isinstance(size, ast.Call) and last_name(size.func) == "len"
    made = module.value(loader.dataset)
    inputs = [module.value(each) for each in made.args] if isinstance(made, ast.Call) else []
    named = "random" in f"{module.text.of(loader.dataset)} {module.kind(loader.dataset)}".lower()
    return whole or named or any(module.called(each).startswith("torch.rand") for each in inputs)
