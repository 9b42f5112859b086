"""Which rows make which batch: little padding, no loss of randomness, and any epoch rebuilt from (seed, epoch) alone.

N: rows of the features, M: rows of this epoch (some maybe several times).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tunesmith.randomness import stream

WINDOW_BATCHES = 100
"""Batches sorted together. Fewer: more padding; more: the same neighbours in every epoch. Of 20,000 rows with the long
tail that texts have, in batches of 32, padding is 10 % of the needed cells with 50, 6 % with 100, 3 % with 200."""


def epoch_batches(
    rows: NDArray[np.int64], lengths: NDArray[np.int64] | None, *, batch_size: int, seed: int, epoch: int
) -> list[NDArray[np.int64]]:
    """The batches of one epoch: int64 arrays of at most `batch_size` rows, each entry of `rows` in exactly one.

    `lengths` has shape (N,) and is indexed by row number. With it, rows are shuffled, windows of about 100 batches are
    sorted by length, and the batches are shuffled; without it, rows are shuffled only. Depends on nothing but its
    arguments: batch k is `epoch_batches(...)[k]`, on every machine.
    """
    shuffled_M = np.asarray(rows, dtype=np.int64)
    if not len(shuffled_M):
        return []
    # raw words, not permutation(): only they are promised to stay the same from one numpy version to the next
    bits = stream(seed, "shuffle", epoch).bit_generator
    shuffled_M = shuffled_M[np.argsort(bits.random_raw(len(shuffled_M)), kind="stable")]
    total = -(-len(shuffled_M) // batch_size)
    if lengths is None:
        return _cut(shuffled_M, batch_size)
    windows = max(1, round(total / WINDOW_BATCHES))
    window_M = np.arange(len(shuffled_M)) // batch_size * windows // total  # whole batches, windows of equal size
    shuffled_M = shuffled_M[np.lexsort((lengths[shuffled_M], window_M))]
    batches = _cut(shuffled_M, batch_size)
    return [batches[index] for index in np.argsort(bits.random_raw(total), kind="stable")]


def _cut(rows: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def split_micro(rows: NDArray[np.int64], lengths: NDArray[np.int64] | None, micro: int) -> list[NDArray[np.int64]]:
    """One step's rows in micro-batches of at most `micro` rows, the longest rows first (memory peaks at once).

    `lengths` has shape (N,) and is indexed by row number; rows of equal length keep their order.
    """
    if lengths is not None:
        rows = rows[np.argsort(-lengths[rows], kind="stable")]
    return _cut(rows, micro)


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
