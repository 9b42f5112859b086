"""Where a file evaluates: without gradients, in evaluation mode, in functions of such names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Literal

from tunesmith.inspections.losses import DEPTH, forward_of, unmoved
from tunesmith.inspections.module import Module, argument, has_stars, last_name, same
from tunesmith.inspections.names import MODAL, RECURRENT, role
from tunesmith.inspections.optimizers import optimizers
from tunesmith.inspections.scopes import FUNCTIONS, FunctionNode
from tunesmith.inspections.training import called_here, mentions

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


Modes = Literal["yes", "no", ""]


def modes(module: Module, model: ast.expr, depth: int = 0) -> Modes:
    """Whether a model behaves otherwise when it trains, through dropout or batch norm; "" where the code does not say.

    A model that only its name tells is like the models of this file if none of those has modes.
    """
    kind = module.kind(model)
    if depth > DEPTH or (not kind and module.is_own(model)):
        return ""  # a class that the file defines more than once: which one is not clear
    if kind.startswith(".") and kind[1:] in module.module_classes:
        return _modes_of_class(module, module.module_classes[kind[1:]], depth)
    if kind == "torch.nn.Sequential":
        value = unmoved(module, module.attribute_value(model) or module.value(model))
        inner = value.args if isinstance(value, ast.Call) and not has_stars(value) else []
        return _together([_modes_of_part(module, each, depth) for each in inner] or [""])
    if kind:
        return _modes_of_kind(kind)
    given = module.given(model)
    if given:
        return _together([modes(module, each, depth + 1) for each in given])
    own = [_modes_of_class(module, each, depth) for each in module.module_classes.values()]
    return "no" if own and set(own) == {"no"} else ""


def _together(parts: list[Modes]) -> Modes:
    return "yes" if "yes" in parts else "" if "" in parts else "no"


def _modes_of_kind(kind: str) -> Modes:
    """Of what a known function makes: a layer of torch, or a model that is loaded with its dropout and norms."""
    if kind.startswith("torch.nn."):
        return "yes" if kind.rpartition(".")[2] in MODAL else "no"
    return "yes" if role(kind) == "module" else ""


def _modes_of_part(module: Module, part: ast.expr, depth: int) -> Modes:
    value = module.value(part)
    if not isinstance(value, ast.Call):
        return ""
    return "yes" if _is_modal(module, value) else modes(module, value, depth + 1)


def _modes_of_class(module: Module, class_: ast.ClassDef, depth: int) -> Modes:
    own = [node for node in ast.walk(class_) if isinstance(node, (ast.Call, ast.Attribute))]
    if any(_is_modal(module, each) for each in own):
        return "yes"
    scope = module.class_scopes.get(class_)
    held = [value for values in (scope.attributes.values() if scope else ()) for value in values if value is not None]
    parts = [value for value in held if isinstance(value, ast.Call) and not module.called(value).startswith("torch.")]
    found = [_modes_of_part(module, each, depth + 1) if depth < DEPTH else "" for each in parts]
    # A layer that is handed in, or bases that are not in sight, may be anything.
    handed = any(isinstance(value, ast.Name) and module.binding(value) is None for value in held)
    unseen = handed or forward_of(class_) is None
    return _together([*found, "" if unseen else "no"])


def _is_modal(module: Module, node: ast.expr) -> bool:
    """A layer that behaves otherwise when it trains, or a function of that kind."""
    name = module.name(node.func if isinstance(node, ast.Call) else node)
    last = name.rpartition(".")[2]
    if isinstance(node, ast.Call) and last in RECURRENT:
        return argument(node, "dropout") is not None
    return last in MODAL or "dropout" in name


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


def evaluates(module: Module, function: ast.AST | None) -> bool:
    """Whether a function is called an evaluation and takes no gradients: nothing in it is differentiated or trained."""
    named = is_evaluation(function)
    return named and function is not None and not mentions(module, (*USES_GRADIENTS, "step", "zero_grad"), function)


USES_GRADIENTS = ("backward", "grad", "requires_grad", "requires_grad_", "register_hook", "vjp", "jacobian", "trace")


def surroundings(module: Module, function: FunctionNode | None) -> list[ast.AST]:
    """What of this file may have run when `function` works: itself, what it calls, and what calls it, and so on. Of the
    module's own body only what stands in no function counts; `function` is None for that."""
    found: list[ast.AST] = [*called_here(module, function or module.tree)] if function else []
    todo: list[FunctionNode | None] = [function]
    seen: list[FunctionNode | None] = []
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.append(at)
        name = getattr(at, "name", None)
        todo += [module.function(call) for call in module.calls if name and last_name(call.func) == name]
    return [*found, *(each or module.tree for each in seen)]


def has_in(module: Module, calls: Iterable[ast.AST], around: Iterable[ast.AST]) -> bool:
    """Whether one of the calls stands in one of the functions, or in the module's own body where that is meant."""
    places = list(around)
    return any(
        (module.function(call) is None and module.tree in places)
        or any(each is not module.tree and module.within(call, each) for each in places)
        for call in calls
    )
