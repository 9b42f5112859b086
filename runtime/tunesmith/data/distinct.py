"""The different cells of a column, and which of them each row has: labels are few, their rows may be many."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from tunesmith.data.columns_on_disk import NESTED, PLAIN, Chosen, Stored

WIDER = {1 << 8: "H", 1 << 16: "i"}
"""From which code on codes take more bytes."""

Value = TypeVar("Value")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Distinct:
    """`values` in the order in which they come first; row i has `values[codes[i]]`. Few values have codes of a byte."""

    values: list[Any]
    codes: array[int]

    def counts(self) -> list[int]:
        """How many rows have each value."""
        counted = Counter(self.codes)
        return [counted[code] for code in range(len(self.values))]

    def rows_with(self, codes: set[int]) -> list[int]:
        """The rows that have one of these values."""
        return [row for row, code in enumerate(self.codes) if code in codes] if codes else []


class PerRow(Sequence[Value]):
    """For each row what belongs to its value: `by_code[codes[row]]`."""

    def __init__(self, by_code: Sequence[Value], codes: array[int]) -> None:
        self.by_code, self.codes = by_code, codes

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, row: int) -> Value: ...
    @overload
    def __getitem__(self, row: slice) -> list[Value]: ...
    def __getitem__(self, row: int | slice) -> Value | list[Value]:
        if isinstance(row, slice):
            return [self.by_code[code] for code in self.codes[row]]
        return self.by_code[self.codes[row]]

    def each(self, function: Callable[[Value], Other]) -> PerRow[Other]:
        """For each row what `function` makes of its value."""
        return PerRow([function(value) for value in self.by_code], self.codes)

    def __iter__(self) -> Iterator[Value]:
        return map(self.by_code.__getitem__, self.codes)


def distinct(cells: Sequence[Any]) -> Distinct:
    """The different cells; 1, 1.0, True and "1" are four."""
    if isinstance(cells, Stored):
        if cells.distinct is None:
            cells.distinct = _distinct(cells)
        found: Distinct = cells.distinct
        return found
    if isinstance(cells, Chosen):
        every = distinct(cells.of)
        return _used(every.values, array(every.codes.typecode, map(every.codes.__getitem__, cells.rows)))
    return _distinct(cells)


def _distinct(cells: Sequence[Any]) -> Distinct:
    known: dict[Any, int] = {}
    values: list[Any] = []
    codes = array("B")
    for cell in cells:
        code = known.setdefault(cell if type(cell) is str else _key(cell), len(values))
        if code == len(values):
            values.append(cell)
            if code in WIDER:
                codes = array(WIDER[code], codes)
        codes.append(code)
    return Distinct(values, codes)


def _key(cell: Any) -> Any:
    kind = type(cell)
    return (kind, repr(cell)) if kind in PLAIN or kind in NESTED else object()


def _used(values: Sequence[Any], codes: array[int]) -> Distinct:
    """Without the values that no row has."""
    used = list(dict.fromkeys(codes))
    if used == list(range(len(used))):
        return Distinct(list(values[: len(used)]), codes)
    anew = {code: number for number, code in enumerate(used)}
    return Distinct([values[code] for code in used], array(codes.typecode, map(anew.__getitem__, codes)))
