"""Order and equality of many rows, in arrays of few bytes a row.

Few rows are looked at with Python's own means, which answer before numpy would be imported; the results are equal.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

FEW = 50_000
DIGEST = 16
"""Bytes of a row's digest: of a billion rows, no two different ones have an equal one but by 1 : 10^21."""
BUCKET = 250_000
"""Rows that are sorted at once."""


def in_order(rows: array[int], keys: array[float]) -> array[int]:
    """`rows` by `keys[row]`, the smallest first; rows of equal keys keep their order."""
    if len(rows) < FEW:
        return array("i", sorted(rows, key=keys.__getitem__))
    import numpy as np

    rows_N = np.frombuffer(rows, np.int32)
    keys_N = np.frombuffer(keys, np.float64)
    return _array(rows_N[np.argsort(keys_N[rows_N], kind="stable")])


def first_equal(digests: bytes | bytearray) -> array[int] | None:
    """For each row the number of the first one with an equal digest (DIGEST bytes each); None where all differ."""
    count = len(digests) // DIGEST
    if count < FEW:
        known: dict[bytes, int] = {}
        found = array("i")
        for row in range(count):
            found.append(known.setdefault(bytes(digests[row * DIGEST : (row + 1) * DIGEST]), row))
        return found if len(known) < count else None
    import numpy as np

    words_N2 = np.frombuffer(digests, np.uint64).reshape(count, 2)
    buckets = min(-(-count // BUCKET), 255)
    bucket_N = (words_N2[:, 0] % np.uint64(buckets)).astype(np.uint8)
    first_N = np.arange(count, dtype=np.int32)
    different = 0
    for bucket in range(buckets):  # one by one, so that sorting needs little memory
        rows_M = np.flatnonzero(bucket_N == bucket)
        if not len(rows_M):
            continue
        words_M2 = words_N2[rows_M]
        order_M = np.lexsort((words_M2[:, 1], words_M2[:, 0]))  # stable: equal ones stay in the order of their rows
        words_M2, rows_M = words_M2[order_M], rows_M[order_M]
        new_M = np.ones(len(rows_M), bool)
        new_M[1:] = (words_M2[1:] != words_M2[:-1]).any(axis=1)
        different += int(new_M.sum())
        first_N[rows_M] = rows_M[np.maximum.accumulate(np.where(new_M, np.arange(len(rows_M)), 0))]
    return _array(first_N) if different < count else None


def not_their_own(first: Sequence[int] | None) -> array[int]:
    """The rows of which `first` names another one."""
    return array("i", () if first is None else (row for row, before in enumerate(first) if before != row))


def _array(numbers: object) -> array[int]:
    import numpy as np

    return array("i", np.asarray(numbers, np.int32).tobytes())
