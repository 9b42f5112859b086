"""Where a file evaluates: without gradients, in evaluation mode, in functions of such names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from tunesmith.inspections.losses import DEPTH, forward_of, unmoved
from tunesmith.inspections.module import Module, argument, has_stars, last_name
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
    return any(_mentions(each) for around in module.ancestors(node) for each in applied(around))


def applied(around: ast.AST) -> list[ast.expr]:
    """What a `with` enters or decorates a function; nothing of any other node."""
    if isinstance(around, (ast.With, ast.AsyncWith)):
        return [item.context_expr for item in around.items]
    return around.decorator_list if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)) else []


def _mentions(node: ast.expr) -> bool:
    named = [last_name(each) for each in ast.walk(node) if isinstance(each, (ast.Name, ast.Attribute))]
    return any(word in name for name in named for word in NO_GRADIENTS)  # such as `smart_inference_mode()` too


def mode_calls(module: Module, method: str, outer: ast.AST | None = None) -> Iterator[tuple[ast.Call, ast.expr]]:
    """(call, model) of `model.eval()` or `model.train()` without arguments, in the file or inside `outer`."""
    for call, model in module.bare_calls(method, outer):
        if not module.called(call):
            yield call, model


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

    A model known by its name alone is like the models of this file if none of those has modes.
    """
    kind = module.kind(model)
    if depth > DEPTH or (not kind and module.is_own(model)):
        return ""  # a class that the file defines more than once: which one is not clear
    if kind.startswith(".") and kind[1:] in module.module_classes:
        return _modes_of_class(module, module.module_classes[kind[1:]], depth)
    if kind == "torch.nn.Sequential":
        value = unmoved(module, module.origin(model))
        inner = value.args if isinstance(value, ast.Call) and not has_stars(value) else []
        return _together([_modes_of_part(module, each, depth) for each in inner] or [""])
    if kind:
        return _modes_of_kind(kind)
    given = module.given(model)
    if given:
        return _together([modes(module, each, depth + 1) for each in given])
    return _modes_of_all(module)


@lru_cache(maxsize=1)
def _modes_of_all(module: Module) -> Modes:
    """Whether the file has models and none of them has modes: then "no"."""
    own = {_modes_of_class(module, each, 0) for each in module.module_classes.values()}
    return "no" if own == {"no"} else ""


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


@lru_cache(maxsize=1)
def _known_modes(module: Module) -> dict[ast.ClassDef, Modes]:
    """What has been found of the classes of a file."""
    return {}


def _modes_of_class(module: Module, class_: ast.ClassDef, depth: int) -> Modes:
    known = _known_modes(module)
    if class_ not in known:
        known[class_] = ""  # of a class that holds itself nothing is known
        known[class_] = _look_for_modes(module, class_, depth)
    return known[class_]


def _look_for_modes(module: Module, class_: ast.ClassDef, depth: int) -> Modes:
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
    for call in module.inside(module.calls, outer):
        if module.function(call) is function and is_model(module, call.func):
            yield call


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


def surroundings(module: Module, function: FunctionNode | None) -> set[FunctionNode | None]:
    """What of this file may have run when `function` works: itself, what it calls, and what calls it, and so on; None
    for the module's own body."""
    found: set[FunctionNode | None] = set(called_here(module, function)) if function is not None else set()
    todo: list[FunctionNode | None] = [function]
    callers: set[FunctionNode | None] = set()
    while todo:
        at = todo.pop()
        if at not in callers:
            callers.add(at)
            name = getattr(at, "name", "")
            todo += [module.function(call) for call in calls_of_name(module, name)] if name else []
    return found | callers


def calls_of_name(module: Module, name: str) -> list[ast.Call]:
    """Calls of `name(...)` and of `X.name(...)`."""
    return [*module.called_by_name.get(name, []), *module.methods.get(name, [])]


def functions_around(module: Module, node: ast.AST) -> list[FunctionNode | None]:
    """The functions that a node stands in; None alone where it stands in none."""
    found: list[FunctionNode | None] = [each for each in module.ancestors(node) if isinstance(each, FUNCTIONS)]
    return found or [None]
