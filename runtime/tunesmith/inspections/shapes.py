"""What the code says of the shape of a value: a column (N, 1), flat (N), its number of dimensions, its width."""

from __future__ import annotations

import ast
from typing import Literal

from tunesmith.inspections.losses import forward_values, sequential_layers
from tunesmith.inspections.module import Module, argument

Form = Literal["column", "flat", ""]
ACTIVATIONS = frozenset(
    {"ReLU", "GELU", "Tanh", "Sigmoid", "SiLU", "LeakyReLU", "ELU", "Softplus", "Dropout", "Identity"}
)


def form(module: Module, node: ast.expr) -> Form:
    """`column` for a value that surely has the shape (N, 1), `flat` for (N)."""
    value = module.value(node)
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Tuple) and len(value.slice.elts) == 2:
        whole, new = value.slice.elts
        plain = isinstance(whole, ast.Slice) and whole.lower is None and whole.upper is None
        return "column" if plain and isinstance(new, ast.Constant) and new.value is None else ""
    if not isinstance(value, ast.Call):
        return ""
    if output_width(module, value.func) == 1:
        return "column"
    if not isinstance(value.func, ast.Attribute) or module.called(value):
        return ""
    given = [module.constant(each) for each in value.args]
    method = value.func.attr
    if method in ("float", "long", "double", "half", "cuda", "cpu", "to", "contiguous", "detach"):
        return form(module, value.func.value)
    if method in ("view", "reshape") and given[:2] == [-1, 1] and len(given) == 2:
        return "column"
    if method in ("view", "reshape") and given == [-1]:
        return "flat"
    if method == "flatten" and not given and not value.keywords:
        return "flat"
    if method == "unsqueeze" and given in ([1], [-1]) and form(module, value.func.value) == "flat":
        return "column"
    if method == "squeeze" and given in ([], [1], [-1]) and form(module, value.func.value) == "column":
        return "flat"
    return ""


def output_width(module: Module, model: ast.expr) -> int | None:
    """The size of the last dimension of what a model gives, where its last layer is a `Linear` of this file."""
    layers = sequential_layers(module, model)
    while layers and module.called(layers[-1]).rpartition(".")[2] in ACTIVATIONS:
        layers = layers[:-1]
    if layers:
        return linear_width(module, layers[-1])
    kind = module.kind(model)
    class_ = module.module_classes.get(kind[1:]) if kind.startswith(".") else None
    widths = set()
    for each in forward_values(module, class_) if class_ else []:
        value = module.value(each)
        if not isinstance(value, ast.Call):
            return None
        inner = module.attribute_value(value.func)
        if inner is None or module.kind(value.func) == kind:
            return None
        widths.add(
            linear_width(module, inner) or (output_width(module, value.func) if module.owner(value.func) else None)
        )
    return widths.pop() if len(widths) == 1 else None


def linear_width(module: Module, layer: ast.expr) -> int | None:
    """`out_features` of a call of `nn.Linear`, if it is a number."""
    if not isinstance(layer, ast.Call) or module.called(layer) != "torch.nn.Linear":
        return None
    size = module.constant(argument(layer, "out_features", 1))
    return size if isinstance(size, int) else None
