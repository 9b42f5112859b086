"""Documents as token ids with the tokens that are targets, and packed batches of them.

N documents, R rows of L tokens in a batch, T targets.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from tunesmith.data.batching import pack
from tunesmith.data.features import Features, Ragged
from tunesmith.tasks.parts.chat import Rendered
from tunesmith.tasks.parts.tokens import tokenizing

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from tokenizers import Tokenizer


Piece = tuple[str, bool]
"""A text, and whether its tokens are targets."""


def encode_documents(
    tokenizer: Tokenizer,
    documents: Sequence[Sequence[Piece]] | Sequence[Rendered],
    *,
    begin: int | None,
    end: int | None,
    window: int,
    split: bool,
    alone: bool,
) -> Features:
    """Token ids of all documents: pieces, each cut into tokens by itself, or conversations, cut as a whole.

    Pieces stand between `begin` and `end` where these are given; of conversations only those that their template left
    open get an `end`, and only those of the plain template a `begin`.

    `input_ids` int32 and `learnt` uint8 (N ragged; the latter only where some tokens are no targets), `targets` int64
    (N,) their number, `window` int32 (N,) the longest piece that is seen at once, `alone` uint8 (N,) whether documents
    must not share a row. Documents longer than `window` are cut, unless `split`: then `collate` makes several pieces.
    """
    tokenizer.no_padding()
    tokenizer.no_truncation()
    ids_N: list[list[int]] = []
    learnt_N: list[list[int]] = []
    longest = None if split else window
    for ids, learnt in _tokens(tokenizer, documents, begin=begin, end=end):
        ids_N.append(ids[:longest])
        learnt_N.append(learnt[:longest])
    offsets = np.zeros(len(ids_N) + 1, np.int64)
    np.cumsum([len(ids) for ids in ids_N], out=offsets[1:])
    flags = np.fromiter(chain.from_iterable(learnt_N), np.uint8, int(offsets[-1]))
    first = offsets[:-1][np.diff(offsets) > 0]
    flags[first] = 0  # nothing comes before the first token that could predict it
    targets = np.diff(np.concatenate([[0], np.cumsum(flags, dtype=np.int64)])[offsets])
    features: dict[str, Ragged | NDArray[np.generic]] = {
        "input_ids": Ragged(np.fromiter(chain.from_iterable(ids_N), np.int32, int(offsets[-1])), offsets),
        "targets": targets,
        "window": np.full(len(ids_N), window, np.int32),
        "alone": np.full(len(ids_N), alone, np.uint8),
    }
    if int(targets.sum()) != int(np.maximum(np.diff(offsets) - 1, 0).sum()):
        features["learnt"] = Ragged(flags, offsets)
    return features


def learnt_left_out(features: Features) -> Ragged:
    """`learnt` of documents all of which are learnt."""
    ids = features["input_ids"]
    assert isinstance(ids, Ragged)
    flags = np.ones(len(ids.values), np.uint8)
    flags[ids.offsets[:-1][np.diff(ids.offsets) > 0]] = 0
    return Ragged(flags, ids.offsets)


def _tokens(
    tokenizer: Tokenizer,
    documents: Sequence[Sequence[Piece]] | Sequence[Rendered],
    *,
    begin: int | None,
    end: int | None,
) -> Iterator[tuple[list[int], list[int]]]:
    """The ids of each document and whether each is a target."""
    if documents and isinstance(documents[0], Rendered):
        conversations: Sequence[Rendered] = documents  # type: ignore[assignment]
        for document, (ids, learnt) in zip(conversations, _wholes(tokenizer, conversations), strict=True):
            if document.begins and begin is not None and ids[:1] != [begin]:
                ids, learnt = [begin, *ids], [0, *learnt]
            if not document.closed and end is not None and ids[-1:] != [end]:
                ids, learnt = [*ids, end], [*learnt, learnt[-1] if learnt else 0]
            yield ids, learnt
        return
    pieces_N: Sequence[Sequence[Piece]] = documents  # type: ignore[assignment]
    texts = [text for pieces in pieces_N for text, _ in pieces]
    with tokenizing():
        encoded = iter(tokenizer.encode_batch_fast(texts, add_special_tokens=False))
    for pieces in pieces_N:
        ids = [begin] if begin is not None else []
        learnt = [0] * len(ids)
        for _, is_target in pieces:
            found = next(encoded).ids
            ids += found
            learnt += [int(is_target)] * len(found)
        if begin is not None and len(ids) > 1 and ids[1] == begin:  # the text has written it already
            ids, learnt = ids[1:], learnt[1:]
        if end is not None and (not ids or ids[-1] != end):
            ids.append(end)
            learnt.append(int(pieces[-1][1]) if pieces else 0)
        yield ids, learnt


def _wholes(tokenizer: Tokenizer, documents: Sequence[Rendered]) -> Iterator[tuple[list[int], list[int]]]:
    """The ids of whole texts; a token is a target where any character of it is learnt."""
    kept = tokenizer.post_processor
    tokenizer.post_processor = None  # it would take white space out of the places of byte-level tokens
    try:
        with tokenizing():
            encodings = tokenizer.encode_batch([document.text for document in documents], add_special_tokens=False)
    finally:
        tokenizer.post_processor = kept
    for document, encoding in zip(documents, encodings, strict=True):
        begins = [begin for begin, _ in encoding.offsets]
        ends = [end for _, end in encoding.offsets]
        learnt = [0] * len(begins)
        for start, stop in document.learnt:
            first, last = bisect_right(ends, start), bisect_left(begins, stop)
            learnt[first:last] = [1] * (last - first)
        yield encoding.ids, learnt


def pack_batch(features: Features, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
    """These documents in as few rows as hold them; no token sees another document.

    `input_ids` (R, L); `position_ids` (R, L) that begin at 0 in each document and `attention_mask` bool (R, 1, L, L),
    both only where a row holds several; `positions` (T,) places of the flattened rows whose next token is a target,
    `target` (T,) those tokens, `document` (T,) whose they are (0 is the first of `rows`), `counts` float32 (B,).
    """
    import torch

    ids = features["input_ids"]
    learnt = features.get("learnt")
    assert isinstance(ids, Ragged)
    window = int(features["window"][rows[0]])
    pieces = _pieces(ids, rows, window)
    lengths = [stop - start for _, start, stop in pieces]
    together = not features["alone"][rows[0]]
    bins = pack(lengths, window) if together else [[number] for number in range(len(pieces))]
    R, L = len(bins), max(1, max(sum(lengths[number] for number in bin_) for bin_ in bins))
    input_ids = np.zeros((R, L), np.int64)
    position_ids = np.zeros((R, L), np.int64)
    owner = np.full((R, L), -1, np.int32)
    places: list[NDArray[np.int64]] = []
    target: list[NDArray[np.generic]] = []
    document: list[NDArray[np.int64]] = []
    for row, numbers in enumerate(bins):
        at = 0
        for number in numbers:
            which, start, stop = pieces[number]
            tokens, length = ids.values[start:stop], stop - start
            input_ids[row, at : at + length] = tokens
            position_ids[row, at : at + length] = np.arange(length)
            owner[row, at : at + length] = number
            asked = np.arange(length - 1)
            if isinstance(learnt, Ragged):
                asked = np.flatnonzero(learnt.values[start + 1 : stop])
            places.append(asked + (row * L + at))
            target.append(tokens[asked + 1])
            document.append(np.full(len(asked), which, np.int64))
            at += length
    batch = {
        "input_ids": torch.from_numpy(input_ids),
        "positions": torch.from_numpy(np.concatenate(places)),
        "target": torch.from_numpy(np.concatenate(target).astype(np.int64)),
        "document": torch.from_numpy(np.concatenate(document)),
        "counts": torch.from_numpy(np.asarray(features["targets"])[rows].astype(np.float32)),
    }
    if len(pieces) > R:  # else causal attention alone keeps each document from the padding behind it
        owner_RL = torch.from_numpy(owner)
        batch["position_ids"] = torch.from_numpy(position_ids)
        batch["attention_mask"] = (owner_RL[:, :, None] == owner_RL[:, None, :]).tril_()[:, None]
    return batch


def _pieces(ids: Ragged, rows: NDArray[np.int64], window: int) -> list[tuple[int, int, int]]:
    """(number of the document within `rows`, start, stop) into `ids.values`, none longer than `window`.

    Pieces of one document overlap by a token, so that every token but the first is predicted once.
    """
    found = []
    for which, row in enumerate(rows.tolist()):
        start, stop = int(ids.offsets[row]), int(ids.offsets[row + 1])
        while stop - start > window:
            found.append((which, start, start + window))
            start += window - 1
        if stop > start:
            found.append((which, start, stop))
    return found
