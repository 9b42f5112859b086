"""A learning rate schedule that steps ahead of the optimizer."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module
from tunesmith.inspections.training import block_statement, optimizer_steps, steps_inside
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="scheduler-before-optimizer",
    code="TS106",
    severity="warning",
    help="The scheduler steps before the optimizer, so the first learning rate is never used.",
    explanation="""\
A schedule's first value is set when it is made. `scheduler.step()` ahead of `optimizer.step()` goes to the second value
before the first was used, and every later one comes too early. Torch warns once.

Step the optimizer first, in each batch or, for schedules by epoch, in all batches of the epoch.""",
    bad=(
        Mistake(
            code="""\
import torch
from torch.optim.lr_scheduler import StepLR

def train(model, loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = StepLR(optimizer, step_size=10)
    for epoch in range(epochs):
        scheduler.step()  # TS106
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(batch), target).backward()
            optimizer.step()
""",
            fixed="""\
import torch
from torch.optim.lr_scheduler import StepLR

def train(model, loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = StepLR(optimizer, step_size=10)
    for epoch in range(epochs):
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(batch), target).backward()
            optimizer.step()
        scheduler.step()
""",
        ),
    ),
    good=(
        """\
import torch

def train(model, loader, optimizer, scheduler):
    for batch, target in loader:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(batch), target).backward()
        optimizer.step()
        scheduler.step()
""",
        """\
import torch

def denoise(scheduler, model, sample, optimizer):
    for t in scheduler.timesteps:
        sample = scheduler.step(model(sample, t), t, sample)
        optimizer.step()
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """`scheduler.step()` in a loop's body with the optimizer's step after it and none before."""
    for call, schedule in module.bare_calls("step"):
        if call in optimizer_steps(module):
            continue
        statement, loops = module.statement(call), module.loops_around(call)
        if not module.is_scheduler(schedule) or not loops or statement not in loops[0].body:
            continue
        block, number = module.blocks[statement]
        inner = steps_inside(module, loops[0])
        before = [each for each in inner if block_statement(module, each, block[:number])]
        after = [found for each in inner if (found := block_statement(module, each, block[number + 1 :]))]
        if not isinstance(statement, ast.Expr) or before or not after:
            continue
        last = after[-1]
        if isinstance(last, (ast.If, ast.Try)) or _leaves(block[number + 1 : block.index(last) + 1]):
            continue
        yield Hit(
            node=call,
            message=f"`{module.text.of(schedule)}` steps before the optimizer: its first value is never used",
            fixes=edits.fix(
                "Step after the optimizer",
                edits.remove_line(module, statement),
                edits.insert_after(module, last, module.text.of(statement)),
            ),
        )


def _leaves(statements: list[ast.stmt]) -> bool:
    """Whether one of the statements may go on to the next round or out of the loop."""
    return any(isinstance(each, (ast.Continue, ast.Break, ast.Return)) for each in statements)
