"""A distributed sampler that shuffles in the same way in every epoch."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Fix, Hit
from tunesmith.inspections.loaders import part_of
from tunesmith.inspections.module import Module, argument, last_name
from tunesmith.inspections.training import training_loops
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="epoch-not-set",
    code="TS407",
    severity="warning",
    help="The `DistributedSampler` is never given the epoch, so every epoch has the same order.",
    explanation="""\
All processes must shuffle alike, so the sampler draws its order from its seed and the epoch, and it knows the epoch
only from `sampler.set_epoch(epoch)`. Without it each epoch repeats the first one's batches.

Call `sampler.set_epoch(epoch)` at the start of each epoch.""",
    bad=(
        Mistake(
            code="""\
import torch
from torch.utils.data import DataLoader, DistributedSampler

def train(model, rows, optimizer):
    sampler = DistributedSampler(rows, num_replicas=2, rank=0)  # TS407
    loader = DataLoader(rows, batch_size=32, sampler=sampler)
    for epoch in range(10):
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(batch), target).backward()
            optimizer.step()
""",
            fixed="""\
import torch
from torch.utils.data import DataLoader, DistributedSampler

def train(model, rows, optimizer):
    sampler = DistributedSampler(rows, num_replicas=2, rank=0)
    loader = DataLoader(rows, batch_size=32, sampler=sampler)
    for epoch in range(10):
        sampler.set_epoch(epoch)
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(batch), target).backward()
            optimizer.step()
""",
        ),
    ),
    good=(
        """\
import torch
from torch.utils.data import DataLoader, DistributedSampler

def train(model, rows, test_rows, optimizer):
    sampler = DistributedSampler(rows, shuffle=False)
    test_sampler = DistributedSampler(test_rows)
    loader = DataLoader(rows, batch_size=32, sampler=sampler)
    for epoch in range(10):
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(batch), target).backward()
            optimizer.step()
    return DataLoader(test_rows, batch_size=32, sampler=test_sampler)
""",
    ),
)
SAMPLER = "torch.utils.data.DistributedSampler"


def check(module: Module) -> Iterator[Hit]:
    """Shuffling samplers of training data in the function that loops over the epochs, in files without `set_epoch`."""
    made = module.calls_of(SAMPLER)
    if not made or "set_epoch" in module.text.source:
        return
    for call in made:
        name = last_name(module.assigned_to(call))
        data = argument(call, "dataset", 0)
        parts = {part_of(name), part_of(last_name(data)) if data is not None else ""}
        if "test" in parts or module.constant(argument(call, "shuffle")) is False or not _fits(module, call):
            continue
        for loop in training_loops(module):
            loops = module.loops_around(loop)
            if loops and module.function(loop) is module.function(call) and loops[-1].lineno > call.lineno:
                yield Hit(
                    node=call,
                    message="nothing calls `set_epoch`: every epoch has the same order",
                    fixes=_fixes(module, name, loops[-1]),
                )
                break


def _fits(module: Module, call: ast.Call) -> bool:
    """Whether `shuffle` is not left to a value that is only known when it runs."""
    given = argument(call, "shuffle", 3)
    return given is None or isinstance(module.constant(given), bool)


def _fixes(module: Module, name: str, loop: ast.stmt) -> tuple[Fix, ...]:
    """`sampler.set_epoch(epoch)` at the start of the loop over the epochs."""
    if not name or not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Name):
        return ()
    line = f"{name}.set_epoch({loop.target.id})"
    return edits.fix(f"Add `{line}`", edits.insert_before(module, loop.body[0], line))
