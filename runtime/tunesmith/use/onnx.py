"""A model as ONNX, for runtimes without Python or torch."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import TunesmithError, missing_extra
from tunesmith.use.probe import Call

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from torch import nn

FILE = "model.onnx"


def require_onnx() -> None:
    """Raise TunesmithError env.missing-extra where a package for ONNX is not installed."""
    from importlib.util import find_spec

    for package in ("onnx", "onnxscript", "onnxruntime"):
        if find_spec(package) is None:
            raise missing_extra("onnx", package, "the ONNX export")


def refuse_encoder_decoder(module: Any) -> None:
    """Raise TunesmithError export.encoder-decoder for a model that one file cannot hold."""
    if getattr(getattr(module, "config", None), "is_encoder_decoder", False):
        raise TunesmithError(
            "export.encoder-decoder",
            "a model with an encoder and a decoder is two networks and a memory between them, and one ONNX file holds "
            "one network",
            allowed=("transformers", "peft"),
            hint="export with --format transformers; other programs convert that folder: "
            "optimum-cli export onnx --model FOLDER OUT",
        )


def write_onnx(
    module: nn.Module, calls: list[Call], folder: Path, output: str | None = None, *, gives: str = "logits"
) -> list[str]:
    """`model.onnx` with any number of rows and, for texts, any length; returns the names of its inputs.

    `calls` are calls of the module as they are made in use: the largest one is traced. `output`: the part of what the
    module returns that holds its outputs, as `LoadedModel` knows it. `gives`: what they are called.
    """
    import torch

    from tunesmith.use.onnx_wrapper import Logits

    example = _complete(max(calls, key=lambda call: sum(tensor.numel() for tensor in _tensors(call))), calls)
    names = _names(example)
    wrapped = Logits(module, [*example.kwargs] if example.kwargs else [], output)
    rows = torch.export.Dim("rows", min=1)
    length = torch.export.Dim("length", min=1)
    text = {"input_ids", "attention_mask", "token_type_ids", "position_ids"}
    shapes = tuple({0: rows, 1: length} if name in text else {0: rows} for name in names)
    was_training = wrapped.training
    with _quiet():
        try:
            program = torch.onnx.export(
                wrapped.eval(),
                tuple(_tensors(example)),
                dynamo=True,
                input_names=names,
                output_names=[gives],
                dynamic_shapes=(shapes,),
                verbose=False,
                external_data=False,
            )
        except Exception as error:
            raise TunesmithError(
                "export.cannot-trace",
                f"this model cannot be written as ONNX: {_first_line(error)}",
                hint="export it in another format; for a module of your own, avoid branches that depend on values",
            ) from error
        finally:
            wrapped.train(was_training)
        if program is None:
            raise TunesmithError("export.cannot-trace", "the exporter returned no program for this model")
        program.save(str(folder / FILE), external_data=_is_large(module))
    return names


def run_onnx(folder: Path, calls: list[Call], names: list[str]) -> list[NDArray[np.float32]]:
    """What onnxruntime makes of each call, on the CPU."""
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(folder / FILE), options, providers=["CPUExecutionProvider"])
    wanted = [entry.name for entry in session.get_inputs()]
    found = []
    for call in calls:
        tensors = dict(zip(names, _tensors(_complete(call, calls)), strict=True))
        given = {name: tensors[name].numpy() for name in wanted}
        found.append(session.run(None, given)[0])
    return found


def _complete(call: Call, calls: list[Call]) -> Call:
    """The call with every input that any of them has: a mask that was left out, as nothing was padded, is all ones."""
    import torch

    if not call.kwargs:
        return call
    names = [name for name in ("input_ids", "token_type_ids", "attention_mask") if any(name in c.kwargs for c in calls)]
    names += [name for name in call.kwargs if name not in names]
    if "input_ids" in names and "attention_mask" not in names:
        names.append("attention_mask")
    filled: dict[str, torch.Tensor] = {}
    for name in names:
        if name in call.kwargs:
            filled[name] = call.kwargs[name]
        else:
            like = call.kwargs["input_ids"]
            filled[name] = torch.ones_like(like) if name == "attention_mask" else torch.zeros_like(like)
    return Call(args=(), kwargs=filled)


def _tensors(call: Call) -> list[torch.Tensor]:
    return [*call.args, *call.kwargs.values()]


def _names(call: Call) -> list[str]:
    return [*(f"input_{place}" if len(call.args) > 1 else "input" for place in range(len(call.args))), *call.kwargs]


def _is_large(module: nn.Module) -> bool:
    """Whether the weights pass the 2 GB that fit into one ONNX file."""
    return sum(tensor.numel() * tensor.element_size() for tensor in module.parameters()) > 1_900_000_000


def _first_line(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter and its libraries talk a lot about what the user cannot change."""
    loggers: list[Any] = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir", "torch.export")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
