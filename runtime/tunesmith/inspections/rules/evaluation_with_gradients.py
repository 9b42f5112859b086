"""An evaluation that keeps what only a backward pass needs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Fix, Hit
from tunesmith.inspections.evaluation import (
    NO_GRADIENTS,
    USES_GRADIENTS,
    applied,
    calls_of_name,
    evaluates,
    is_evaluation,
    mode_calls,
    model_calls,
    switches_off,
    without_gradients,
)
from tunesmith.inspections.module import Module, begin, same
from tunesmith.inspections.scopes import FunctionNode
from tunesmith.inspections.training import backward_calls, mentions
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="evaluation-with-gradients",
    code="TS202",
    severity="warning",
    help="The evaluation records gradients that are not used, which takes memory and time.",
    explanation="""\
`model.eval()` changes how dropout and batch norm behave, and nothing else: each call still keeps every intermediate
value for a backward pass. Without them an evaluation needs far less memory, so that larger batches fit, and is faster;
with them, a list of outputs keeps all their graphs alive.

Put the loop under `with torch.inference_mode():` or `torch.no_grad()`, or decorate the function with it.""",
    bad=(
        Mistake(
            code="""\
import torch

def evaluate(model, loader):
    model.eval()
    right = 0
    for batch, target in loader:
        right += (model(batch).argmax(1) == target).sum()  # TS202
    return right
""",
            fixed="""\
import torch

@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    right = 0
    for batch, target in loader:
        right += (model(batch).argmax(1) == target).sum()
    return right
""",
        ),
        Mistake(
            code="""\
import torch

class Tools:
    @staticmethod
    def evaluate(model, loader):
        model.eval()
        right = 0
        for batch, target in loader:
            right += (model(batch).argmax(1) == target).sum()  # TS202
        return right
""",
            fixed="""\
import torch

class Tools:
    @staticmethod
    @torch.no_grad()
    def evaluate(model, loader):
        model.eval()
        right = 0
        for batch, target in loader:
            right += (model(batch).argmax(1) == target).sum()
        return right
""",
        ),
        Mistake(
            code="""\
import torch
from torch import nn

net = nn.Linear(4, 2)
optimizer = torch.optim.Adam(net.parameters())

def train(loader):
    for batch, target in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(batch), target).backward()
        optimizer.step()

def test(loader):
    right = 0
    for batch, target in loader:
        right += (net(batch).argmax(1) == target).sum().item()  # TS202
    return right
""",
            fixed="""\
import torch
from torch import nn

net = nn.Linear(4, 2)
optimizer = torch.optim.Adam(net.parameters())

def train(loader):
    for batch, target in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(batch), target).backward()
        optimizer.step()

@torch.no_grad()
def test(loader):
    right = 0
    for batch, target in loader:
        right += (net(batch).argmax(1) == target).sum().item()
    return right
""",
        ),
    ),
    good=(
        """\
import torch

def evaluate(model, loader):
    model.eval()
    right = 0
    with torch.no_grad():
        for batch, target in loader:
            right += (model(batch).argmax(1) == target).sum()
    model.train()
    return right
""",
        """\
import torch

def attack(model, loader):
    model.eval()
    for batch, target in loader:
        batch.requires_grad_(True)
        loss = torch.nn.functional.cross_entropy(model(batch), target)
        gradient, = torch.autograd.grad(loss, batch)
        yield batch + 0.01 * gradient.sign()
""",
        """\
import torch
from tools import smart_inference_mode

@smart_inference_mode()
def check(model, loader):
    model.eval()
    for batch in loader:
        print(model(batch))
""",
        """\
import torch

def score(model, loader):
    model.eval()
    return [model(batch) for batch in loader]

@torch.inference_mode()
def report(model, loader):
    return score(model, loader)
""",
    ),
)
_MODE = re.compile(r"eval|infer|grad|test", re.IGNORECASE)
COUNTS = ("argmax", "max", "topk", "item", "numpy", "tolist", "eq", "round")


def check(module: Module) -> Iterator[Hit]:
    """Loops over `model(...)` with gradients on all the way: after `model.eval()` in the same function, or in one that
    is called an evaluation, counts what is right, and stands in a file that trains."""
    if switches_off(module):
        return
    seen: set[ast.AST] = set()
    for switch, model in mode_calls(module, "eval"):
        function = module.function(switch)
        around: ast.AST = function or module.tree
        if without_gradients(module, switch) or not _keeps_gradients(module, function):
            continue
        back = [begin(call) for call in module.inside(module.methods.get("train", []), around)]
        for call in _looped(module, around):
            if not same(call.func, model) or begin(call) < begin(switch):
                continue
            if any(begin(switch) < each < begin(call) for each in back):
                continue
            if module.loops_around(switch) and not is_evaluation(function):
                continue
            seen.add(around)
            yield _hit(module, call, model, "`eval()` does not switch them off")
            break
    for function in module.functions if backward_calls(module) else ():
        if function not in seen and evaluates(module, function) and _keeps_gradients(module, function):
            for call in _looped(module, function):
                if mentions(module, COUNTS, function) and not _in_a_mode(module, call):
                    yield _hit(module, call, call.func, "nothing here switches them off")
                    break


def _in_a_mode(module: Module, call: ast.Call) -> bool:
    """Whether it stands under a `with` of one's own that may switch gradients off, such as `eval_mode(model)`."""
    withs = [each for each in module.ancestors(call) if isinstance(each, (ast.With, ast.AsyncWith))]
    return any(_MODE.search(module.text.of(item)) for each in withs for item in applied(each))


def _keeps_gradients(module: Module, function: FunctionNode | None) -> bool:
    """Whether nothing in the function needs gradients or switches them off, nor what calls it here."""
    around: ast.AST = function or module.tree
    if mentions(module, (*USES_GRADIENTS, *NO_GRADIENTS), around):
        return False
    return not _takes_no_gradients(module, around) and not _called_without_gradients(module, function)


def _looped(module: Module, around: ast.AST) -> Iterator[ast.Call]:
    """`model(...)` in a `for` loop inside `around`."""
    for call in model_calls(module, around):
        if any(isinstance(each, (ast.For, ast.AsyncFor)) for each in module.loops_around(call)):
            yield call


def _hit(module: Module, call: ast.Call, model: ast.expr, why: str) -> Hit:
    return Hit(
        node=call,
        message=f"`{module.text.of(model)}` evaluates here with gradients on: {why}",
        fixes=_fixes(module, module.function(call)),
    )


def _takes_no_gradients(module: Module, around: ast.AST) -> bool:
    """Names that were imported bare, `with no_grad():`, and wrappers of one's own, `@smart_inference_mode()`."""
    return bool(module.inside(_wrappers(module), around))


@lru_cache(maxsize=1)
def _wrappers(module: Module) -> list[ast.Name]:
    named = [names for name, names in module.names_read.items() if any(word in name for word in NO_GRADIENTS)]
    return sorted((each for names in named for each in names), key=module.order.__getitem__)


def _called_without_gradients(module: Module, function: ast.AST | None) -> bool:
    """Whether this file calls the function under `no_grad`."""
    name = getattr(function, "name", "")
    return bool(name) and any(without_gradients(module, call) for call in calls_of_name(module, name))


def _fixes(module: Module, function: ast.AST | None) -> tuple[Fix, ...]:
    """A decorator, for a function that is called an evaluation and gives no values one by one."""
    if not module.names_torch or not isinstance(function, ast.FunctionDef) or not is_evaluation(function):
        return ()
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(function)):
        return ()
    return edits.fix("Decorate with `@torch.no_grad()`", edits.decorate(module, function, "@torch.no_grad()"))
