"""Rows that stand in the data twice: found by their inputs, kept together in a split, left out where the job asks.

Inputs are compared by a digest of 16 bytes a row, and these are on the disk where the rows are.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from tunesmith.data.arrays import first_equal, not_their_own
from tunesmith.data.collect import IMAGE_ROLE
from tunesmith.data.digests import digest, digests_of
from tunesmith.data.fingerprint import Fingerprints
from tunesmith.data.rows import Rows

PRECEDENCE = ("test", "validation", "train")
"""A row of several parts is kept in the first of these: what judges the model stays whole."""


def twins(rows: Rows, prints: Fingerprints) -> array[int] | None:
    """For each row the number of the first one with equal inputs; None where no two are equal."""
    return first_equal(*input_digests([rows], prints))


@dataclass(frozen=True, slots=True)
class Repeated:
    """Rows of a part that stand elsewhere too: their numbers, ascending, and of each the part and row that is kept."""

    rows: array[int]
    twins: Twins


class Twins(Sequence[tuple[str, int]]):
    """Rows of several parts, which are counted through."""

    def __init__(self, numbers: array[int], names: Sequence[str], begins: Sequence[int]) -> None:
        self._numbers, self._names, self._begins = numbers, names, begins

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, place: Any) -> Any:
        number = self._numbers[place]
        part = bisect_right(self._begins, number) - 1
        return self._names[part], number - self._begins[part]


def repeated(parts: Mapping[str, Rows], prints: Fingerprints) -> dict[str, Repeated]:
    """By part, the rows that stand elsewhere too.

    Within a part that is an earlier row with equal inputs and an equal answer; across parts, equal inputs suffice.
    """
    names = [name for name in PRECEDENCE if name in parts]
    begins = [0, *accumulate(len(parts[name]) for name in names)]
    first = first_equal(*input_digests([parts[name] for name in names], prints))
    found = {}
    for name, begin, end in zip(names, begins[:-1], begins[1:], strict=True):
        again, twin = array("i"), array("i")
        if first is not None:
            own = first[begin:end]
            answers = _first_with_answer(parts[name], own, begin)
            for row, (before, same) in enumerate(zip(own, answers, strict=True)):
                kept = before if before < begin else begin + same
                if kept != begin + row:
                    again.append(row)
                    twin.append(kept)
        found[name] = Repeated(again, Twins(twin, names, begins))
    return found


def _first_with_answer(rows: Rows, first: array[int], begin: int) -> array[int]:
    """For each row the first row with equal inputs and an equal answer; `first` is that of the inputs, from `begin`."""
    whole = array("i", range(len(rows)))
    again = not_their_own([number - begin for number in first])
    looked_at = array("i", sorted({*again, *(number for row in again if (number := first[row] - begin) >= 0)}))
    digests: list[bytes] = []
    answers = sorted(rows.answers & set(rows.columns))
    for at, some in rows.select(looked_at).parts():
        for number in range(len(some)):
            content = repr((first[looked_at[at + number]], *(repr(some.columns[role][number]) for role in answers)))
            digests.append(digest(content.encode("utf-8", "surrogatepass")))
    for number, before in enumerate(first_equal(digests) or ()):
        whole[looked_at[number]] = looked_at[before]
    return whole


def input_digests(parts: Sequence[Rows], prints: Fingerprints) -> list[Sequence[bytes]]:
    """By part, DIGEST bytes for the inputs of each row. Images of equal size are compared by content, by `prints`."""
    sizes = Counter(_size(value) for rows in parts for value in rows.columns.get(IMAGE_ROLE, ()))

    def print_of(image: Any) -> Any:
        return prints.of_image(image) if isinstance(image, str) and sizes[_size(image)] > 1 else image

    def made(rows: Rows) -> Iterator[bytes]:
        for _, some in rows.parts():
            columns = {role: cells for role, cells in some.columns.items() if role not in rows.answers}
            if IMAGE_ROLE in columns:
                columns[IMAGE_ROLE] = list(map(print_of, columns[IMAGE_ROLE]))
            yield from digests_of(columns, len(some))

    return [list(made(rows)) if rows.digests is None else rows.digests for rows in parts]


def _size(value: Any) -> int:
    try:
        return Path(value).stat().st_size
    except (OSError, TypeError, ValueError):
        return -1
