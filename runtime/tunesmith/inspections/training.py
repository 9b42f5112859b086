"""Where a file trains: backward passes, optimizer steps and the loops around them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tunesmith.inspections.module import Loop, Module, last_name

BACKWARD_OWNERS = ("accelerator", "fabric")


@lru_cache(maxsize=1)  # several rules use it one after the other
def backward_calls(module: Module) -> list[ast.Call]:
    """`loss.backward()`, `scaler.scale(loss).backward()`, `accelerator.backward(loss)`; not a method of `self`."""
    return [call for call in module.methods.get("backward", []) if loss_of(call) is not None]


def loss_of(call: ast.Call) -> ast.expr | None:
    """What is differentiated: the loss before it was scaled or divided."""
    if not isinstance(call.func, ast.Attribute):
        return None
    node = call.func.value
    if last_name(node) in BACKWARD_OWNERS and call.args:
        node = call.args[0]
    elif last_name(node.func if isinstance(node, ast.Call) else node) in ("self", "cls", "torch", "super"):
        return None
    while True:
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Mult)):
            node = node.left
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "scale":
            if not node.args:
                return None
            node = node.args[0]
        else:
            return node


@lru_cache(maxsize=1)  # several rules use it one after the other
def optimizer_steps(module: Module) -> dict[ast.Call, ast.expr]:
    """Each `optimizer.step()` and `scaler.step(optimizer)` with its optimizer; steps with a closure are left out."""
    return dict(_optimizer_steps(module))


def _optimizer_steps(module: Module) -> Iterator[tuple[ast.Call, ast.expr]]:
    for call in module.methods.get("step", []):
        if not isinstance(call.func, ast.Attribute) or call.keywords:
            continue
        if not call.args and module.is_optimizer(call.func.value):
            yield call, call.func.value
        elif len(call.args) == 1 and module.is_optimizer(call.args[0]) and "scaler" in last_name(call.func.value):
            yield call, call.args[0]


def inside(module: Module, calls: list[ast.Call], outer: ast.AST) -> list[ast.Call]:
    """The calls, which are in the order of the file, that stand inside `outer`, in its own function."""
    function = module.function(outer)
    if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)):
        function = outer
    return [call for call in module.inside(calls, outer) if module.function(call) is function]


def steps_inside(module: Module, outer: ast.AST) -> list[ast.Call]:
    """The steps of optimizers that stand inside `outer`, in its own function."""
    return inside(module, list(optimizer_steps(module)), outer)


@lru_cache(maxsize=1)  # several rules use it one after the other
def training_loops(module: Module) -> list[Loop]:
    """The innermost loops whose body has both a backward pass and an optimizer's step, in source order."""
    found: list[Loop] = []
    for call in backward_calls(module):
        for loop in module.loops_around(call):
            if steps_inside(module, loop):
                if loop not in found:
                    found.append(loop)
                break
    return found


def mentions(module: Module, names: Iterable[str], outer: ast.AST) -> bool:
    """Whether `X.name` of one of `names` stands anywhere inside `outer`, nested functions included."""
    return any(module.inside(module.attributes.get(name, []), outer) for name in names)


def called_here(module: Module, outer: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions and methods of this file that are called inside `outer`, with those that they call in turn."""
    found: dict[ast.FunctionDef | ast.AsyncFunctionDef, None] = {}
    todo: list[ast.AST] = [outer]
    calls, known = _local_calls(module)
    while todo:
        for call in module.inside(calls, todo.pop()):
            for function in known[last_name(call.func)]:
                if function not in found:
                    found[function] = None
                    todo.append(function)
    return list(found)


@lru_cache(maxsize=1)
def _local_calls(
    module: Module,
) -> tuple[list[ast.Call], dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]]]:
    """The calls of names that functions of this file have, and these functions by name."""
    known: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]] = {}
    for function in module.functions:
        known.setdefault(function.name, []).append(function)
    return [call for call in module.calls if last_name(call.func) in known], known


def block_statement(module: Module, node: ast.AST, block: list[ast.stmt]) -> ast.stmt | None:
    """The statement of `block` that `node` is or stands in."""
    around = [node, *module.ancestors(node)]
    return next((each for each in around if isinstance(each, ast.stmt) and each in block), None)
