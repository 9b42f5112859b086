"""Order and equality of many rows, in arrays of few bytes a row.

Few rows are looked at with Python's own means, which answer before numpy would be imported; the results are equal.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from random import Random
from typing import TYPE_CHECKING, Any

from tunesmith.data.columns_on_disk import UnnamedFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEW = 50_000
DIGEST = 16
"""Bytes of a row's digest: of a billion rows, no two different ones have an equal one but by 1 : 10^21."""
PASS = 250_000
"""Rows that are sorted at once, roughly."""
AT_ONCE = 65_536
"""Rows that are dealt out together."""
SHARES = 16
SAMPLE = 4096
"""Keys by which rows are parted into shares of like size."""


def spread(count: int, most: int) -> list[int]:
    """At most so many of the numbers below `count`, evenly spread over them, ascending."""
    import numpy as np

    found: list[int] = np.unique(np.linspace(0, count - 1, min(most, count)).astype(np.int64)).tolist()
    return found


def in_order(rows: array[int], keys: array[float]) -> array[int]:
    """`rows` by `keys[row]`, any numbers, the smallest first; rows of equal keys keep their order."""
    if len(rows) < FEW:
        return array("i", sorted(rows, key=keys.__getitem__))
    import numpy as np

    rows_N = np.frombuffer(rows, np.int32)
    keys_R = np.frombuffer(keys, np.float64)
    some = np.sort(keys_R[rows_N[:: max(1, len(rows) // SAMPLE)]])
    between = some[np.linspace(0, len(some) - 1, SHARES + 1).astype(int)[1:-1]]
    share_N = np.empty(len(rows), np.uint8)
    for begin in range(0, len(rows), AT_ONCE):
        keys_M = keys_R[rows_N[begin : begin + AT_ONCE]]
        share_N[begin : begin + AT_ONCE] = np.searchsorted(between, keys_M, side="right")
    ordered = array("i")
    for share in range(SHARES):  # sorted share by share, for which little memory is needed
        some_M = rows_N[np.flatnonzero(share_N == share)]
        _extend(ordered, some_M[np.argsort(keys_R[some_M], kind="stable")])
    return ordered


def by_lot(count: int, random: Random, first: Sequence[int] | None = None) -> Iterator[Sequence[int]]:
    """The rows from 0 to before `count`, but those of which `first` names another one, in an order drawn by lot, some
    at a time.

    Each row draws a number from `random`, in the order of the rows, all of them before the first row is given; rows go
    by their numbers. Of many rows, numbers lie in a file without a name.
    """
    if count < FEW:
        keys = [random.random() for _ in range(count)]
        yield sorted((row for row in range(count) if first is None or first[row] == row), key=keys.__getitem__)
        return
    import numpy as np

    shares = -(-count // PASS)
    dealt = _Dealt(shares, [("key", "<f8"), ("row", "<i4")])
    for at in range(0, count, AT_ONCE):
        rows_M = np.arange(at, min(at + AT_ONCE, count), dtype=np.int32)
        keys_M = np.fromiter((random.random() for _ in rows_M), np.float64, len(rows_M))
        if first is not None:
            own_M = np.asarray(first[at : at + AT_ONCE], np.int32) == rows_M
            rows_M, keys_M = rows_M[own_M], keys_M[own_M]
        dealt.add((keys_M * shares).astype(np.uint16), key=keys_M, row=rows_M)
    for share_M in dealt:
        yield _array(share_M["row"][np.argsort(share_M["key"], kind="stable")])


class _Dealt:
    """Records dealt out to shares, in a file without a name; each keeps its records in the order in which they came."""

    def __init__(self, shares: int, kind: list[Any]) -> None:
        self._file = UnnamedFile()
        self._kind = kind
        self._places: list[list[tuple[int, int]]] = [[] for _ in range(shares)]

    def add(self, share_M: NDArray[np.uint16], **fields: NDArray[Any]) -> None:
        """Records by field, and the share of each."""
        import numpy as np

        order_M = np.argsort(share_M, kind="stable")
        record_M = np.empty(len(order_M), self._kind)
        for name, values in fields.items():
            record_M[name] = values[order_M]
        ends = np.cumsum(np.bincount(share_M, minlength=len(self._places))).tolist()
        for share, (begin, end) in enumerate(pairwise([0, *ends])):
            content = record_M[begin:end].tobytes()
            self._places[share].append((self._file.add(content), len(content)))

    def __iter__(self) -> Iterator[NDArray[np.void]]:
        """Share by share."""
        import numpy as np

        for places in self._places:
            yield np.frombuffer(b"".join([self._file.read(*place) for place in places]), self._kind)


def first_equal(*digests: Sequence[bytes]) -> array[int] | None:
    """For each row the number of the first one with an equal digest; None where all differ.

    Digests of DIGEST bytes; those of several parts follow each other, and so do the numbers of their rows. Of many
    rows, 4 bytes a row are in memory: the digests are read once, dealt out to shares in a file without a name, and
    sorted share by share.
    """
    count = sum(map(len, digests))
    if count < FEW:
        known: dict[bytes, int] = {}
        found = array("i", (known.setdefault(each, row) for row, each in enumerate(chain.from_iterable(digests))))
        return found if len(known) < count else None
    import numpy as np

    found = array("i", [0]) * count
    first_N = np.frombuffer(found, np.int32)
    different = 0
    for share_M in _dealt_out(first_N, digests, -(-count // PASS)):
        position_M = _first_of(share_M["words"])
        first_N[share_M["row"]] = share_M["row"][position_M]
        different += int((position_M == np.arange(len(share_M))).sum())
    for at in range(0, count, AT_ONCE):  # rows that equal one of their own block
        first_N[at : at + AT_ONCE] = first_N[first_N[at : at + AT_ONCE]]
    return found if different < count else None


def _dealt_out(first_N: NDArray[np.int32], digests: Sequence[Sequence[bytes]], shares: int) -> _Dealt:
    """The digests in so many shares, each with its row, equal ones in one share in the order of their rows.

    Of rows of one block that are equal, only the first is among them (a value that most rows have would make its share
    large); `first_N` names it for the others.
    """
    import numpy as np

    dealt = _Dealt(shares, [("words", "<u8", (DIGEST // 8,)), ("row", "<i4")])
    begin = 0
    for some in digests:
        for at in range(0, len(some), AT_ONCE):
            words_M2 = np.frombuffer(b"".join(some[at : at + AT_ONCE]), "<u8").reshape(-1, DIGEST // 8)
            rows_M = np.arange(begin + at, begin + at + len(words_M2), dtype=np.int32)
            position_M = _first_of(words_M2)
            first_N[rows_M] = rows_M[position_M]
            own_M = position_M == np.arange(len(rows_M))
            words_K2 = words_M2[own_M]
            dealt.add((words_K2[:, 0] % np.uint64(shares)).astype(np.uint16), words=words_K2, row=rows_M[own_M])
        begin += len(some)
    return dealt


def _first_of(words_M2: NDArray[np.uint64]) -> NDArray[np.int64]:
    """For each digest the place of the first equal one."""
    import numpy as np

    order_M = np.lexsort((words_M2[:, 1], words_M2[:, 0]))  # stable: equal ones stay in their order
    words_M2 = words_M2[order_M]
    new_M = np.ones(len(order_M), bool)
    new_M[1:] = (words_M2[1:] != words_M2[:-1]).any(axis=1)
    found_M = np.empty_like(order_M)
    found_M[order_M] = order_M[np.maximum.accumulate(np.where(new_M, np.arange(len(order_M)), 0))]
    return found_M


def by_first(first: Sequence[int] | None) -> tuple[array[int], array[int]]:
    """The rows of which `first` names another one, those of the same one behind each other, and what it names."""
    if first is None:
        return array("i"), array("i")
    if len(first) < FEW:
        few = sorted(not_their_own(first), key=first.__getitem__)
        return array("i", few), array("i", map(first.__getitem__, few))
    import numpy as np

    shares = -(-len(first) // PASS)
    dealt = _Dealt(shares, [("first", "<i4"), ("row", "<i4")])
    for at in range(0, len(first), AT_ONCE):
        first_M = np.asarray(first[at : at + AT_ONCE], np.int32)
        row_M = np.arange(at, at + len(first_M), dtype=np.int32)
        again_M = first_M != row_M
        first_K = first_M[again_M]
        share_K = first_K.astype(np.int64) * shares // len(first)
        dealt.add(share_K.astype(np.uint16), first=first_K, row=row_M[again_M])
    again, named = array("i"), array("i")
    for share_M in dealt:
        share_M = share_M[np.argsort(share_M["first"], kind="stable")]
        _extend(again, np.ascontiguousarray(share_M["row"]))
        _extend(named, np.ascontiguousarray(share_M["first"]))
    return again, named


def not_their_own(first: Sequence[int] | None) -> array[int]:
    """The rows of which `first` names another one."""
    return array("i", () if first is None else each_not_its_own(first))


def each_not_its_own(first: Sequence[int]) -> Iterator[int]:
    """The same one by one."""
    return (row for row, before in enumerate(first) if before != row)


def _array(numbers_N: NDArray[np.int32]) -> array[int]:
    found = array("i")
    _extend(found, numbers_N)
    return found


def _extend(found: array[int], numbers_N: NDArray[np.int32]) -> None:
    """Put them at the end of `found`, without a copy between."""
    found.frombytes(numbers_N.view("uint8").data)
