"""Frozen parameters that are handed to an optimizer with weight decay."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, argument, begin, same
from tunesmith.inspections.optimizers import Made, optimizers, owner_of_parameters, root
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="frozen-parameters-decayed",
    code="TS109",
    severity="info",
    help="Parameters that were frozen are handed to an optimizer with weight decay.",
    explanation="""\
An optimizer leaves a parameter alone only while its gradient is None. One that was frozen after its first backward
pass, or whose gradients are zeroed with `set_to_none=False`, still has a gradient: weight decay then shrinks it at
every step, and momentum keeps moving it, though it is said to be frozen.

Hand over only what is trained: `(p for p in model.parameters() if p.requires_grad)`.""",
    bad=(
        Mistake(
            code="""\
import torch

def prepare(model):
    for parameter in model.backbone.parameters():
        parameter.requires_grad = False
    return torch.optim.AdamW(model.parameters(), lr=1e-4)  # TS109
""",
            fixed="""\
import torch

def prepare(model):
    for parameter in model.backbone.parameters():
        parameter.requires_grad = False
    return torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-4)
""",
        ),
        Mistake(
            code="""\
import torch

def prepare(model):
    model.encoder.requires_grad_(False)
    return torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)  # TS109
""",
            fixed="""\
import torch

def prepare(model):
    model.encoder.requires_grad_(False)
    return torch.optim.SGD((p for p in model.parameters() if p.requires_grad), lr=0.01, weight_decay=1e-4)
""",
        ),
    ),
    good=(
        """\
import torch

def prepare(model, other):
    model.encoder.requires_grad_(False)
    first = torch.optim.AdamW(model.head.parameters(), lr=1e-4)
    second = torch.optim.SGD(model.parameters(), lr=0.01)
    third = torch.optim.AdamW(other.parameters(), lr=1e-4)
    return first, second, third
""",
        """\
import torch

def prepare(model):
    model.encoder.requires_grad_(False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    model.encoder.requires_grad_(True)  # thawed later: it must be in the optimizer
    return optimizer
""",
    ),
)
DECAYS_BY_DEFAULT = frozenset({"AdamW", "Muon"})


def check(module: Module) -> Iterator[Hit]:
    """Optimizers of `X.parameters()` after a part of X was frozen in the same function, and nothing is ever thawed."""
    frozen = list(_frozen(module))
    if not frozen or _thaws(module):
        return
    for made in optimizers(module):
        if made.model is None or not _decays(module, made):
            continue
        for node, part in frozen:
            earlier = begin(node) < begin(made.call) and module.function(node) is module.function(made.call)
            if earlier and same(root(part), made.model):
                words = module.text.of(made.parameters)
                yield Hit(
                    node=made.parameters,
                    message=f"line {node.lineno} freezes parameters of this model, and they are decayed all the same",
                    fixes=edits.fix(
                        "Hand over only what is trained",
                        edits.replace(module, made.parameters, f"(p for p in {words} if p.requires_grad)"),
                    ),
                )
                break


def _frozen(module: Module) -> Iterator[tuple[ast.expr | ast.stmt, ast.expr]]:
    """(where, what) of `for p in WHAT.parameters(): p.requires_grad = False` and `WHAT.requires_grad_(False)`."""
    for call in module.methods.get("requires_grad_", []):
        if isinstance(call.func, ast.Attribute) and _is(call.args, value=False):
            loops = module.loops_around(call)
            over = _parameters_of(loops[0], call.func.value) if loops else None
            yield call, over or call.func.value
    for node in module.assignments:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Attribute) and target.attr == "requires_grad" and node.value is not None:
            loops = module.loops_around(node)
            over = _parameters_of(loops[0], target.value) if loops and loops[0].body == [node] else None
            if over is not None and _is([node.value], value=False):
                yield node, over


def _parameters_of(loop: ast.AST, variable: ast.expr) -> ast.expr | None:
    """WHAT of `for variable in WHAT.parameters()`."""
    if not isinstance(loop, ast.For) or ast.unparse(loop.target) != ast.unparse(variable):
        return None
    return owner_of_parameters(loop.iter)


def _thaws(module: Module) -> bool:
    by_call = any(not _is(call.args, value=False) for call in module.methods.get("requires_grad_", []))
    stores = [each for each in module.attributes.get("requires_grad", []) if isinstance(each.ctx, ast.Store)]
    return by_call or any(not _is([getattr(module.statement(each), "value", None)], value=False) for each in stores)


def _is(given: list[ast.expr] | list[None], *, value: bool) -> bool:
    return len(given) == 1 and isinstance(given[0], ast.Constant) and given[0].value is value


def _decays(module: Module, made: Made) -> bool:
    given = argument(made.call, "weight_decay")
    if given is None:
        return made.name in DECAYS_BY_DEFAULT
    return module.constant(given) not in (None, 0, 0.0)
