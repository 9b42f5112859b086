"""Rows of noise, to compare an exported model with the one it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.data.rows import Rows
from tunesmith.tasks.parts.texts import tokenizer_of

if TYPE_CHECKING:
    import numpy as np

    from tunesmith.contracts.model import LoadedModel

LENGTHS = (1, 4, 9, 17, 30)
NOWHERE = Path("<probe>")


def made_up_rows(columns: Mapping[str, Sequence[Any]], file: Path = NOWHERE) -> Rows:
    """Rows with these columns, numbered from 1."""
    count = len(next(iter(columns.values())))
    lines = list(range(1, count + 1))
    return Rows(
        columns={role: list(cells) for role, cells in columns.items()}, files=(file,), file_of=[0] * count, lines=lines
    )


def made_up_texts(model: LoadedModel, count: int, rng: np.random.Generator) -> list[str]:
    """Texts of 1 to 30 random tokens of the model's vocabulary."""
    tokenizer = tokenizer_of(model)
    size = tokenizer.get_vocab_size()
    ids = [rng.integers(0, size, LENGTHS[number % len(LENGTHS)]).tolist() for number in range(count)]
    return [tokenizer.decode(each, skip_special_tokens=True) or "a" for each in ids]
