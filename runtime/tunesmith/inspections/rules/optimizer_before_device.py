"""An optimizer made of a model that moves to its device afterwards."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, arguments, begin, same
from tunesmith.inspections.optimizers import Made, optimizers
from tunesmith.inspections.training import block_statement
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="optimizer-before-device",
    code="TS108",
    severity="warning",
    help="The optimizer is made before the model moves to its device, where that breaks it.",
    explanation="""\
An optimizer holds the parameters that it was given, and its state lies where they lay. Most optimizers make their state
in the first step, after the move, and nothing is wrong. But Adagrad makes it at once, and `load_state_dict` puts saved
state beside the parameters: a move after that leaves the state behind, and the first step raises "Expected all tensors
to be on the same device". On XLA, `model.to(device)` makes new parameters, and the optimizer goes on stepping the old.

Move the model first, then make the optimizer.""",
    bad=(
        Mistake(
            code="""\
import torch

def prepare(model, device):
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.01)  # TS108
    model.to(device)
    return optimizer
""",
            fixed="""\
import torch

def prepare(model, device):
    model.to(device)
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.01)
    return optimizer
""",
        ),
        Mistake(
            code="""\
import torch

def resume(path):
    model = torch.nn.Linear(2, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)  # TS108
    optimizer.load_state_dict(torch.load(path))
    if torch.cuda.is_available():
        model = model.cuda()
    return model, optimizer
""",
        ),
    ),
    good=(
        """\
import torch

def prepare(model, device):
    model.to(device)
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.001)
    model.to(torch.float32)
    return optimizer
""",
        """\
import torch

def prepare(model, device):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    model.to(device)
    return optimizer
""",
    ),
)
AT_ONCE = frozenset({"Adagrad"})
_PLACE = re.compile(r"device|cuda|mps|xpu|rank", re.IGNORECASE)


def check(module: Module) -> Iterator[Hit]:
    """`X.to(device)` or `X.cuda()` after an optimizer of `X.parameters()` in the same block or in a branch of it."""
    for made in optimizers(module):
        statement = module.statement(made.call)
        if made.model is None or not isinstance(made.model, (ast.Name, ast.Attribute)):
            continue
        block, number = module.blocks[statement]
        if _moved_before(module, made):
            continue
        for call in [*module.methods.get("to", []), *module.methods.get("cuda", [])]:
            moving = block_statement(module, call, block[number + 1 :])
            if moving is None or module.function(call) is not module.function(made.call):
                continue
            if not _moves(module, call, made.model) or isinstance(moving, (ast.For, ast.While, ast.With)):
                continue
            if any(_rebinds(each, made.model) for each in block[number + 1 : block.index(moving)]):
                continue
            if not _breaks(module, made, call):
                continue
            line = module.statement(call)
            yield Hit(
                node=made.call,
                message=f"`{module.text.of(made.model)}` moves to its device only in line {line.lineno}, after this",
                fixes=edits.fix(
                    "Move the model first",
                    edits.insert_before(module, statement, module.text.of(line)),
                    edits.remove_line(module, line),
                    is_safe=False,
                )
                if line is moving
                else (),
            )
            break


def _breaks(module: Module, made: Made, move: ast.Call) -> bool:
    """Whether the move leaves something behind: state that is there already, or, on XLA, the parameters themselves."""
    if made.name in AT_ONCE or "torch_xla" in module.imports:
        return True
    statement = module.statement(made.call)
    name = ast.unparse(statement.targets[0]) if isinstance(statement, ast.Assign) else ""
    for call in module.methods.get("load_state_dict", []):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        between = (made.call.lineno, 0) < (call.lineno, 0) < (move.lineno, 0)
        if owner is not None and between and ast.unparse(owner) == name:
            return module.function(call) is module.function(move)
    return False


def _moved_before(module: Module, made: Made) -> bool:
    """Whether the same function has moved the model already."""
    calls = [*module.methods.get("to", []), *module.methods.get("cuda", [])]
    before = [call for call in calls if begin(call) < begin(made.call)]
    model, function = made.model, module.function(made.call)
    return model is not None and any(
        module.function(call) is function and isinstance(call.func, ast.Attribute) and same(call.func.value, model)
        for call in before
    )


def _moves(module: Module, call: ast.Call, model: ast.expr) -> bool:
    """Whether the call stands alone or is assigned to the model, and names a device."""
    statement = module.statement(call)
    if not isinstance(call.func, ast.Attribute) or not same(call.func.value, model):
        return False
    to_itself = isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == ast.unparse(model)
    alone = isinstance(statement, ast.Expr) or to_itself
    if not alone or getattr(statement, "value", None) is not call:
        return False
    return call.func.attr == "cuda" or any(_PLACE.search(module.text.of(each)) for each in arguments(call))


def _rebinds(statement: ast.stmt, model: ast.expr) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return any(ast.unparse(each) == ast.unparse(model) for each in targets)
