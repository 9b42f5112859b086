"""Gradients that are clipped where it has no effect."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, last_name
from tunesmith.inspections.training import backward_calls, block_statement, mentions, optimizer_steps
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="clipping-out-of-place",
    code="TS114",
    severity="warning",
    help="The gradients are clipped where that has no effect: not between the backward pass and the step.",
    explanation="""\
`clip_grad_norm_` changes the gradients that are there. Behind `optimizer.step()` they have been used already, ahead of
`loss.backward()` they are not yet made. With a `GradScaler` they are thousands of times too large until
`scaler.unscale_(optimizer)`: clipped before that, all of them shrink to almost nothing.

The order is: `backward()`, `scaler.unscale_(optimizer)` where there is a scaler, clip, step.""",
    bad=(
        Mistake(
            code="""\
import torch

def train(model, loader, optimizer):
    for batch, target in loader:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(batch), target).backward()
        optimizer.step()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # TS114
""",
            fixed="""\
import torch

def train(model, loader, optimizer):
    for batch, target in loader:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(batch), target).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
""",
        ),
        Mistake(
            code="""\
import torch

scaler = torch.amp.GradScaler("cuda")

def train(model, loader, optimizer):
    for batch, target in loader:
        optimizer.zero_grad()
        with torch.autocast("cuda"):
            loss = torch.nn.functional.mse_loss(model(batch), target)
        scaler.scale(loss).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # TS114
        scaler.step(optimizer)
        scaler.update()
""",
            fixed="""\
import torch

scaler = torch.amp.GradScaler("cuda")

def train(model, loader, optimizer):
    for batch, target in loader:
        optimizer.zero_grad()
        with torch.autocast("cuda"):
            loss = torch.nn.functional.mse_loss(model(batch), target)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
""",
        ),
    ),
    good=(
        """\
import torch

def train(model, critic, loader, optimizer, critic_optimizer):
    for batch, target in loader:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(batch) + critic(batch), target).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        torch.nn.utils.clip_grad_norm_(critic.parameters(), 1.0)
        critic_optimizer.step()
""",
    ),
)
CLIPS = ("clip_grad_norm_", "clip_grad_value_", "clip_grad_norm")


def check(module: Module) -> Iterator[Hit]:
    """In one block: a clipping behind the step, ahead of the first backward pass, or of gradients that are scaled."""
    calls = [call for call in module.calls if last_name(call.func) in CLIPS]
    if not calls:
        return
    passes, steps = backward_calls(module), list(optimizer_steps(module))
    for call in calls:
        statement = module.statement(call)
        if not isinstance(statement, ast.Expr) or not module.loops_around(call):
            continue
        block, number = module.blocks[statement]
        before, after = block[:number], block[number + 1 :]
        around = module.parents[statement]
        backward = [found for each in module.inside(passes, around) if (found := block_statement(module, each, block))]
        near = module.inside(steps, around)
        stepping = {found: each for each in near if (found := block_statement(module, each, block))}
        words = module.text.of(call.func)
        done = [each for each in before if each in stepping]
        again = [each for each in after if each in stepping]
        made = [each for each in before if each in backward]
        if done and not again and backward and not any(each in backward for each in before[before.index(done[-1]) :]):
            simple = isinstance(done[-1], ast.Expr)
            yield Hit(
                node=call,
                message=f"`{words}` clips after the step, which has used the gradients already",
                fixes=edits.fix(
                    "Clip before the step",
                    edits.remove_line(module, statement),
                    edits.insert_before(module, done[-1], module.text.of(statement)),
                )
                if simple and len(done) == 1
                else (),
            )
        elif not made and again and any(each in backward for each in after[: after.index(again[0])]):
            yield Hit(node=call, message=f"`{words}` clips before the backward pass, which then makes new gradients")
        elif again and made:
            scaled = _scaler(stepping[again[0]])
            function = module.function(call)
            if scaled is None or mentions(module, ("unscale_", "unscale"), function or module.tree):
                continue
            unscale = f"{module.text.of(scaled.value)}.unscale_({module.text.of(stepping[again[0]].args[0])})"
            yield Hit(
                node=call,
                message=f"`{words}` clips gradients that the scaler has multiplied: they shrink to almost nothing",
                fixes=edits.fix(f"Add `{unscale}`", edits.insert_before(module, statement, unscale)),
            )


def _scaler(step: ast.Call) -> ast.Attribute | None:
    """`scaler.step` of `scaler.step(optimizer)`."""
    return step.func if isinstance(step.func, ast.Attribute) and len(step.args) == 1 else None
