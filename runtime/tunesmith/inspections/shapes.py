"""What the code says of the shape of a value: a column (N, 1), flat (N), its number of dimensions, its width."""

from __future__ import annotations

import ast
from typing import Literal

from tunesmith.inspections.losses import DEPTH, class_of, forward_values, sequential_layers
from tunesmith.inspections.module import Module, argument

Form = Literal["column", "flat", ""]
ACTIVATIONS = frozenset(
    {"ReLU", "GELU", "Tanh", "Sigmoid", "SiLU", "LeakyReLU", "ELU", "Softplus", "Dropout", "Identity"}
)


def form(module: Module, node: ast.expr, depth: int = 0) -> Form:
    """`column` for a value whose last dimension surely is one, such as (N, 1); `flat` for one whose last is surely not,
    such as (N)."""
    if depth > DEPTH:  # a value may be made of itself
        return ""
    value = module.value(node)
    if isinstance(value, ast.Subscript):
        return _form_of_part(value)
    if not isinstance(value, ast.Call):
        return ""
    if output_width(module, value.func) == 1:
        return "column"
    name = module.called(value)
    if name in ("torch.squeeze", "torch.unsqueeze", "torch.flatten", "torch.reshape") and value.args:
        return _form_after(module, name.rpartition(".")[2], value.args[0], value.args[1:], value.keywords, depth)
    if not isinstance(value.func, ast.Attribute) or name:
        return ""
    return _form_after(module, value.func.attr, value.func.value, value.args, value.keywords, depth)


def _form_of_part(value: ast.Subscript) -> Form:
    """`x[:, None]` is a column."""
    if not isinstance(value.slice, ast.Tuple) or len(value.slice.elts) != 2:
        return ""
    whole, new = value.slice.elts
    plain = isinstance(whole, ast.Slice) and whole.lower is None and whole.upper is None
    return "column" if plain and isinstance(new, ast.Constant) and new.value is None else ""


def _form_after(
    module: Module,
    method: str,
    base: ast.expr,
    arguments: list[ast.expr],
    keywords: list[ast.keyword],
    depth: int,
) -> Form:
    """The form of `base.method(arguments)`."""
    given = [module.constant(each) for each in (*arguments, *(each.value for each in keywords))]
    if method in ("float", "long", "double", "half", "cuda", "cpu", "to", "contiguous", "detach", "type", "clone"):
        return form(module, base, depth + 1)
    if method in ("view", "reshape"):
        if len(arguments) > 1 and given[-1] == 1:
            return "column"
        return "flat" if given == [-1] else ""
    if method == "flatten" and not given:
        return "flat"
    if method == "unsqueeze" and (given == [-1] or (given == [1] and form(module, base, depth + 1) != "column")):
        return "column"
    if method == "squeeze" and given in ([], [1], [-1]):
        return "flat"
    return ""


def sizes(call: ast.Call) -> list[ast.expr]:
    """What `view`, `reshape` or `permute` is given: sizes or places, one by one or as a tuple."""
    only = call.args[0] if len(call.args) == 1 else None
    return only.elts if isinstance(only, (ast.Tuple, ast.List)) else call.args


def output_width(module: Module, model: ast.expr, depth: int = 0) -> int | None:
    """The size of the last dimension of what a model gives, where its last layer is a `Linear` of this file."""
    if depth > DEPTH:
        return None
    layers = sequential_layers(module, model)
    while layers and module.called(layers[-1]).rpartition(".")[2] in ACTIVATIONS:
        layers = layers[:-1]
    if layers:
        return linear_width(module, layers[-1])
    made = module.origin(model)
    if linear_width(module, made) is not None:
        return linear_width(module, made)
    values = [module.value(each) for each in forward_values(module, class_of(module, model))]
    inner = [each.func for each in values if isinstance(each, ast.Call)]
    if len(inner) < len(values) or any(module.kind(each) == module.kind(model) for each in inner):
        return None
    widths = {output_width(module, each, depth + 1) for each in inner or module.given(model)}
    return widths.pop() if len(widths) == 1 else None


def linear_width(module: Module, layer: ast.expr) -> int | None:
    """`out_features` of a call of `nn.Linear`, if it is a number."""
    if not isinstance(layer, ast.Call) or module.called(layer) != "torch.nn.Linear":
        return None
    size = module.constant(argument(layer, "out_features", 1))
    return size if isinstance(size, int) else None
