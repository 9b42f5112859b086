"""What a model returned, as the one tensor of outputs. B rows, C outputs.

A module of the user's own may return a tensor, or a tuple, list, mapping, dataclass or transformers' ModelOutput with
that tensor in it. Which part is meant is decided once, with the first batch, and kept in `LoadedModel.output`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tunesmith.errors import Place, TunesmithError

if TYPE_CHECKING:
    import torch

    from tunesmith.contracts.model import LoadedModel

LOGITS = "logits"  # what transformers calls the outputs, and so the name that settles which part is meant
JOINT = "+"
"""Between the names of parts that are the outputs together."""
DEEPEST = 4  # containers within containers

Shape = tuple["int | None", ...]
"""None stands for any size."""


def output_tensor(found: Any, model: LoadedModel, wanted: Shape) -> torch.Tensor:
    """The outputs in what `model.module` returned: floating point, of the shape `wanted`.

    A tensor that only lacks or adds dimensions of size 1 is brought into that shape. Raises model.wrong-outputs where
    no part fits, or several do and none is named `logits`.
    """
    import torch

    tensor: torch.Tensor | None
    if isinstance(found, torch.Tensor):
        tensor = found
    else:
        parts = dict(_parts(found))
        if model.head.parts and set(model.head.parts) <= set(parts):
            model.output = JOINT.join(model.head.parts)
        tensor = _joined(parts, _choice(parts, model, wanted))
    if tensor is None or not tensor.is_floating_point():
        raise _wrong(found, model, wanted)
    if _fits(tensor.shape, wanted):
        return tensor
    if not _fits_but_for_ones(tensor.shape, wanted):
        raise _wrong(found, model, wanted)
    return tensor.reshape(list(_filled(tensor.shape, wanted)))


def lone_output(found: Any, name: str | None) -> torch.Tensor:
    """The outputs in what a module returned, in the module's own shape; `name` is `LoadedModel.output`."""
    import torch

    if isinstance(found, torch.Tensor):
        return found
    tensor = _joined(dict(_parts(found)), name or LOGITS)
    assert tensor is not None
    return tensor


def _joined(parts: Mapping[str, torch.Tensor], name: str) -> torch.Tensor | None:
    """The part of this name; several names give one tensor, whose last dimension they are."""
    import torch

    names = name.split(JOINT)
    if len(names) == 1 or not set(names) <= set(parts):
        return parts.get(name)
    return torch.stack([parts[each] for each in names], dim=-1)


def _choice(parts: Mapping[str, torch.Tensor], model: LoadedModel, wanted: Shape) -> str:
    """The name of the part that holds the outputs, kept for the batches to come; empty where that is not clear."""
    if model.output is not None and set(model.output.split(JOINT)) <= set(parts):
        return model.output
    if LOGITS in parts:
        model.output = LOGITS
        return LOGITS
    exact = [name for name, tensor in parts.items() if tensor.is_floating_point() and _fits(tensor.shape, wanted)]
    near = [name for name, tensor in parts.items() if _fits_but_for_ones(tensor.shape, wanted)]
    fitting = exact or near
    if len(fitting) != 1:
        return ""
    model.output = fitting[0]
    return model.output


def _parts(found: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, torch.Tensor]]:
    """Every tensor in nested containers, with its dotted name; members of a sequence are called by their number."""
    import torch

    if isinstance(found, torch.Tensor):
        yield name, found
        return
    items: list[tuple[str, Any]] = []
    if isinstance(found, Mapping):
        items = [(str(key), value) for key, value in found.items()]
    elif dataclasses.is_dataclass(found) and not isinstance(found, type):
        items = [(field.name, getattr(found, field.name, None)) for field in dataclasses.fields(found)]
    elif isinstance(found, tuple) and hasattr(found, "_fields"):
        items = list(zip(found._fields, found, strict=True))
    elif isinstance(found, (tuple, list)):
        items = [(str(place), value) for place, value in enumerate(found)]
    elif isinstance(getattr(found, LOGITS, None), torch.Tensor):
        items = [(LOGITS, getattr(found, LOGITS))]
    for key, value in items if depth < DEEPEST else ():
        yield from _parts(value, f"{name}.{key}" if name else key, depth + 1)


def _fits(shape: Sequence[int], wanted: Shape) -> bool:
    return len(shape) == len(wanted) and all(
        size is None or size == has for size, has in zip(wanted, shape, strict=True)
    )


def _fits_but_for_ones(shape: Sequence[int], wanted: Shape) -> bool:
    return _fits([size for size in shape if size != 1], tuple(size for size in wanted if size != 1))


def _filled(shape: Sequence[int], wanted: Shape) -> Iterator[int]:
    left = [size for size in shape if size != 1]
    for size in wanted:
        yield 1 if size == 1 else left.pop(0)


def _wrong(found: Any, model: LoadedModel, wanted: Shape) -> TunesmithError:
    """One sentence with the shapes."""
    rows, *rest = wanted
    shape = f"({', '.join('any' if size is None else str(size) for size in wanted)}{',' * (len(wanted) == 1)})"
    parts = list(_parts(found))
    several = [name for name, tensor in parts if _fits(tensor.shape, wanted)]
    count = rest[-1] if rest else 1
    if len(several) > 1:
        message = "returned several tensors that could be its outputs"
        hint = f'return one of them, or all in a dict with the outputs under "{LOGITS}"'
    elif any(_fits(tensor.shape, wanted) for _, tensor in parts):
        message = "returned outputs that are no floating-point numbers, which nothing can be learnt from"
        hint = "return the raw numbers of the last layer, without argmax or rounding"
    else:
        message = f"did not return one tensor of shape {shape}" + (
            f": {rows} rows with {count} outputs each" if len(wanted) == 2 else ""
        )
        hint = f"let its last layer have {count} outputs; the argument `outputs` of the callable is filled in with them"
        if count is None:
            hint = "return one row of scores for each token"
    return TunesmithError(
        "model.wrong-outputs",
        f"the model {name_of(model)} {message}",
        place=Place(key="model"),
        found=_described(found, parts),
        allowed=(f"a tensor of shape {shape}", f'a tuple, dict or dataclass with it, best named "{LOGITS}"'),
        hint=hint,
    )


def name_of(model: LoadedModel) -> str:
    """What a module is called in messages: its class, without adapters around it."""
    module: Any = model.module
    inner = module.get_base_model() if hasattr(module, "get_base_model") else module
    return type(inner).__name__


def _described(found: Any, parts: Sequence[tuple[str, torch.Tensor]]) -> str:
    import torch

    if isinstance(found, torch.Tensor):
        kind = "" if found.is_floating_point() else f" of {str(found.dtype).removeprefix('torch.')}"
        return f"a tensor{kind} of shape {tuple(found.shape)}"
    shapes = ", ".join(f"{name}: {tuple(tensor.shape)}" for name, tensor in parts[:6])
    return f"a {type(found).__name__} with {shapes}" if shapes else f"a {type(found).__name__} without a tensor"
