"""Calls of losses, and what the values that they are given went through."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tunesmith.inspections.module import Module, argument, has_stars

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


@lru_cache(maxsize=1)  # several rules ask one after the other
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
class Activation:
    """`name` (softmax or sigmoid) is the last thing that happens to a value, in `call`; `of` is what it was before,
    where that is in sight."""

    name: str
    call: ast.AST
    of: ast.expr | None


_CLASSES = {"torch.nn.Softmax": "softmax", "torch.nn.Sigmoid": "sigmoid"}
_NAMES = {
    f"{parent}.{name}": name
    for parent in ("torch", "torch.nn.functional", "torch.special")
    for name in ("softmax", "sigmoid")
} | {"torch.special.expit": "sigmoid"}


def activation(module: Module, node: ast.expr, depth: int = 0) -> Activation | None:
    """The softmax or sigmoid that `node` comes out of, if it surely does."""
    value = module.value(node)
    if not isinstance(value, ast.Call) or depth > 4:
        return None
    first = argument(value, "input", 0)
    name = _NAMES.get(module.called(value)) or (_CLASSES.get(module.kind(value.func)) if first else None)
    if name:
        return Activation(name=name, call=value, of=first)
    if isinstance(value.func, ast.Attribute) and value.func.attr in ("softmax", "sigmoid"):
        known = module.role(value.func) == "" and module.owner(value.func) is None and not module.called(value)
        return Activation(name=value.func.attr, call=value, of=value.func.value) if known else None
    return _at_the_end_of(module, value.func, depth)


def _at_the_end_of(module: Module, model: ast.expr, depth: int) -> Activation | None:
    """The activation that ends a model of this file: a Sequential's last layer, or what every `forward` returns."""
    layers = sequential_layers(module, model)
    if layers:
        last = _CLASSES.get(module.called(layers[-1]))
        return Activation(name=last, call=layers[-1], of=None) if last else None
    class_ = module.module_classes.get(module.kind(model)[1:]) if module.kind(model).startswith(".") else None
    found = [activation(module, each, depth + 1) for each in forward_values(module, class_)] if class_ else []
    if not found or any(each is None or found[0] is None or each.name != found[0].name for each in found):
        return None
    return Activation(name=found[0].name, call=found[0].call, of=None) if found[0] else None


def sequential_layers(module: Module, model: ast.expr) -> list[ast.expr]:
    """The layers of the `nn.Sequential(...)` that `model` is, if they are written out."""
    value = module.attribute_value(model) or module.value(model)
    for _ in range(3):  # model = Sequential(...).to(device)
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in ("to", "cuda"):
            value = value.func.value
    if not isinstance(value, ast.Call) or module.called(value) != "torch.nn.Sequential" or has_stars(value):
        return []
    return value.args if len(value.args) > 1 else []


def forward_values(module: Module, class_: ast.ClassDef) -> list[ast.expr]:
    """What the class's `forward` returns, one expression for each `return`; empty where one returns nothing."""
    forward = next((each for each in class_.body if isinstance(each, ast.FunctionDef) and each.name == "forward"), None)
    if forward is None:
        return []
    returns = [node for node in ast.walk(forward) if isinstance(node, ast.Return) and module.function(node) is forward]
    values = [node.value for node in returns if node.value is not None]
    return values if len(values) == len(returns) else []
