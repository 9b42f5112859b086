"""A data set whose workers all draw the same random numbers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, argument, method_of
from tunesmith.inspections.training import mentions
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="same-random-numbers-in-workers",
    code="TS408",
    severity="warning",
    help="Each worker gets a copy of the data set's random generator, so all of them draw the same numbers.",
    explanation="""\
A `DataLoader` with workers copies the data set into each of them, at the start of each epoch. A generator that the data
set made in `__init__` is copied with it: all workers draw the same numbers, and every epoch draws those of the first.
(torch gives each worker a seed of its own for its own random numbers, for `random` and for `numpy.random`, but knows
nothing of such a generator.)

Make the generator in the worker: draw from `torch` or `numpy.random`, or seed one in `worker_init_fn`.""",
    bad=(
        Mistake(
            code="""\
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

class Noisy(Dataset):
    def __init__(self, rows):
        self.rows = rows
        self.random = np.random.default_rng(0)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return torch.tensor(self.rows[i] + self.random.normal())

def loader_of(rows):
    return DataLoader(Noisy(rows), batch_size=8, shuffle=True, num_workers=4)  # TS408
""",
        ),
    ),
    good=(
        """\
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

class Noisy(Dataset):
    def __init__(self, rows):
        self.rows = rows
        self.order = np.random.default_rng(0).permutation(len(rows))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return torch.tensor(self.rows[self.order[i]] + np.random.normal())

def loader_of(rows):
    return DataLoader(Noisy(rows), batch_size=8, shuffle=True, num_workers=4)
""",
    ),
)
GENERATORS = frozenset({"numpy.random.default_rng", "numpy.random.RandomState", "random.Random", "torch.Generator"})


def check(module: Module) -> Iterator[Hit]:
    """Loaders with workers and no `worker_init_fn`, of a data set of this file that draws from its own generator."""
    for call in module.calls_of("torch.utils.data.DataLoader"):
        workers = module.constant(argument(call, "num_workers", 5))
        data = argument(call, "dataset", 0)
        if type(workers) is not int or workers < 2 or data is None or argument(call, "worker_init_fn") is not None:
            continue
        class_ = module.classes.get(module.kind(data)[1:]) if module.kind(data).startswith(".") else None
        name = _own_generator(module, class_) if class_ is not None else ""
        if name:
            yield Hit(node=call, message=f"all {workers} workers draw the same numbers from a copy of `self.{name}`")


def _own_generator(module: Module, class_: ast.ClassDef) -> str:
    """The attribute that `__init__` assigns a generator and `__getitem__` draws from."""
    scope, method = module.class_scopes.get(class_), method_of(class_, "__getitem__")
    if scope is None or method is None:
        return ""
    for name, values in scope.attributes.items():
        made = [module.called(value) for value in values if isinstance(value, ast.Call)]
        if len(made) == len(values) == 1 and made[0] in GENERATORS and mentions(module, (name,), method):
            return name
    return ""
