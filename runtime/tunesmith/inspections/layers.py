"""How wide values are between layers, as far as a Sequential or a straight `forward` shows."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tunesmith.inspections.module import Module, argument

CONVOLUTIONS = frozenset({"Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"})
CHANNEL_NORMS = frozenset({"BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "InstanceNorm1d", "InstanceNorm2d"})
KEEPS = frozenset(
    {
        *("ReLU", "ReLU6", "GELU", "SiLU", "ELU", "SELU", "CELU", "LeakyReLU", "PReLU", "Tanh", "Sigmoid", "Softplus"),
        *(
            "Hardtanh",
            "Hardswish",
            "Mish",
            "LogSigmoid",
            "Softmax",
            "LogSoftmax",
            "Identity",
            "Dropout",
            "AlphaDropout",
        ),
    }
)
KEEPS_CHANNELS = frozenset(
    {f"{kind}{size}d" for kind in ("MaxPool", "AvgPool", "AdaptiveAvgPool", "AdaptiveMaxPool") for size in (1, 2, 3)}
    | {"Dropout1d", "Dropout2d", "Dropout3d", "Upsample"}
)
FUNCTIONS_KEEP = frozenset(
    {
        f"torch.nn.functional.{name}"
        for name in ("relu", "gelu", "silu", "elu", "tanh", "sigmoid", "leaky_relu", "dropout")
    }
    | {f"torch.{name}" for name in ("relu", "tanh", "sigmoid")}
)
METHODS_KEEP = frozenset({"relu", "tanh", "sigmoid", "relu_", "contiguous", "float", "clone", "detach"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """`size` values in the last dimension, or `channels`: in the dimension after the batch. `of`: the layer."""

    size: int
    channels: bool
    of: ast.Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """`layer` takes `takes` features or channels (`argument`), but `given` comes from `before`."""

    layer: ast.Call
    argument: ast.expr
    takes: int
    given: Width


def through(module: Module, layer: ast.expr | None, width: Width | None) -> tuple[Width | None, Misfit | None]:
    """The width behind a layer, and the misfit if the width before it does not suit it."""
    if not isinstance(layer, ast.Call):
        return None, None
    parent, _, name = module.called(layer).rpartition(".")
    if parent != "torch.nn":
        return None, None
    if name in KEEPS:
        return width, None
    if name in KEEPS_CHANNELS:
        return (width if width and width.channels else None), None
    is_convolution, is_norm = name in CONVOLUTIONS, name in CHANNEL_NORMS
    if name == "Linear":
        taken, made = argument(layer, "in_features", 0), argument(layer, "out_features", 1)
    elif is_convolution:
        taken, made = argument(layer, "in_channels", 0), argument(layer, "out_channels", 1)
    elif is_norm:
        taken = made = argument(layer, "num_features", 0)
    else:
        return None, None
    takes, makes = module.constant(taken), module.constant(made)
    wrong = None
    fits = width is not None and width.channels == (is_convolution or is_norm)
    if width is not None and taken is not None and type(takes) is int and fits and takes != width.size:
        wrong = Misfit(layer=layer, argument=taken, takes=takes, given=width)
    behind = Width(size=makes, channels=name != "Linear", of=layer) if type(makes) is int else None
    return behind, wrong


def in_sequence(module: Module, layers: Sequence[ast.expr]) -> Iterator[Misfit]:
    """The misfits between layers that follow one another; nothing is known behind a layer that torch does not make."""
    width: Width | None = None
    for layer in layers:
        width, wrong = through(module, module.value(layer), width)
        if wrong:
            yield wrong


def in_forward(module: Module, forward: ast.FunctionDef) -> Iterator[tuple[ast.Call, Misfit]]:
    """(call, misfit) in the straight part of a `forward` whose layers are attributes that are assigned once."""
    widths: dict[str, Width | None] = {}
    for statement in forward.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            width, found = _through_expression(module, statement.value, widths)
            yield from found
            if isinstance(target, ast.Name):
                widths[target.id] = width
                continue
        elif isinstance(statement, ast.Return) and statement.value is not None:
            yield from _through_expression(module, statement.value, widths)[1]
        for node in ast.walk(statement):  # whatever else is bound here has an unknown width from now on
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                widths[node.id] = None


def _through_expression(
    module: Module, node: ast.expr, widths: dict[str, Width | None], depth: int = 0
) -> tuple[Width | None, list[tuple[ast.Call, Misfit]]]:
    if isinstance(node, ast.Name):
        return widths.get(node.id), []
    if not isinstance(node, ast.Call) or depth > 20:
        return None, []
    is_method = isinstance(node.func, ast.Attribute) and module.owner(node.func) is None and not module.called(node)
    if is_method and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS_KEEP:
        return _through_expression(module, node.func.value, widths, depth + 1)
    if len(node.args) < 1:
        return None, []
    before, found = _through_expression(module, node.args[0], widths, depth + 1)
    if module.called(node) in FUNCTIONS_KEEP:
        return before, found
    if len(node.args) != 1 or node.keywords:
        return None, found
    layer = module.attribute_value(node.func)
    behind, wrong = through(module, layer, before)
    return behind, [*found, *([(node, wrong)] if wrong else [])]
