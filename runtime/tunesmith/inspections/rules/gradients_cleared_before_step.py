"""Gradients set to zero between the backward pass and the step that should use them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, same
from tunesmith.inspections.training import backward_calls, block_statement, optimizer_steps
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="gradients-cleared-before-step",
    code="TS103",
    severity="warning",
    help="The gradients are set to zero after the backward pass and before the step that needs them.",
    explanation="""\
Between `backward()` and `step()` the gradients are all that the batch has left behind. `zero_grad()` there throws them
away: the step does nothing, or only what momentum and weight decay do, and the loss does not fall.

Clear the gradients before the backward pass or after the step.""",
    bad=(
        Mistake(
            code="""\
import torch

def train(model, loader, optimizer):
    for batch, target in loader:
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        optimizer.zero_grad()  # TS103
        optimizer.step()
""",
            fixed="""\
import torch

def train(model, loader, optimizer):
    for batch, target in loader:
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
""",
        ),
    ),
    good=(
        """\
import torch

def train(model, loader, optimizer, other_optimizer):
    for batch, target in loader:
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        other_optimizer.zero_grad()
        optimizer.step()
        optimizer.zero_grad()
""",
        """\
import torch

def train(model, loader, optimizer):
    for batch, target in loader:
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        optimizer.step()
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """In one block: a backward pass, then `X.zero_grad()`, then `X.step()`, with no other backward pass between."""
    passes = backward_calls(module)
    for call, optimizer in optimizer_steps(module):
        statement = module.statement(call)
        if not isinstance(statement, ast.Expr):
            continue
        block, number = module.blocks[statement]
        backward = {found for each in passes if (found := block_statement(module, each, block[:number]))}
        for clear in module.methods.get("zero_grad", []):
            clearing = module.statement(clear)
            if clearing not in block[:number] or not isinstance(clearing, ast.Expr):
                continue
            at = block.index(clearing)
            between = backward & set(block[at:number])
            same_one = isinstance(clear.func, ast.Attribute) and same(clear.func.value, optimizer)
            if same_one and not between and backward & set(block[:at]):
                words = module.text.of(clearing)
                yield Hit(
                    node=clear,
                    message=f"`{words}` throws the gradients away before `{module.text.of(call)}` can use them",
                    fixes=edits.fix(
                        "Clear the gradients after the step",
                        edits.remove_line(module, clearing),
                        edits.insert_after(module, statement, words),
                    ),
                )
