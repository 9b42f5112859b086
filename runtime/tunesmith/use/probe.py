"""Made-up inputs for a model, to compare it with what was exported of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tunesmith.randomness import stream
from tunesmith.tasks.parts.made_up import LENGTHS
from tunesmith.use.load import LoadedRun

if TYPE_CHECKING:
    import torch
    from torch import nn

_SIZES = (1, 3, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a module: what it was given, by position and by name."""

    args: tuple[torch.Tensor, ...]
    kwargs: dict[str, torch.Tensor]


def calls(loaded: LoadedRun) -> list[Call]:
    """Calls of the model as `predict` makes them, in batches of 1, 3 and 5 rows of unequal length."""
    head = loaded.task.head()
    if loaded.model.kind == "transformers" and head.reads == "text" and head.ending and not head.is_new:
        return [_token_call(loaded, size) for size in _SIZES]
    found = []
    with tempfile.TemporaryDirectory() as folder:
        rows = loaded.task.made_up(loaded.model, sum(_SIZES), stream(0, "probe"), Path(folder))
        features = loaded.task.encode(rows, loaded.model)
        start = 0
        for size in _SIZES:
            batch = loaded.task.collate(features, np.arange(start, start + size))
            start += size
            with _watched(loaded.model.module) as seen:
                loaded.task.outputs(loaded.model, batch)
            found += seen[:1]
    return found


@contextmanager
def _watched(module: nn.Module) -> Iterator[list[Call]]:
    """The calls of `module` while the block runs."""
    import torch

    seen: list[Call] = []

    def note(module: nn.Module, args: Any, kwargs: dict[str, Any]) -> None:
        tensors = {name: value for name, value in kwargs.items() if isinstance(value, torch.Tensor)}
        seen.append(Call(args=tuple(args), kwargs=tensors))

    handle = module.register_forward_pre_hook(note, with_kwargs=True)
    try:
        with torch.inference_mode():
            yield seen
    finally:
        handle.remove()


def _token_call(loaded: LoadedRun, size: int) -> Call:
    """Random tokens: a task may call a language model in ways of its own, as nobody does who uses the exported one."""
    import torch

    generator = stream(0, "probe", size)
    length = min(LENGTHS[size % len(LENGTHS)] + 2, loaded.model.window or 64)
    vocabulary = loaded.model.pretrained.config.get_text_config().vocab_size
    ids = torch.from_numpy(generator.integers(0, vocabulary, (size, length)))
    mask = torch.ones_like(ids)
    if size > 1:
        mask[0, length // 2 :] = 0
    given = {"input_ids": ids, "attention_mask": mask}
    if loaded.model.pretrained.config.is_encoder_decoder:
        given["decoder_input_ids"] = torch.from_numpy(generator.integers(0, vocabulary, (size, max(1, length // 2))))
    return Call(args=(), kwargs=given)
