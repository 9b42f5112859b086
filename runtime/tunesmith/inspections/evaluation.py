"""Where a file evaluates: without gradients, in evaluation mode, in functions of such names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tunesmith.inspections.losses import forward_values
from tunesmith.inspections.module import Module, argument, last_name, same
from tunesmith.inspections.names import MODAL, RECURRENT
from tunesmith.inspections.optimizers import optimizers
from tunesmith.inspections.scopes import FUNCTIONS

NO_GRADIENTS = ("no_grad", "inference_mode", "set_grad_enabled")
EVALUATES = re.compile(r"(?:^|_)(?:evaluate|evaluation|eval|validate|validation|valid|val|test|predict|infer)(?:_|$)")
MODEL_NAME = re.compile(r"^(?:model|net|network)$|_(?:model|net)$")


def is_evaluation(function: ast.AST | None) -> bool:
    """Whether a function's name says that it evaluates."""
    return isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and bool(EVALUATES.search(function.name))


def without_gradients(module: Module, node: ast.AST) -> bool:
    """Whether `node` stands under `no_grad` or `inference_mode`, as a `with` or as a decorator."""
    for around in module.ancestors(node):
        told: list[ast.expr] = []
        if isinstance(around, (ast.With, ast.AsyncWith)):
            told = [item.context_expr for item in around.items]
        elif isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            told = around.decorator_list
        if any(_mentions(each) for each in told):
            return True
    return False


def _mentions(node: ast.expr) -> bool:
    named = [last_name(each) for each in ast.walk(node) if isinstance(each, (ast.Name, ast.Attribute))]
    return any(word in name for name in named for word in NO_GRADIENTS)  # such as `smart_inference_mode()` too


def mode_calls(module: Module, method: str) -> Iterator[tuple[ast.Call, ast.expr]]:
    """(call, model) of `model.eval()` or `model.train()` without arguments, `train(True)` included."""
    for call in module.methods.get(method, []):
        if not isinstance(call.func, ast.Attribute) or module.called(call):
            continue
        if not call.args and not call.keywords:
            yield call, call.func.value


def trained_models(module: Module) -> list[ast.expr]:
    """What the file trains: X of `Optimizer(X.parameters())` and of `X.train()`."""
    made = [each.model for each in optimizers(module) if each.model is not None]
    return made + [model for _, model in mode_calls(module, "train")]


def is_model(module: Module, node: ast.expr) -> bool:
    """A model by what made it or, where that is not in this file, by its name."""
    role = module.role(node)
    return role == "module" if role else bool(MODEL_NAME.search(last_name(node)))


def has_modes(module: Module, model: ast.expr) -> bool:
    """Whether a model may behave otherwise when it trains: not so one of this file without dropout and norms."""
    kind = module.kind(model)
    if kind.startswith(".") and kind[1:] in module.module_classes:
        class_: ast.AST = module.module_classes[kind[1:]]
        own = [node for node in ast.walk(class_) if isinstance(node, (ast.Call, ast.Attribute))]
        if any(_is_modal(module, each) for each in own):
            return True
        foreign = [each for each in own if isinstance(each, ast.Call) and _is_foreign(module, each)]
        return bool(foreign) or not forward_values(module, module.module_classes[kind[1:]])
    if kind == "torch.nn.Sequential":
        value = module.attribute_value(model) or module.value(model)
        parts = [each for each in ast.walk(value) if isinstance(each, ast.Call)]
        return any(_is_modal(module, part) or not module.called(part) for part in parts)
    if not kind and module.is_own(model):
        return False  # a class that the file defines more than once: which one is not clear
    return not (kind.startswith("torch.nn.") and kind.rpartition(".")[2] not in MODAL)


def _is_modal(module: Module, node: ast.expr) -> bool:
    """A layer that behaves otherwise when it trains, or a function of that kind."""
    name = module.name(node.func if isinstance(node, ast.Call) else node)
    last = name.rpartition(".")[2]
    if isinstance(node, ast.Call) and last in RECURRENT:
        return argument(node, "dropout") is not None
    return last in MODAL or "dropout" in name


def _is_foreign(module: Module, call: ast.Call) -> bool:
    """A part of a model that is made elsewhere: an argument, another file's class, something loaded."""
    parent = module.parents.get(call)
    target = parent.targets[0] if isinstance(parent, ast.Assign) else None
    if not isinstance(target, ast.Attribute) or module.owner(target) is None:
        return False
    return not module.called(call).startswith("torch.")


def model_calls(module: Module, outer: ast.AST) -> Iterator[ast.Call]:
    """`model(...)` inside `outer`, in its own function."""
    function = outer if isinstance(outer, FUNCTIONS) else module.function(outer)
    for call in module.calls:
        if module.function(call) is function and is_model(module, call.func) and module.within(call, outer):
            yield call


def calls_same(call: ast.Call, model: ast.expr) -> bool:
    """Whether `call` is `model(...)`."""
    return same(call.func, model)


def switches_off(module: Module) -> bool:
    """Whether gradients are switched off for good somewhere in the file: `torch.set_grad_enabled(False)` as a line."""
    lines = [
        call for call in module.methods.get("set_grad_enabled", []) if isinstance(module.parents.get(call), ast.Expr)
    ]
    return any(module.constant(argument(call, "mode", 0)) is not True for call in lines)
