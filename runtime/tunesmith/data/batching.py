"""Which rows make which batch: little padding, no loss of randomness, and any epoch rebuilt from (seed, epoch) alone.

N: rows of the features, M: rows of this epoch (some maybe several times).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.randomness import stream

WINDOW_BATCHES = 100
"""Batches sorted together. Fewer: more padding; more: the same neighbours in every epoch. Of 20,000 rows with the long
tail that texts have, in batches of 32, padding is 10 % of the needed cells with 50, 6 % with 100, 3 % with 200."""

SHARE_BITS = 4
AT_ONCE = 1 << 20


class Batches(Sequence[NDArray[np.int64]]):
    """The batches of one epoch: int64 arrays of row numbers."""

    def __init__(self, rows: NDArray[np.integer[Any]], size: int, order: NDArray[np.int64] | None) -> None:
        self._rows, self._size, self._order = rows, size, order

    def __len__(self) -> int:
        return -(-len(self._rows) // self._size)

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        place = range(len(self))[number]
        begin = self._size * int(place if self._order is None else self._order[place])
        return self._rows[begin : begin + self._size].astype(np.int64)


def epoch_batches(
    rows: NDArray[np.integer[Any]], lengths: NDArray[np.integer[Any]] | None, *, batch_size: int, seed: int, epoch: int
) -> Batches:
    """The batches of one epoch: int64 arrays of at most `batch_size` rows, each entry of `rows` in exactly one.

    `lengths` has shape (N,) and is indexed by row number. With it, rows are shuffled, windows of about 100 batches are
    sorted by length, and the batches are shuffled; without it, rows are shuffled only. Depends on nothing but its
    arguments: batch k is `epoch_batches(...)[k]`, on every machine.
    """
    # raw words, not permutation(): only they are promised to stay the same from one numpy version to the next
    bits = stream(seed, "shuffle", epoch).bit_generator
    rows = _narrow(rows)  # of many rows, what the caller made is let go of here
    shuffled_M = _by_words(rows, bits)
    total = -(-len(shuffled_M) // batch_size)
    if lengths is None or not total:
        return Batches(shuffled_M, batch_size, None)
    windows = max(1, round(total / WINDOW_BATCHES))
    begins = [
        batch_size * -(-window * total // windows) for window in range(windows + 1)
    ]  # whole batches, equally many
    for begin, end in pairwise(begins):
        window_W = shuffled_M[begin:end]
        shuffled_M[begin:end] = window_W[np.argsort(lengths[window_W], kind="stable")]
    return Batches(shuffled_M, batch_size, np.argsort(bits.random_raw(total), kind="stable"))


def _narrow(rows: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    """The same numbers in half the memory, where they fit."""
    fits = not len(rows) or int(rows.max()) <= np.iinfo(np.int32).max
    return np.asarray(rows, np.int32 if fits else np.int64)


def _by_words(rows: NDArray[np.integer[Any]], bits: np.random.BitGenerator) -> NDArray[np.integer[Any]]:
    """`rows` in the order of words drawn from `bits`, one a row: sorted share by share, for which little memory is
    needed. The words of many rows are drawn anew for each share, which takes less time than sorting them."""
    count = len(rows)
    if count <= AT_ONCE:
        return rows[np.argsort(bits.random_raw(count), kind="stable")]
    ordered = np.empty_like(rows)
    begin = 0
    state = bits.state
    for share in range(1 << SHARE_BITS):
        bits.state = state
        words, places = [], []
        for at in range(0, count, AT_ONCE):
            words_M = bits.random_raw(min(AT_ONCE, count - at))
            chosen = np.flatnonzero(words_M >> np.uint64(64 - SHARE_BITS) == share)
            words.append(words_M[chosen])
            places.append((chosen + at).astype(rows.dtype))
        place_K = np.concatenate(places)
        ordered[begin : begin + len(place_K)] = rows[place_K[np.argsort(np.concatenate(words), kind="stable")]]
        begin += len(place_K)
    return ordered


def split_micro(
    rows: NDArray[np.int64], lengths: NDArray[np.integer[Any]] | None, micro: int
) -> list[NDArray[np.int64]]:
    """One step's rows in micro-batches of at most `micro` rows, the longest rows first (memory peaks at once).

    `lengths` has shape (N,) and is indexed by row number; rows of equal length keep their order.
    """
    if lengths is not None:
        rows = rows[np.argsort(-lengths[rows], kind="stable")]
    return [rows[begin : begin + micro] for begin in range(0, len(rows), micro)]


LIKE = 0.75
"""Of the longest of a part, the least length that it is filled up from without a new part being worth it."""


def split_alike(lengths: NDArray[np.int64], *, most: int, least: int) -> list[NDArray[np.int64]]:
    """Places of `lengths` in parts of like length, the longest first; each place is in one part.

    A part has at most `most` cells (its longest length, times its places), but one place where that has more. It ends
    before places that are much shorter, once it has `least` cells.
    """
    order = np.argsort(-lengths, kind="stable")
    ordered = lengths[order].tolist()
    begins = [0] if ordered else []
    for place, length in enumerate(ordered):
        longest, places = ordered[begins[-1]], place - begins[-1]
        is_full = longest * (places + 1) > most
        is_shorter = length < LIKE * longest and longest * places >= least
        if places and (is_full or is_shorter):
            begins.append(place)
    return [order[begin:end] for begin, end in pairwise([*begins, len(order)])]


def pack(lengths: Sequence[int], window: int) -> list[list[int]]:
    """Documents joined into rows of at most `window` tokens: lists of document numbers, ascending, each in one row.

    Best fit, longest first: a document goes into the fullest row that has room. At most 11/9 of the fewest rows + 1.
    Of the ways to fill so many rows it is the one, nearly, whose longest row is shortest: the others are padded to it.
    Raises ValueError for a document longer than `window`. Source: Johnson 1974, doi:10.1137/0203025.
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    if order and lengths[order[0]] > window:
        raise ValueError(f"document {order[0]} has {lengths[order[0]]} tokens, more than the window of {window}")
    rows = _best_fit(lengths, order, window)
    narrowest = max(lengths[order[0]], math.ceil(sum(lengths) / len(rows))) if order else window
    while narrowest < window:
        middle = (narrowest + window) // 2
        tried = _best_fit(lengths, order, middle)
        if len(tried) <= len(rows):
            rows, window = tried, middle
        else:
            narrowest = middle + 1
    return [sorted(documents) for documents in rows]


def _best_fit(lengths: Sequence[int], order: Sequence[int], window: int) -> list[list[int]]:
    rows: list[list[int]] = []
    by_room: dict[int, list[int]] = {}  # rows by the room left in them
    rooms = 0  # bit r is set where a row with room r exists: the tightest fit is one shift and one lowest bit away
    for document in order:
        length = int(lengths[document])
        fitting = rooms >> length
        if fitting:
            room = length + (fitting & -fitting).bit_length() - 1
            row = by_room[room].pop()
            if not by_room[room]:
                rooms ^= 1 << room
        else:
            room, row = window, len(rows)
            rows.append([])
        rows[row].append(document)
        by_room.setdefault(room - length, []).append(row)
        rooms |= 1 << (room - length)
    return rows
