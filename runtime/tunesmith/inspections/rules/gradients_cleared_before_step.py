"""Gradients set to zero between the backward pass and the step that should use them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.evaluation import model_calls
from tunesmith.inspections.module import Module, same
from tunesmith.inspections.optimizers import optimizers
from tunesmith.inspections.training import backward_calls, block_statement, optimizer_steps, steps_inside
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
        Mistake(
            code="""\
import torch

model = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for batch, target in batches:
    loss = torch.nn.functional.cross_entropy(model(batch), target)
    loss.backward()
    model.zero_grad()  # TS103
    optimizer.step()
""",
            fixed="""\
import torch

model = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for batch, target in batches:
    loss = torch.nn.functional.cross_entropy(model(batch), target)
    loss.backward()
    optimizer.step()
    model.zero_grad()
""",
        ),
    ),
    good=(
        """\
import torch

def train(generator, critic, loader, first_optimizer, second_optimizer):
    for batch in loader:
        loss = -critic(generator(batch)).mean()
        loss.backward()
        critic.zero_grad()
        first_optimizer.step()
        first_optimizer.zero_grad()
        loss = critic(batch).mean()
        loss.backward()
        second_optimizer.step()
        second_optimizer.zero_grad()
""",
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
    for call, optimizer in optimizer_steps(module).items():
        statement = module.statement(call)
        if not isinstance(statement, ast.Expr):
            continue
        block, number = module.blocks[statement]
        around = module.parents[statement]
        near = module.inside(passes, around)
        backward = {found for each in near if (found := block_statement(module, each, block[:number]))}
        for clear in module.inside(module.methods.get("zero_grad", []), around):
            clearing = module.statement(clear)
            if clearing not in block[:number] or not isinstance(clearing, ast.Expr):
                continue
            at = block.index(clearing)
            between = backward & set(block[at:number])
            if _clears(module, clear, optimizer, block[:at]) and not between and backward & set(block[:at]):
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


def _clears(module: Module, clear: ast.Call, optimizer: ast.expr, before: list[ast.stmt]) -> bool:
    """Whether `X.zero_grad()` clears what the optimizer steps: X is the optimizer, or the model that it was made of, or
    else, where that is not in sight, the one model that the statements before call."""
    owner = clear.func.value if isinstance(clear.func, ast.Attribute) else None
    if owner is None or same(owner, optimizer):
        return owner is not None
    if module.is_optimizer(owner):
        return False
    maker = module.origin(optimizer)
    made = [each.model for each in optimizers(module) if each.call is maker]
    if made:
        return made[0] is not None and same(made[0], owner)
    steps = steps_inside(module, module.function(clear) or module.tree)
    stepped = {ast.unparse(optimizer_steps(module)[each]) for each in steps}
    called = {ast.unparse(call.func) for each in before for call in model_calls(module, each)}
    return len(stepped) == 1 and called == {ast.unparse(owner)}
