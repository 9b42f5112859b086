"""A training loop that goes into evaluation mode and never back."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.evaluation import mode_calls, modes, trained_models
from tunesmith.inspections.module import Loop, Module, self_name, targets
from tunesmith.inspections.training import called_here, training_loops
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="training-mode-not-restored",
    code="TS203",
    severity="warning",
    help="After the first evaluation the loop goes on training in evaluation mode.",
    explanation="""\
`model.eval()` lasts until `model.train()`. Where the loop calls only the first, everything after the first evaluation
trains without dropout and with batch norm's running statistics: the model overfits, or its batch norm never adapts.
No error tells.

Call `model.train()` at the start of each epoch, or right after the evaluation.""",
    bad=(
        Mistake(
            code="""\
import torch

def train(model, loader, test_loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.train()
    for epoch in range(epochs):
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(batch), target).backward()
            optimizer.step()
        model.eval()  # TS203
        with torch.no_grad():
            for batch, target in test_loader:
                print(torch.nn.functional.cross_entropy(model(batch), target))
""",
            fixed="""\
import torch

def train(model, loader, test_loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.train()
    for epoch in range(epochs):
        model.train()
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(batch), target).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            for batch, target in test_loader:
                print(torch.nn.functional.cross_entropy(model(batch), target))
""",
        ),
        Mistake(
            code="""\
import torch

@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    return sum((model(batch).argmax(1) == target).sum() for batch, target in loader)

def train(model, loader, test_loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(epochs):
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(batch), target).backward()
            optimizer.step()
        print(evaluate(model, test_loader))  # TS203
""",
            fixed="""\
import torch

@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    return sum((model(batch).argmax(1) == target).sum() for batch, target in loader)

def train(model, loader, test_loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(epochs):
        model.train()
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(batch), target).backward()
            optimizer.step()
        print(evaluate(model, test_loader))
""",
        ),
    ),
    good=(
        """\
import torch

def run_epoch(model, loader, optimizer):
    model.train()
    for batch, target in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(batch), target).backward()
        optimizer.step()

def train(model, teacher, loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(epochs):
        teacher.eval()
        run_epoch(model, loader, optimizer)
        model.eval()
""",
        """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(1, 10), nn.Linear(10, 1)).to("cpu")
optimizer = torch.optim.SGD(params=model.parameters(), lr=0.01)
for epoch in range(100):
    loss = nn.functional.l1_loss(model(inputs), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    model.eval()
    with torch.inference_mode():
        print(nn.functional.l1_loss(model(test_inputs), test_targets))
""",
        """\
import torch

def train(model, loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for batch, target in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(batch), target).backward()
        optimizer.step()
        if target.sum() == 0:
            model.eval()
            break
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Loops around a training loop, or the loop itself, in which a trained model goes to `eval()` and never back."""
    if "eval" not in module.methods:
        return
    trained = {ast.dump(each) for each in trained_models(module)}
    changed = dict(_changers(module))
    seen: set[ast.Call] = set()
    for inner in training_loops(module):
        for loop in [inner, *module.loops_around(inner)]:
            if not any(True for _ in _to_evaluation(module, loop, changed)):
                continue
            parts = (loop, *called_here(module, loop))
            if any(module.inside(module.methods.get("train", []), part) for part in parts):
                continue
            for node, model in _to_evaluation(module, loop, changed):
                known = ast.dump(model) in trained and not _is_made_in(module, model, loop)
                if not known or modes(module, model) == "no" or node in seen or _leaves(module, node, loop):
                    continue
                seen.add(node)
                name = module.text.of(model)
                yield Hit(
                    node=node,
                    message=f"from here on `{name}` trains in evaluation mode: nothing calls `{name}.train()`",
                    fixes=edits.fix(
                        f"Put `{name}.train()` at the start of the loop",
                        edits.insert_before(module, loop.body[0], f"{name}.train()"),
                    ),
                )


def _is_made_in(module: Module, model: ast.expr, loop: Loop) -> bool:
    """Whether each round makes its own model."""
    return any(
        ast.unparse(target) == ast.unparse(model)
        for node in module.inside(module.assignments, loop)
        for target in targets(node)
    )


def _to_evaluation(module: Module, loop: Loop, changed: Mapping[str, int]) -> Iterator[tuple[ast.Call, ast.expr]]:
    """(call, model): `model.eval()` in the loop, or a call of a function of this file that does it to its argument."""
    function = module.function(loop)
    for call, model in mode_calls(module, "eval", loop):
        if module.function(call) is function:
            yield call, model
    for call in module.inside(module.calls, loop) if changed else ():
        place = changed.get(call.func.id) if isinstance(call.func, ast.Name) else None
        if place is not None and module.function(call) is function and place < len(call.args):
            yield call, call.args[place]


def _changers(module: Module) -> Iterator[tuple[str, int]]:
    """(name, place of the parameter) of plain functions that call `parameter.eval()`."""
    for call, model in mode_calls(module, "eval"):
        function = module.function(call)
        if isinstance(function, ast.FunctionDef) and isinstance(model, ast.Name) and self_name(function) != "self":
            parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
            if model.id in parameters and module.class_(call) is None:
                yield function.name, parameters.index(model.id)


def _leaves(module: Module, node: ast.AST, loop: Loop) -> bool:
    """Whether the block around `node`, or one around that, ends the loop."""
    statements = [each for each in (node, *module.between(node, loop)) if isinstance(each, ast.stmt)]
    return any(isinstance(module.blocks[each][0][-1], (ast.Break, ast.Return, ast.Raise)) for each in statements)
