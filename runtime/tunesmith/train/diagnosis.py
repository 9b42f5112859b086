"""What a forward or backward pass failed of, in the words of the job: which layer, what it got, what it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tunesmith.errors import Place, TunesmithError, is_failure
from tunesmith.job.job import Job
from tunesmith.shortages import is_out_of_memory
from tunesmith.trust import project_line

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failed:
    """The innermost layer that did not return, and its inputs; `layer` is None where all of the model had returned."""

    error: BaseException
    name: str = ""
    layer: nn.Module | None = None
    inputs: tuple[torch.Tensor, ...] = ()


def explained(error: BaseException, module: nn.Module, forward: Callable[[], Any], job: Job) -> TunesmithError | None:
    """The error that explains `error`, raised by a step; None where nothing better can be said.

    `forward`, the model and the loss, is gone through once more, to see in which layer of `module` it fails.
    """
    if isinstance(error, TunesmithError) or is_out_of_memory(error):
        return None
    failed = _failing(module, forward)
    if failed is None:  # an error of the system's then came of writing what the step gave
        return None if isinstance(error, OSError) else _backward(error, job)
    if isinstance(failed.error, TunesmithError) or is_out_of_memory(failed.error):
        return None
    if failed.layer is None:
        return TunesmithError(
            "train.loss-failed",
            f"the loss failed: {_words(failed.error)}",
            place=_place(failed.error, job.folder, "training.loss"),
            found=job.training.loss.name,
            hint="the model's outputs and the labels were made; compare what the loss takes with them",
        )
    return _size_error(failed, job) or TunesmithError(
        "model.forward-failed",
        f"the model's forward pass failed in {_called(failed)}: {_words(failed.error)}",
        place=_place(failed.error, job.folder, "model"),
        found=f"inputs of shape {_shapes(failed.inputs)}",
        hint="mend forward; `tunesmith check` tries it with one small batch",
    )


@contextmanager
def explaining(module: nn.Module, forward: Callable[[], Any], job: Job) -> Iterator[None]:
    """Raise what `explained` knows of an error in the block in its place; `forward` is what the block calls."""
    try:
        yield
    except BaseException as error:
        better = explained(error, module, forward, job) if is_failure(error) else None
        if better is None:
            raise
        raise better from error


def _failing(module: nn.Module, forward: Callable[[], Any]) -> _Failed | None:
    """Where `forward` fails, None where it does not."""
    names = {part: name for name, part in module.named_modules()}
    entered: list[tuple[nn.Module, tuple[torch.Tensor, ...]]] = []

    def enter(part: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        given = (*args, *kwargs.values())
        entered.append((part, tuple(value for value in given if isinstance(value, torch.Tensor))))

    def leave(part: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any], returned: Any) -> None:
        entered.pop()

    handles = [
        handle
        for part in names
        for handle in (
            part.register_forward_pre_hook(enter, with_kwargs=True, prepend=True),
            part.register_forward_hook(leave, with_kwargs=True),
        )
    ]
    try:
        forward()
    except BaseException as error:  # the user's code may raise anything: that is what is looked at
        if not is_failure(error):
            raise
        if not entered:
            return _Failed(error=error)
        part, inputs = entered[-1]
        return _Failed(error=error, name=names.get(part, ""), layer=part, inputs=inputs)
    finally:
        for handle in handles:
            handle.remove()
    return None


def _size_error(failed: _Failed, job: Job) -> TunesmithError | None:
    """A layer and an input whose sizes differ."""
    layer, wanted, given = failed.layer, None, None
    shape = tuple(failed.inputs[0].shape) if failed.inputs else ()
    if isinstance(layer, nn.Linear) and shape:
        wanted, given = layer.in_features, shape[-1]
        takes = f"rows of {wanted} numbers"
    elif isinstance(layer, _CONVOLUTIONS) and shape:
        dimensions = len(layer.kernel_size)
        wanted, given = layer.in_channels, shape[-dimensions - 1] if len(shape) > dimensions else None
        takes = f"{wanted} channels in {dimensions} dimensions"
    elif isinstance(layer, nn.Embedding) and failed.inputs and not failed.inputs[0].is_floating_point():
        return _embedding_error(failed, layer)
    elif isinstance(layer, nn.modules.batchnorm._BatchNorm) and len(shape) > 1:
        wanted, given = layer.num_features, shape[1]
        takes = f"{wanted} channels"
    if wanted is None or wanted == given:
        return None
    return TunesmithError(
        "model.does-not-fit",
        f"{_called(failed)} takes {takes}, and gets an input of shape {shape}",
        place=_place(failed.error, job.folder, "model"),
        found=f"{given if given is not None else len(shape)}",
        allowed=(str(wanted),),
        hint=_size_hint(layer, wanted, shape, job.data.options),
    )


def _size_hint(layer: Any, wanted: int, shape: Sequence[int], options: Mapping[str, Any]) -> str:
    numbers = math.prod(shape[1:])
    sides = " x ".join(str(size) for size in shape[1:])
    has_flatten = "flatten" in options
    if isinstance(layer, nn.Linear) and numbers == wanted and len(shape) > 2:
        how = "write `flatten: true` under data" if has_flatten else "put nn.Flatten() before it"
        return f"{how}: {sides} = {wanted} numbers"
    if isinstance(layer, _CONVOLUTIONS):
        if has_flatten and len(shape) == 2:
            return "remove `flatten: true` from data: convolutions need the image as it is"
        if "channels" in options and wanted in (1, 3) and shape[1:2] in ((1,), (3,)):
            return f"write `channels: {wanted}` under data, or let it take {shape[1]} channels"
    if isinstance(layer, nn.Linear) and "size" in options and len(shape) >= 2:
        for channels in (1, 3):
            side = math.isqrt(wanted // channels)
            if side * side * channels == wanted and side > 1:
                return f"let it take {shape[-1]} numbers, or write `size: {side}` and `channels: {channels}` under data"
    return f"let it take {shape[-1] if isinstance(layer, nn.Linear) else shape[1]}, as the layer before it gives"


def _embedding_error(failed: _Failed, layer: nn.Embedding) -> TunesmithError | None:
    ids = failed.inputs[0]
    if ids.device.type == "meta" or not ids.numel():
        return None
    least, most = int(ids.min()), int(ids.max())
    if least >= 0 and most < layer.num_embeddings:
        return None
    return TunesmithError(
        "model.vocabulary-too-small",
        f"{_called(failed)} has {layer.num_embeddings} rows, and is asked for number {most if least >= 0 else least}",
        place=Place(key="model"),
        found=str(most if least >= 0 else least),
        allowed=(f"0 to {layer.num_embeddings - 1}",),
        hint="make the table as large as the tokenizer's vocabulary, or take the tokenizer that the model was made for",
    )


def _backward(error: BaseException, job: Job) -> TunesmithError:
    """The forward pass is well: the gradients, or the update, are not."""
    if "does not require grad" in str(error):
        return no_gradient()
    return TunesmithError(
        "train.backward-failed",
        f"the step failed after the forward pass: {_words(error)}",
        place=_place(error, job.folder, "model"),
        hint="look for values that are changed in place in forward, and for an optimizer or loss of your own",
    )


def no_gradient() -> TunesmithError:
    """The error for a model of which no weight can learn."""
    return TunesmithError(
        "train.no-gradient",
        "no trainable weight got a gradient: the outputs do not depend on any of them",
        place=Place(key="method"),
        hint="look in forward for detach(), no_grad or layers that stand in a plain list; with an adapter, name the "
        "layers that forward calls under target_modules",
    )


def _called(failed: _Failed) -> str:
    """`the layer 1 (Linear)`; the model itself by its class."""
    kind = type(failed.layer).__name__
    return f"the layer {failed.name} ({kind})" if failed.name else f"the model ({kind})"


def _shapes(tensors: Sequence[torch.Tensor]) -> str:
    return ", ".join(str(tuple(tensor.shape)) for tensor in tensors) or "none"


def _words(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _place(error: BaseException, folder: Path, key: str) -> Place:
    """The last line of the project's own code on the way to the error; the job's key where there is none."""
    return project_line(error, folder) or Place(key=key)
