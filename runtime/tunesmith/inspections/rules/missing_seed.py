"""A training script that splits or shuffles at random without a seed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Fix, Hit
from tunesmith.inspections.module import Module, argument, begin
from tunesmith.inspections.training import training_loops
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="missing-seed",
    code="TS110",
    severity="info",
    help="The script splits or shuffles at random and sets no seed, so no result can be repeated.",
    explanation="""\
Weights, dropout, the order of batches and the split all come from random numbers. Without a seed each start trains on
other rows and ends elsewhere: whether a change helped or luck did cannot be told, and a test row of today was a
training row of yesterday.

Set `torch.manual_seed(...)` before the data is split and the model is made, and `random_state=` for scikit-learn.

Only scripts that train by themselves are looked at, where "seed" occurs nowhere in the file.""",
    bad=(
        Mistake(
            code="""\
import torch
from torch.utils.data import random_split

def main(data, model):
    train, test = random_split(data, [0.9, 0.1])  # TS110
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for batch, target in train:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(batch), target).backward()
        optimizer.step()

if __name__ == "__main__":
    main(load(), make())
""",
            fixed="""\
import torch
from torch.utils.data import random_split
torch.manual_seed(0)

def main(data, model):
    train, test = random_split(data, [0.9, 0.1])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for batch, target in train:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(batch), target).backward()
        optimizer.step()

if __name__ == "__main__":
    main(load(), make())
""",
        ),
    ),
    good=(
        """\
import torch
from torch.utils.data import random_split

torch.manual_seed(7)

def main(data, model):
    train, test = random_split(data, [0.9, 0.1])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for batch, target in train:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(batch), target).backward()
        optimizer.step()

if __name__ == "__main__":
    main(load(), make())
""",
        """\
import torch
from torch.utils.data import random_split

def split(data):
    return random_split(data, [0.9, 0.1])
""",
    ),
)
LOADER, SPLIT = "torch.utils.data.DataLoader", "torch.utils.data.random_split"
ROWS = "sklearn.model_selection.train_test_split"
_SEED = re.compile(r"seed|random_state|deterministic", re.IGNORECASE)


def check(module: Module) -> Iterator[Hit]:
    """The first random split or shuffled loader of a script with a training loop and no seed."""
    if _SEED.search(module.text.source):
        return
    loops = training_loops(module)
    starts = any(isinstance(each, ast.If) and "__main__" in ast.unparse(each.test) for each in module.tree.body)
    if not loops or not (starts or any(module.function(loop) is None for loop in loops)):
        return
    drawing = [each for each in module.calls_of(LOADER, SPLIT, ROWS) if _is_random(module, each)]
    call = min(drawing, key=begin, default=None)
    if call is not None:
        words = module.called(call).rpartition(".")[2]
        yield Hit(node=call, message=f"`{words}` draws random numbers, but no seed is set", fixes=_fixes(module))


def _is_random(module: Module, call: ast.Call) -> bool:
    name = module.called(call)
    if name == LOADER:
        return module.constant(argument(call, "shuffle", 2)) is True and argument(call, "generator") is None
    if name == SPLIT:
        return argument(call, "generator", 2) is None
    return argument(call, "shuffle") is None


def _fixes(module: Module) -> tuple[Fix, ...]:
    imports = [each for each in module.tree.body if isinstance(each, (ast.Import, ast.ImportFrom))]
    if not imports or not module.names_torch:
        return ()
    added = edits.insert_after(module, imports[-1], "torch.manual_seed(0)")
    return edits.fix("Set a seed behind the imports", added, is_safe=False)
