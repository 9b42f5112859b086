"""Gradients that are summed over several batches without dividing the loss."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Loop, Module, last_name, targets
from tunesmith.inspections.names import ADAPTIVE
from tunesmith.inspections.training import (
    backward_calls,
    inside,
    loss_of,
    mentions,
    optimizer_steps,
    steps_inside,
    training_loops,
)
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="accumulated-loss-not-divided",
    code="TS115",
    severity="warning",
    help="The gradients of several batches are summed, so each step is as many times too long.",
    explanation="""\
Where the optimizer steps only every few batches, `backward()` adds their gradients up. A loss is the mean of its batch:
the sum of eight such gradients is eight times that of one large batch, and plain SGD makes a step eight times as long.

Divide the loss by the number of batches before `backward()`. Adam and its kin do not feel a factor in the gradients, so
files that surely use one of them are left alone.""",
    bad=(
        Mistake(
            code="""\
import torch

def train(model, loader, accumulate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for number, (batch, target) in enumerate(loader):
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()  # TS115
        if (number + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
""",
            fixed="""\
import torch

def train(model, loader, accumulate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for number, (batch, target) in enumerate(loader):
        loss = torch.nn.functional.mse_loss(model(batch), target)
        (loss / accumulate).backward()
        if (number + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
""",
        ),
    ),
    good=(
        """\
import torch

def train(model, loader, accumulate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for number, (batch, target) in enumerate(loader):
        loss = torch.nn.functional.mse_loss(model(batch), target) / accumulate
        loss.backward()
        if (number + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
""",
        """\
import torch

def train(generator, critic, loader, every):
    generator_optimizer = torch.optim.SGD(generator.parameters(), lr=0.1)
    critic_optimizer = torch.optim.SGD(critic.parameters(), lr=0.1)
    for number, batch in enumerate(loader):
        critic_optimizer.zero_grad()
        critic(batch).mean().backward()
        critic_optimizer.step()
        if number % every == 0:
            generator_optimizer.zero_grad()
            critic(generator(batch)).mean().backward()
            generator_optimizer.step()
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Loops whose only step stands under `if X % N == 0`, with the backward pass outside of it, an undivided loss, and
    an optimizer that is known to be no kin of Adam."""
    for loop in training_loops(module):
        steps = steps_inside(module, loop)
        gate = _gate(module, steps[0], loop) if len(steps) == 1 else None
        if gate is None or not _feels_a_factor(module, optimizer_steps(module)[steps[0]]):
            continue
        passes = inside(module, backward_calls(module), loop)
        count = _modulus(gate.test)
        if len(passes) != 1 or module.within(passes[0], gate) or count is None or module.constant(count) == 1:
            continue
        if not any(module.within(each, gate) for each in module.methods.get("zero_grad", [])):
            continue
        loss = loss_of(passes[0])
        if loss is None or _is_divided(module, passes[0], loop) or mentions(module, ("accumulate",), loop):
            continue
        words = module.text.of(count)
        plain = (
            isinstance(passes[0].func, ast.Attribute) and passes[0].func.value is loss and isinstance(loss, ast.Name)
        )
        yield Hit(
            node=passes[0],
            message=f"the gradients of {words} batches are summed here: the loss is not divided by `{words}`",
            fixes=edits.fix(f"Divide by `{words}`", edits.replace(module, loss, f"({module.text.of(loss)} / {words})"))
            if plain
            else (),
        )


def _gate(module: Module, step: ast.Call, loop: Loop) -> ast.If | None:
    """The `if` with a remainder that the step stands under."""
    ifs = [each for each in module.between(step, loop) if isinstance(each, ast.If)]
    return next((each for each in ifs if _modulus(each.test) is not None), None)


def _modulus(test: ast.expr) -> ast.expr | None:
    """N of `X % N == 0` or `X % N == N - 1`."""
    compare = test if isinstance(test, ast.Compare) and len(test.ops) == 1 else None
    found = compare.left if compare is not None and isinstance(compare.ops[0], ast.Eq) else None
    return found.right if isinstance(found, ast.BinOp) and isinstance(found.op, ast.Mod) else None


def _feels_a_factor(module: Module, optimizer: ast.expr) -> bool:
    kind = module.kind(optimizer).rpartition(".")[2]
    return bool(kind) and kind not in ADAPTIVE | {"Rprop", "RMSprop", "Adagrad", "Adadelta", "LBFGS", "Optimizer"}


def _is_divided(module: Module, call: ast.Call, loop: Loop) -> bool:
    """Whether anything in the loop that the backward pass may depend on divides, or sums on purpose."""
    if any(isinstance(each, ast.BinOp) and isinstance(each.op, (ast.Div, ast.Mult)) for each in ast.walk(call)):
        return True
    losses = {last_name(node) for node in ast.walk(call) if isinstance(node, (ast.Name, ast.Attribute))}
    for node in module.inside(module.assignments, loop):
        if node.value is None:
            continue
        if not losses & {last_name(each) for each in targets(node)}:
            continue
        divides = isinstance(node, ast.AugAssign) and isinstance(node.op, (ast.Div, ast.Mult))
        inner = [each for each in ast.walk(node.value) if isinstance(each, ast.BinOp)]
        if divides or any(isinstance(each.op, (ast.Div, ast.Mult)) for each in inner):
            return True
    return False
