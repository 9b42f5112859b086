"""Sources and targets as token ids, each between the tokens that models expect around it, and padded batches of them.

B rows, S tokens of the longest source, L of the longest target, T targets of all rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from tunesmith.data.features import Features, Ragged
from tunesmith.data.rows import Rows
from tunesmith.tasks.parts.teacher_forcing import IGNORED
from tunesmith.tasks.parts.texts import pad, text_of
from tunesmith.tasks.parts.tokens import refuse_unknown_ids, tokenizing

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from tunesmith.contracts.model import TextFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The tokens `before` and `after` a text; None where the tokenizer puts its own, and `after` behind those."""

    before: tuple[int, ...] | None
    after: tuple[int, ...]


def _around(reads: TextFormat, language: str | None, *, source: bool) -> Around:
    languages = reads.languages
    if languages is not None and language is not None:
        own = languages.tokens[language]
        parts = languages.source if source else languages.target
        before, after = (tuple(own if token is None else token for token in part) for part in parts)
        return Around(before=before, after=after)
    closes = source or not reads.ends or bool(set(empty(reads)) & set(reads.ends))
    return Around(before=None, after=() if closes else reads.ends[:1])


def empty(reads: TextFormat) -> list[int]:
    """The tokens of a text without any."""
    assert reads.tokenizer is not None
    with tokenizing():
        ids: list[int] = reads.tokenizer.encode("").ids
    return ids


def begins(reads: TextFormat, around: Around) -> tuple[int, ...]:
    """The tokens that every written text begins with."""
    if around.before is not None:
        return around.before
    ends = set(reads.ends)
    ids = empty(reads)
    stop = next((place for place, token in enumerate(ids) if token in ends), 0)
    return tuple(ids[:stop])


def token_lists(reads: TextFormat, texts: Sequence[str], around: Around, limit: int | None) -> list[list[int]]:
    """The ids of each text with what stands around it; the text is cut so that all are at most `limit`."""
    tokenizer = reads.tokenizer
    assert tokenizer is not None
    tokenizer.no_padding()
    tokenizer.no_truncation()
    more = len(around.after) + len(around.before or ())
    if limit is not None:
        tokenizer.enable_truncation(max(limit - more, 1))
    try:
        with tokenizing():
            encodings = tokenizer.encode_batch_fast(list(texts), add_special_tokens=around.before is None)
    finally:
        tokenizer.no_truncation()
    return [[*(around.before or ()), *encoding.ids, *around.after] or [0] for encoding in encodings]


def ragged(lists: Sequence[Sequence[int]], reads: TextFormat) -> Ragged:
    """int32. Raises model.tokenizer-too-large where a token has no embedding."""
    offsets = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([len(ids) for ids in lists], out=offsets[1:])
    values = np.fromiter(chain.from_iterable(lists), np.int32, int(offsets[-1]))
    refuse_unknown_ids(reads, int(values.max(initial=0)))
    return Ragged(values, offsets)


DEFAULT_LENGTH = 512
DEFAULT_TARGET_LENGTH = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """How a job turns sources and targets into tokens; see the task's options."""

    prefix: str
    source_language: str | None
    target_language: str | None
    max_length: int | None
    max_target_length: int | None

    def sources(self, rows: Rows, reads: TextFormat, *, whole: bool = False) -> list[list[int]]:
        """The tokens of every source, with the prefix; cut to the limit, unless `whole`."""
        texts = [self.prefix + text_of(value) for value in rows.columns["source"]]
        return token_lists(reads, texts, self.around_source(reads), None if whole else self.source_limit(reads))

    def targets(self, rows: Rows, reads: TextFormat, *, whole: bool = False) -> list[list[int]]:
        """The tokens of every target; cut to the limit, unless `whole`."""
        texts = [text_of(value) for value in rows.columns["target"]]
        return token_lists(reads, texts, self.around_target(reads), None if whole else self.target_limit(reads))

    def around_source(self, reads: TextFormat) -> Around:
        """The tokens around a source."""
        return _around(reads, self.source_language, source=True)

    def around_target(self, reads: TextFormat) -> Around:
        """The tokens around a target: it always ends with a token that ends texts."""
        return _around(reads, self.target_language, source=False)

    def source_limit(self, reads: TextFormat) -> int:
        """The most tokens of a source."""
        wanted = self.max_length or DEFAULT_LENGTH
        return min(wanted, reads.window) if reads.window else wanted

    def target_limit(self, reads: TextFormat) -> int:
        """The most tokens of a target."""
        wanted = self.max_target_length or DEFAULT_TARGET_LENGTH
        return min(wanted, reads.window) if reads.window else wanted

    def key(self, reads: TextFormat) -> dict[str, Any]:
        """What decides the tokens beside the rows and the tokenizer."""
        return {
            "prefix": self.prefix,
            "limits": [self.source_limit(reads), self.target_limit(reads)],
            "source": asdict(self.around_source(reads)),
            "target": asdict(self.around_target(reads)),
        }


def collate_pairs(features: Features, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
    """`input_ids` (B, S) with `attention_mask` where there is something to fill, and where the rows have targets:

    `labels` (B, L) filled up with -100; `positions` (T,) places of the flattened labels that are targets, `target` (T,)
    those tokens, `row` (T,) whose they are (0 is the first of `rows`), `counts` float32 (B,).
    """
    import torch

    batch = pad(features, rows)
    labels = features.get("labels")
    if not isinstance(labels, Ragged):
        return batch
    lengths = labels.lengths_of(rows)
    real = np.arange(int(lengths.max())) < lengths[:, None]
    places = np.where(real, labels.offsets[rows][:, None] + np.arange(real.shape[1]), 0)
    tokens = np.where(real, labels.values[places].astype(np.int64), IGNORED)
    positions = np.flatnonzero(real)
    batch |= {
        "labels": torch.from_numpy(tokens),
        "positions": torch.from_numpy(positions),
        "target": torch.from_numpy(tokens.reshape(-1)[positions]),
        "row": torch.from_numpy(positions // real.shape[1]),
        "counts": torch.from_numpy(lengths.astype(np.float32)),
    }
    return batch


def example_pairs() -> dict[str, Any]:
    """Two sources and two targets of eight times the first token, as `collate_pairs` gives them."""
    import torch

    ids, places = torch.zeros(2, 8, dtype=torch.int64), torch.arange(16)
    return {
        "input_ids": ids,
        "labels": ids.clone(),
        "positions": places,
        "target": torch.zeros(16, dtype=torch.int64),
        "row": places // 8,
        "counts": torch.full((2,), 8.0),
    }
