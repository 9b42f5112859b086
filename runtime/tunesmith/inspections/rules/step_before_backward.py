"""An optimizer's step ahead of the backward pass of the same batch."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, begin
from tunesmith.inspections.training import backward_calls, block_statement, inside, optimizer_steps
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="step-before-backward",
    code="TS102",
    severity="warning",
    help="The optimizer steps before the backward pass has made the gradients.",
    explanation="""\
`optimizer.step()` moves the weights by the gradients that are there. Ahead of `loss.backward()` these are the last
batch's, or none at all: if they are cleared in between, the model never learns.

The order is: forward pass, `backward()`, `step()`, `zero_grad()`.""",
    bad=(
        Mistake(
            code="""\
import torch

def train(model, loader, optimizer):
    for batch, target in loader:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(batch), target)
        optimizer.step()  # TS102
        loss.backward()
""",
            fixed="""\
import torch

def train(model, loader, optimizer):
    for batch, target in loader:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        optimizer.step()
""",
        ),
    ),
    good=(
        """\
import torch

def train(generator, critic, loader, first_optimizer, second_optimizer):
    for batch in loader:
        first_optimizer.zero_grad()
        loss = critic(batch).mean()
        loss.backward()
        first_optimizer.step()
        second_optimizer.zero_grad()
        loss = -critic(generator(batch)).mean()
        loss.backward()
        second_optimizer.step()
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Steps in a block that has the backward pass later and none before, anywhere in the loop."""
    passes = backward_calls(module)
    for call, optimizer in optimizer_steps(module).items():
        loops = module.loops_around(call)
        statement = module.statement(call)
        if not loops or not isinstance(statement, ast.Expr) or statement not in loops[0].body:
            continue
        block, number = module.blocks[statement]
        inner = inside(module, passes, loops[0])
        if not inner or any(begin(each) < begin(call) for each in inner):
            continue
        later = [found for each in inner if (found := block_statement(module, each, block[number + 1 :]))]
        if later and isinstance(later[0], ast.Expr):
            adjacent = block[number + 1] is later[0]
            words = module.text.of(statement)
            yield Hit(
                node=call,
                message=f"`{module.text.of(optimizer)}` steps before `{module.text.of(inner[0])}` makes its gradients",
                fixes=edits.fix(
                    "Step after the backward pass",
                    edits.remove_line(module, statement),
                    edits.insert_after(module, later[0], words),
                    is_safe=adjacent,
                ),
            )
