"""A training step that waits for the device to read a number."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Loop, Module, last_name
from tunesmith.inspections.training import backward_calls, inside, loss_of, training_loops
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="sync-every-step",
    code="TS105",
    severity="info",
    help="Every step waits for the device so that a number can be read.",
    explanation="""\
A GPU works behind the program: calls only line up work. `.item()`, `float(loss)` or printing a tensor waits until all
of it is done, so that the device has nothing to do while the next step is prepared. On small models this costs a third
of the time and more.

Keep `loss.detach()` and read it every 50 steps or so, as `if step % 50 == 0: print(loss.item())`. On a CPU it costs
nothing, so files that never name a device are left alone.""",
    bad=(
        Mistake(
            code="""\
import torch

def train(model, loader, optimizer, device):
    model.to(device)
    total = 0.0
    for batch, target in loader:
        loss = torch.nn.functional.cross_entropy(model(batch.to(device)), target.to(device))
        print("loss", loss)  # TS105
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()  # TS105
    return total
""",
        ),
    ),
    good=(
        """\
import torch

def train(model, loader, optimizer, device):
    model.to(device)
    total = torch.zeros((), device=device)
    for step, (batch, target) in enumerate(loader):
        loss = torch.nn.functional.cross_entropy(model(batch.to(device)), target.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach()
        if step % 50 == 0:
            print("loss", loss.item())
    return total.item()
""",
        """\
import torch

def fit(model, loader, optimizer):
    for batch, target in loader:
        loss = torch.nn.functional.mse_loss(model(batch), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(loss.item())
""",
    ),
)
_DEVICE = re.compile(r"cuda|\bmps\b|\bxpu\b|device|accelerator|fabric")
READS = ("item", "tolist", "numpy")
FUNCTIONS = ("float", "int", "print")


def check(module: Module) -> Iterator[Hit]:
    """Reads of the loss, or of another tensor, that stand under no condition in the innermost training loop."""
    if not _DEVICE.search(module.text.source):
        return
    readers = [call for call in module.calls if last_name(call.func) in (*READS, *FUNCTIONS)]
    for loop in training_loops(module):
        losses = {ast.dump(loss) for call in inside(module, backward_calls(module), loop) if (loss := loss_of(call))}
        seen: dict[ast.stmt, str] = {}
        for call in module.inside(readers, loop):
            read = _read(module, call, losses) if _is_unconditional(module, call, loop) else None
            if read is None:
                continue
            statement = module.statement(call)
            block, number = module.blocks[statement]
            again = number > 0 and seen.get(block[number - 1]) == ast.dump(read)
            if again or statement in seen:  # the number is there already
                seen[statement] = ast.dump(read)
                continue
            seen[statement] = ast.dump(read)
            words = module.text.of(read)
            yield Hit(
                node=call,
                message=f"this reads `{words}` at every step, and waits for the device each time",
                fixes=edits.fix(
                    f"Keep `{words}.detach()`", edits.replace(module, call, f"{words}.detach()"), is_safe=False
                )
                if isinstance(statement, ast.AugAssign) and statement.value is call
                else (),
            )


def _read(module: Module, call: ast.Call, losses: set[str]) -> ast.expr | None:
    """The tensor whose value the call needs."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in READS and not call.args:
        value = call.func.value
        while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            if value.func.attr not in ("detach", "cpu", "float"):
                break
            value = value.func.value
        return value if ast.dump(value) in losses or module.is_tensor(value) else None
    if isinstance(call.func, ast.Name) and call.func.id in FUNCTIONS and not module.called(call):
        shown = [part for each in call.args for part in _parts(each)]
        return next((each for each in shown if ast.dump(each) in losses), None)
    return None


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """What is printed: the argument itself, or the expressions in its f-string."""
    if isinstance(node, ast.JoinedStr):
        yield from (each.value for each in node.values if isinstance(each, ast.FormattedValue))
    else:
        yield node


def _is_unconditional(module: Module, call: ast.Call, loop: Loop) -> bool:
    if module.loops_around(call)[:1] != [loop]:
        return False
    conditions = (ast.If, ast.IfExp, ast.Try, ast.Match, ast.BoolOp, ast.ExceptHandler, ast.Lambda, ast.FunctionDef)
    return not any(isinstance(each, conditions) for each in module.between(call, loop))
