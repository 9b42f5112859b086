"""Calls of losses, and what the values that they are given went through."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tunesmith.inspections.module import Module, argument, has_stars, method_of

FUNCTIONS = {
    "cross_entropy": "CrossEntropyLoss",
    "nll_loss": "NLLLoss",
    "binary_cross_entropy": "BCELoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
    "mse_loss": "MSELoss",
    "l1_loss": "L1Loss",
    "smooth_l1_loss": "SmoothL1Loss",
    "huber_loss": "HuberLoss",
}
ELEMENTWISE = frozenset({"BCELoss", "BCEWithLogitsLoss", "MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LossCall:
    """`call` computes the loss of class `name` from `prediction` and `target`."""

    call: ast.Call
    name: str
    prediction: ast.expr
    target: ast.expr


@lru_cache(maxsize=1)  # several rules use it one after the other
def loss_calls(module: Module) -> tuple[LossCall, ...]:
    """Calls of torch's losses as functions and as objects, with both arguments in sight."""
    return tuple(_loss_calls(module))


def _loss_calls(module: Module) -> Iterator[LossCall]:
    functions = [
        (call, name) for each, name in FUNCTIONS.items() for call in module.calls_of(f"torch.nn.functional.{each}")
    ]
    objects = [call for call in module.calls_of("") if module.role(call.func) == "loss"]
    for call, name in (*functions, *((call, module.kind(call.func).rpartition(".")[2]) for call in objects)):
        if has_stars(call):
            continue
        prediction, target = argument(call, "input", 0), argument(call, "target", 1)
        if prediction is not None and target is not None:
            yield LossCall(call=call, name=name, prediction=prediction, target=target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The last thing that happened to a value, changes of shape, type and device aside: `name` is softmax, log_softmax,
    sigmoid, logsigmoid, or scores where a linear layer or a convolution gave it. It happened in `call`; `of` is what
    the value was before, where that is in sight."""

    name: str
    call: ast.AST
    of: ast.expr | None


_FUNCTIONS = {
    **{
        f"{parent}.{name}": name
        for parent in ("torch", "torch.nn.functional", "torch.special")
        for name in ("softmax", "log_softmax", "sigmoid", "logsigmoid")
    },
    "torch.special.expit": "sigmoid",
    "torch.nn.functional.linear": "scores",
}
_LAYERS = {
    "torch.nn.Softmax": "softmax",
    "torch.nn.LogSoftmax": "log_softmax",
    "torch.nn.Sigmoid": "sigmoid",
    "torch.nn.LogSigmoid": "logsigmoid",
    **{f"torch.nn.{name}": "scores" for name in ("Linear", "LazyLinear", "Conv1d", "Conv2d", "Conv3d")},
}
_METHODS = frozenset({"softmax", "log_softmax", "sigmoid"})
# What changes shape, type or place of a value, and nothing of what it says.
KEEPS = frozenset(
    {
        *("squeeze", "unsqueeze", "view", "reshape", "flatten", "ravel", "permute", "transpose", "t", "contiguous"),
        *("float", "double", "half", "bfloat16", "to", "type", "type_as", "cuda", "cpu", "clone", "expand", "view_as"),
    }
)
_KEEPING = frozenset(f"torch.{name}" for name in ("squeeze", "unsqueeze", "reshape", "flatten", "permute", "transpose"))
_SHAPERS = frozenset({"torch.nn.Flatten", "torch.nn.Unflatten", "torch.nn.Identity"})
DEPTH = 6


def ending(module: Module, node: ast.expr, depth: int = 0) -> Ending | None:
    """What `node` surely comes out of, followed through names, changes of shape, and the models of this file."""
    value = module.value(node)
    if depth > DEPTH:
        return None
    if isinstance(value, ast.Subscript):
        place, whole = module.constant(value.slice), module.value(value.value)
        if type(place) is int and place >= 0 and isinstance(whole, ast.Call):
            found = _of_model(module, whole.func, depth, part=place)
            if found is not None:
                return found
        return ending(module, value.value, depth + 1)
    if isinstance(value, ast.Name):
        bound = module.binding(value)
        if bound is not None and bound.way == "part" and isinstance(bound.value, ast.Call):
            return _of_model(module, bound.value.func, depth, part=bound.part)
        return None
    if not isinstance(value, ast.Call):
        return None
    first = argument(value, "input", 0)
    name = _FUNCTIONS.get(module.called(value)) or (_LAYERS.get(module.kind(value.func), "") if first else "")
    if name:
        return Ending(name=name, call=value, of=first)
    if module.called(value) in _KEEPING and first is not None:
        return ending(module, first, depth + 1)
    if isinstance(value.func, ast.Attribute) and value.func.attr in _METHODS | KEEPS:
        plain = module.role(value.func) == "" and module.owner(value.func) is None and not module.called(value)
        if not plain:
            return None
        if value.func.attr in _METHODS:
            return Ending(name=value.func.attr, call=value, of=value.func.value)
        return ending(module, value.func.value, depth + 1)
    return _of_model(module, value.func, depth)


def activation(module: Module, node: ast.expr) -> Ending | None:
    """The softmax or sigmoid that `node` comes out of, if it surely does."""
    found = ending(module, node)
    return found if found is not None and found.name in ("softmax", "sigmoid") else None


def _of_model(module: Module, model: ast.expr, depth: int, part: int | None = None) -> Ending | None:
    """What ends a model of this file: a Sequential's last layer, or what every `forward` returns (its `part`)."""
    layers = [each for each in sequential_layers(module, model) if module.called(module.value(each)) not in _SHAPERS]
    if layers:
        last = _LAYERS.get(module.called(module.value(layers[-1])))
        if last or part is not None:
            return Ending(name=last, call=layers[-1], of=None) if last and part is None else None
        return _of_model(module, layers[-1], depth + 1) if depth < DEPTH else None
    values = []
    for each in forward_values(module, class_of(module, model)):
        value = module.value(each) if part is not None else each
        if part is None:
            values.append(each)
        elif isinstance(value, ast.Tuple) and part < len(value.elts):
            values.append(value.elts[part])
        else:
            return None
    found = [ending(module, each, depth + 1) for each in values]
    known = [each for each in found if each is not None]
    if not known or len(known) != len(found) or len({each.name for each in known}) != 1:
        return _given(module, model, depth, part)
    return Ending(name=known[0].name, call=known[0].call, of=None)


def _given(module: Module, model: ast.expr, depth: int, part: int | None) -> Ending | None:
    """What ends a model that is an argument of a function, if this file hands it only models that end alike."""
    found = [_of_model(module, each, depth + 1, part) for each in module.given(model)] if depth < DEPTH else []
    known = [each for each in found if each is not None]
    return known[0] if known and len(known) == len(found) and len({each.name for each in known}) == 1 else None


def class_of(module: Module, model: ast.expr) -> ast.ClassDef | None:
    """The class of this file that a model is an instance of; also of `self` in its own methods."""
    kind = module.kind(model)
    own = module.self_class(model)
    name = own.name if own is not None else kind[1:] if kind.startswith(".") else ""
    return module.module_classes.get(name)


def sequential_layers(module: Module, model: ast.expr) -> list[ast.expr]:
    """The layers of the `nn.Sequential(...)` that `model` is, if they are written out."""
    value = unmoved(module, module.origin(model))
    if not isinstance(value, ast.Call) or module.called(value) != "torch.nn.Sequential" or has_stars(value):
        return []
    return value.args if len(value.args) > 1 else []


def unmoved(module: Module, value: ast.expr) -> ast.expr:
    """`nn.Sequential(...)` of `nn.Sequential(...).to(device)`."""
    return module.before(value, ("to", "cuda", "cpu", "double", "float", "half", "train", "eval"))


def forward_values(module: Module, class_: ast.ClassDef | None) -> list[ast.expr]:
    """What the class's `forward` returns, one expression for each `return`; empty where one returns nothing."""
    forward = forward_of(class_)
    if forward is None:
        return []
    returns = [node for node in ast.walk(forward) if isinstance(node, ast.Return) and module.function(node) is forward]
    values = [node.value for node in returns if node.value is not None]
    return values if len(values) == len(returns) else []


def forward_of(class_: ast.ClassDef | None) -> ast.FunctionDef | None:
    """The class's own `forward`."""
    return method_of(class_, "forward") if class_ is not None else None
