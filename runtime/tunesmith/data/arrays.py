"""Order and equality of many rows, in arrays of few bytes a row.

Few rows are looked at with Python's own means, which answer before numpy would be imported; the results are equal.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from tunesmith.data.columns_on_disk import ROWS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEW = 50_000
DIGEST = 16
"""Bytes of a row's digest: of a billion rows, no two different ones have an equal one but by 1 : 10^21."""
PASS = 1_500_000
"""Rows that are sorted at once."""
SHARES = 16


def spread(count: int, most: int) -> list[int]:
    """At most so many of the numbers below `count`, evenly spread over them, ascending."""
    import numpy as np

    found: list[int] = np.unique(np.linspace(0, count - 1, min(most, count)).astype(np.int64)).tolist()
    return found


def in_order(rows: array[int], keys: array[float]) -> array[int]:
    """`rows` by `keys[row]`, each from 0 to below 1, the smallest first; rows of equal keys keep their order."""
    if len(rows) < FEW:
        return array("i", sorted(rows, key=keys.__getitem__))
    import numpy as np

    rows_N = np.frombuffer(rows, np.int32)
    keys_R = np.frombuffer(keys, np.float64)
    share_N = np.empty(len(rows), np.uint8)
    for begin in range(0, len(rows), PASS):
        share_N[begin : begin + PASS] = keys_R[rows_N[begin : begin + PASS]] * SHARES
    ordered = array("i")
    for share in range(SHARES):  # sorted share by share, for which little memory is needed
        some_M = rows_N[np.flatnonzero(share_N == share)]
        _extend(ordered, some_M[np.argsort(keys_R[some_M], kind="stable")])
    return ordered


def first_equal(*digests: Sequence[bytes]) -> array[int] | None:
    """For each row the number of the first one with an equal digest; None where all differ.

    Digests of DIGEST bytes; those of several parts follow each other, and so do the numbers of their rows.
    """
    count = sum(map(len, digests))
    if count < FEW:
        known: dict[bytes, int] = {}
        found = array("i", (known.setdefault(each, row) for row, each in enumerate(chain.from_iterable(digests))))
        return found if len(known) < count else None
    import numpy as np

    first_N = np.arange(count, dtype=np.int32)
    passes = -(-count // PASS)
    different = sum(_sort_out(first_N, digests, part, passes) for part in range(passes))
    return _array(first_N) if different < count else None


def _sort_out(first_N: NDArray[np.int32], digests: Sequence[Sequence[bytes]], part: int, parts: int) -> int:
    """Set `first_N` for the rows whose digest falls into one of `parts` (little memory is needed for each). Returns how
    many of these digests are different."""
    import numpy as np

    words, numbers = [], []
    begin = 0
    for some in digests:
        for at in range(0, len(some), ROWS):
            words_M2 = np.frombuffer(b"".join(some[at : at + ROWS]), np.uint64).reshape(-1, DIGEST // 8)
            rows_M = np.arange(begin + at, begin + at + len(words_M2), dtype=np.int32)
            chosen_M = words_M2[:, 0] % np.uint64(parts) == part
            words.append(words_M2[chosen_M])
            numbers.append(rows_M[chosen_M])
        begin += len(some)
    words_M2, rows_M = np.concatenate(words), np.concatenate(numbers)
    if not len(rows_M):
        return 0
    del words, numbers
    order_M = np.lexsort((words_M2[:, 1], words_M2[:, 0]))  # stable: equal ones stay in the order of their rows
    words_M2, rows_M = words_M2[order_M], rows_M[order_M]
    new_M = np.ones(len(rows_M), bool)
    new_M[1:] = (words_M2[1:] != words_M2[:-1]).any(axis=1)
    first_N[rows_M] = rows_M[np.maximum.accumulate(np.where(new_M, np.arange(len(rows_M)), 0))]
    return int(new_M.sum())


def by_first(first: Sequence[int] | None) -> tuple[array[int], array[int]]:
    """The rows of which `first` names another one, those of the same one behind each other, and what it names."""
    again = not_their_own(first)
    if first is None or len(again) < FEW:
        again = array("i", sorted(again, key=(first or again).__getitem__))
        return again, array("i", map((first or again).__getitem__, again))
    import numpy as np

    again_M = np.frombuffer(again, np.int32)
    named_M = np.asarray(first, np.int32)[again_M]
    order_M = np.argsort(named_M, kind="stable")
    return _array(again_M[order_M]), _array(named_M[order_M])


def not_their_own(first: Sequence[int] | None) -> array[int]:
    """The rows of which `first` names another one."""
    return array("i", () if first is None else (row for row, before in enumerate(first) if before != row))


def _array(numbers_N: NDArray[np.int32]) -> array[int]:
    found = array("i")
    _extend(found, numbers_N)
    return found


def _extend(found: array[int], numbers_N: NDArray[np.int32]) -> None:
    """Put them at the end of `found`, without a copy between."""
    found.frombytes(numbers_N.view("uint8").data)
