"""An evaluation by a model that nothing in the file ever puts into evaluation mode."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.evaluation import (
    applied,
    evaluates,
    functions_around,
    is_evaluation,
    model_calls,
    modes,
    surroundings,
    trained_models,
)
from tunesmith.inspections.module import Module, last_name
from tunesmith.inspections.training import backward_calls
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="evaluation-in-training-mode",
    code="TS201",
    severity="warning",
    help="The model evaluates in training mode: dropout drops, and batch norm learns from the test data.",
    explanation="""\
A model starts in training mode and stays in it until `model.eval()`. Evaluated like that, dropout throws away part of
every answer, and batch norm uses the batch's own statistics and moves its running ones towards the test data. Scores
are too low and change with the batch size. `torch.no_grad()` does not change the mode.

Call `model.eval()` before an evaluation and `model.train()` after it.

Only models that surely have dropout or batch norm are looked at, as the others behave the same in both modes: those of
this file, and those that are loaded by name. An `eval()` anywhere in what calls the evaluation counts.""",
    bad=(
        Mistake(
            code="""\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(self.drop(x))

def train(loader, test_loader, epochs):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(epochs):
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(batch), target).backward()
            optimizer.step()
        right = 0
        with torch.no_grad():
            for batch, target in test_loader:
                right += (model(batch).argmax(1) == target).sum()  # TS201
""",
            fixed="""\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(self.drop(x))

def train(loader, test_loader, epochs):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(epochs):
        for batch, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(batch), target).backward()
            optimizer.step()
        right = 0
        model.eval()
        with torch.no_grad():
            for batch, target in test_loader:
                right += (model(batch).argmax(1) == target).sum()
        model.train()
""",
        ),
        Mistake(
            code="""\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(self.drop(x))

net = Net()

def test(loader):
    right = 0
    with torch.no_grad():
        for batch, target in loader:
            right += (net(batch).argmax(1) == target).sum()  # TS201
    return right

def predict(batch):
    net.eval()
    return net(batch).argmax(1)

def train(loader, optimizer):
    for batch, target in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(batch), target).backward()
        optimizer.step()
""",
        ),
    ),
    good=(
        """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(self.drop(x))

def test(model, loader):
    with torch.no_grad():
        for batch, target in loader:
            print((model(batch).argmax(1) == target).sum())

def main(loader, test_loader):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for batch, target in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(batch), target).backward()
        optimizer.step()
    model.eval()
    test(model, test_loader)
""",
        """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))

def train(loader, test_loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for batch, target in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(batch), target).backward()
        optimizer.step()
    with torch.no_grad():
        for batch, target in test_loader:
            print((model(batch).argmax(1) == target).sum())
""",
        """\
import torch

def generate(model, loader):
    with torch.no_grad():
        return [model(batch) for batch in loader]
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Loops over data by a model with modes, under `no_grad` or in an evaluation, in files that train it; nothing that
    may have run before calls `eval()`."""
    if not backward_calls(module):
        return
    switches = [*module.methods.get("eval", []), *(each for each in module.methods.get("train", []) if _has_mode(each))]
    switching = {function for each in switches for function in functions_around(module, each)}
    trained = {ast.dump(each) for each in trained_models(module)}
    seen: set[ast.AST] = set()
    for around in [*module.withs, *module.functions]:
        off, evaluation = _switches_gradients_off(around), evaluates(module, around)
        for call in model_calls(module, around) if off or evaluation else ():
            function = module.function(call)
            known = ast.dump(call.func) in trained
            looped = any(module.within(loop, around) for loop in module.loops_around(call))
            if not looped or not (known or is_evaluation(function)) or function in seen:
                continue
            if modes(module, call.func) != "yes" or switching & surroundings(module, function):
                continue
            seen.add(function or module.tree)
            name = module.text.of(call.func)
            yield Hit(
                node=call,
                message=f"`{name}` evaluates in training mode: nothing before this calls `{name}.eval()`",
                fixes=edits.fix(
                    f"Put `{name}.eval()` before and `{name}.train()` after",
                    edits.insert_before(module, around, f"{name}.eval()"),
                    edits.insert_after(module, around, f"{name}.train()"),
                )
                if isinstance(around, ast.With) and not _is_left(around)
                else (),
            )
            break


def _has_mode(call: ast.Call) -> bool:
    """`model.train(False)` and `model.train(mode)`."""
    return bool(call.args or call.keywords)


def _is_left(around: ast.With) -> bool:
    """Whether the block may be left before its end, so that what is put behind it would not be reached."""
    return any(isinstance(each, (ast.Return, ast.Break, ast.Continue, ast.Yield)) for each in ast.walk(around))


def _switches_gradients_off(around: ast.AST) -> bool:
    called = [each.func if isinstance(each, ast.Call) else each for each in applied(around)]
    return any(last_name(each) in ("no_grad", "inference_mode") for each in called)
