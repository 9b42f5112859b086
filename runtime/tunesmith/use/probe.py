"""Made-up inputs for a model, to compare it with what was exported of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.data.rows import Rows
from tunesmith.randomness import stream
from tunesmith.use.load import LoadedRun
from tunesmith.use.predict import input_roles

if TYPE_CHECKING:
    import torch
    from torch import nn

_SIZES = (1, 3, 5)
_LENGTHS = (1, 4, 9, 17, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a module: what it was given, by position and by name."""

    args: tuple[torch.Tensor, ...]
    kwargs: dict[str, torch.Tensor]


def calls(loaded: LoadedRun) -> list[Call]:
    """Calls of the model as `predict` makes them, in batches of 1, 3 and 5 rows of unequal length."""
    if loaded.model.kind == "transformers" and loaded.facts.values.get("target") == "token":
        return [_token_call(loaded, size) for size in _SIZES]
    found = []
    with _made_up_rows(loaded, sum(_SIZES)) as rows:
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
    """Random tokens: a language model's task may pack documents, which nobody does who uses the exported model."""
    import torch

    generator = stream(0, "probe", size)
    length = min(_LENGTHS[size % len(_LENGTHS)] + 2, loaded.model.window or 64)
    vocabulary = loaded.model.pretrained.config.get_text_config().vocab_size
    ids = torch.from_numpy(generator.integers(0, vocabulary, (size, length)))
    mask = torch.ones_like(ids)
    if size > 1:
        mask[0, length // 2 :] = 0
    return Call(args=(), kwargs={"input_ids": ids, "attention_mask": mask})


@contextmanager
def _made_up_rows(loaded: LoadedRun, count: int) -> Iterator[Rows]:
    """Rows without a target, fit for the task."""
    generator = stream(0, "probe")
    values = loaded.facts.values
    columns: dict[str, list[Any]] = {}
    files = [Path("<probe>")] * count
    with tempfile.TemporaryDirectory() as folder:
        for role in input_roles(loaded):
            if role == "image" and values["source"] == "files":
                files = [_noise(Path(folder) / f"{number}.png", generator) for number in range(count)]
                columns[role] = [str(file) for file in files]
            elif role == "image":
                shape = (count, values["height"], values["width"], values["channels"])
                columns[role] = list(generator.random(shape, dtype=np.float32))
            elif role == "columns":
                columns[role] = [tuple(row) for row in _numbers(values, count, generator).tolist()]
            else:
                lengths = [_LENGTHS[number % len(_LENGTHS)] for number in range(count)]
                columns[role] = [_words(loaded, length, generator) for length in lengths]
        yield Rows(columns=columns, files=(files[0],), file_of=[0] * count, lines=list(range(1, count + 1)))


def _numbers(values: Mapping[str, Any], count: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Rows of numbers as spread as the training rows were."""
    if "input_mean" in values:
        mean, deviation = np.asarray(values["input_mean"]), np.asarray(values["input_deviation"])
        return np.asarray(mean + deviation * generator.normal(size=(count, len(mean))))
    return generator.random((count, int(values["width"])))


def _words(loaded: LoadedRun, count: int, generator: np.random.Generator) -> str:
    tokenizer = loaded.model.tokenizer
    if tokenizer is None:
        raise TypeError("a tokenizer is needed to make up texts")
    ids = generator.integers(0, tokenizer.get_vocab_size(), count).tolist()
    return tokenizer.decode(ids, skip_special_tokens=True) or "a"


def _noise(path: Path, generator: np.random.Generator) -> Path:
    from PIL import Image

    Image.fromarray(generator.integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(path)
    return path
