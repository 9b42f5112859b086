"""Words as tokens of a model: which token stands for which word, in windows. S samples, W words, T tokens of a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tunesmith.contracts.model import TextFormat
from tunesmith.data.features import Ragged
from tunesmith.tasks.parts.texts import reads_of
from tunesmith.tasks.parts.tokens import refuse_unknown_ids, tokenizing
from tunesmith.tasks.parts.windows import Around, Windows, around_text, best_windows
from tunesmith.tasks.parts.words import Words

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from tunesmith.contracts.model import LoadedModel

NO_TOKEN = -1
"""Stands for the token of a word that has none of its own: it shares one with the word before, or has no sign that
the tokenizer keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """A row without special tokens: `ids` (T,), and `first` (W,), the token with which each word begins."""

    ids: NDArray[np.int32]
    first: NDArray[np.int64]


def tokens_of(tokenizer: Tokenizer, rows: Sequence[Words], around: Around) -> list[Tokens]:
    """Every row's tokens. Raises model.tokenizer-failed."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    with tokenizing():
        encodings = tokenizer.encode_batch([row.text for row in rows])
    found = []
    for row, encoding in zip(rows, encodings, strict=True):
        kept = slice(len(around.before), len(encoding.ids) - len(around.behind))
        ids = np.array(encoding.ids[kept], np.int32)
        offsets = np.array(encoding.offsets[kept], np.int64).reshape(-1, 2)
        found.append(Tokens(ids=ids, first=first_tokens(row, offsets)))
    return found


def first_tokens(words: Words, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The token with which each word begins, or NO_TOKEN. `offsets` (T, 2): the characters of each token.

    A token that covers the ends of two words stands for the first of them.
    """
    begins, ends = np.array(words.begins, np.int64), np.array(words.ends, np.int64)
    first = np.full(len(words), NO_TOKEN, np.int64)
    word = np.searchsorted(ends, offsets[:, 0], side="right")  # the first that ends behind the token's begin
    covers = word < len(words)
    covers &= begins[np.minimum(word, max(len(words) - 1, 0))] < offsets[:, 1] if len(words) else False
    covers &= offsets[:, 1] > offsets[:, 0]
    tokens = np.flatnonzero(covers)[::-1]
    first[word[tokens]] = tokens
    return first


def encode_words(model: LoadedModel, rows: Sequence[Words], windows: Windows) -> dict[str, Any]:
    """`input_ids` by sample (Ragged, int32), `row` (S,), and `place` (Ragged, int32): the token in the sample that
    stands for each word judged there, NO_TOKEN for none. Every word of a row is judged in one of its samples, and they
    follow each other.

    Raises model.tokenizer-too-large and data.window-too-short.
    """
    reads = reads_of(model)
    assert reads.tokenizer is not None
    around = around_text(reads.tokenizer)
    ids: list[NDArray[Any]] = []
    places: list[NDArray[Any]] = []
    owners: list[int] = []
    before, behind = np.array(around.before, np.int32), np.array(around.behind, np.int32)
    for row, tokens in enumerate(tokens_of(reads.tokenizer, rows, around)):
        spans = windows.spans(len(tokens.ids), len(before) + len(behind))
        judged_in = _window_of_words(tokens.first, spans)
        for number, (begin, end) in enumerate(spans):
            ids.append(np.concatenate([before, tokens.ids[begin:end], behind]))
            first = tokens.first[judged_in == number]
            places.append(np.where(first == NO_TOKEN, NO_TOKEN, first - begin + len(before)).astype(np.int32))
            owners.append(row)
    inputs = ragged(ids, np.int32)
    refuse_unknown_ids(reads, int(inputs.values.max(initial=0)))
    return {"input_ids": inputs, "place": ragged(places, np.int32), "row": np.array(owners, np.int64)}


def _window_of_words(first: NDArray[np.int64], spans: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """The window in which each word is judged; one without a token of its own goes with the word before it."""
    if len(spans) == 1:
        return np.zeros(len(first), np.int64)
    filled = np.maximum.accumulate(np.maximum(first, 0))
    return np.maximum.accumulate(best_windows(filled, spans))


def ragged(arrays: Sequence[NDArray[Any]], kind: Any) -> Ragged:
    """Arrays end to end."""
    offsets = np.zeros(len(arrays) + 1, np.int64)
    np.cumsum([len(each) for each in arrays], out=offsets[1:])
    return Ragged(np.concatenate(arrays).astype(kind) if arrays else np.zeros(0, kind), offsets)


def counts_of_windows(
    reads: TextFormat, rows: Sequence[Words], windows: Windows
) -> tuple[list[list[int]], list[int], list[int]]:
    """For `check`: the token ids of each row, in how many windows it is read, and how many words have no token."""
    assert reads.tokenizer is not None
    around = around_text(reads.tokenizer)
    tokens = tokens_of(reads.tokenizer, rows, around)
    beside = len(around.before) + len(around.behind)
    counts = [len(windows.spans(len(each.ids), beside)) for each in tokens]
    return [each.ids.tolist() for each in tokens], counts, [int((each.first == NO_TOKEN).sum()) for each in tokens]


def like(place: Any, values: Sequence[Sequence[int]]) -> Ragged:
    """A number for each word of each row, parted into samples as `place` is."""
    flat = np.fromiter((value for row in values for value in row), np.int32)
    return Ragged(flat, place.offsets)


def own_tokens(features: Any) -> NDArray[np.float64]:
    """How many words of each sample have a token of their own, shape (S,)."""
    place = features["place"]
    before = np.concatenate([[0], np.cumsum(np.asarray(place.values) != NO_TOKEN)])
    return np.asarray(before[place.offsets[1:]] - before[place.offsets[:-1]], np.float64)


def places_in(features: Any, samples: NDArray[np.int64], *, width: int) -> dict[str, Any]:
    """For a batch of these samples, `width` tokens wide: `at`, `counts`, and `tags` where the rows have them."""
    import torch

    from tunesmith.data.features import select

    names = [name for name in ("place", "tags") if name in features]
    chosen: Any = select({name: features[name] for name in names}, samples)
    place = np.asarray(chosen["place"].values, np.int64)
    sample = np.repeat(np.arange(len(samples)), chosen["place"].lengths)
    own = place != NO_TOKEN
    batch = {
        "at": torch.from_numpy(sample[own] * width + place[own]),
        "counts": torch.from_numpy(np.bincount(sample[own], minlength=len(samples))),
    }
    if "tags" in chosen:
        batch["tags"] = torch.from_numpy(np.asarray(chosen["tags"].values, np.int64)[own])
    return batch
