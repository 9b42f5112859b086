"""Cells as numbers. No numpy here: `check` must answer at once."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from tunesmith.data.columns_on_disk import ROWS
from tunesmith.data.values import is_empty


def number(value: Any) -> float | None:
    """A cell as a finite number, or None where it is none. `1,5` and `1_000` are none."""
    if is_empty(value) or (isinstance(value, str) and "_" in value):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


NUMBER_HINT = "write numbers with a decimal point and without units, or remove the row"
_COMMA = re.compile(r"[+-]?[\d.\s'’]*\d,\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


def number_hint(cell: Any) -> str:
    """How to mend or to read a cell that is no number."""
    spelt = next((item for item in (cell if isinstance(cell, (list, tuple)) else [cell]) if number(item) is None), None)
    if not isinstance(spelt, str):
        return NUMBER_HINT
    bare = spelt.strip()
    if bare.endswith("%") or any(unicodedata.category(sign) == "Sc" for sign in bare):
        return "take the percent and currency signs out of the column: every number must be in the same unit"
    if _THOUSANDS.fullmatch(bare) and (bare.count(",") > 1 or "." in bare):
        return "take the commas out that part thousands"
    if bare.lower() in ("true", "false"):
        return "write 1 and 0 instead of true and false"
    if _COMMA.fullmatch(bare):
        return 'if the comma is the decimal sign, write `decimal: ","` under `data:`'
    return NUMBER_HINT


def numbers(cell: Any) -> list[float | None]:
    """The numbers of a cell: several columns, a list or an array in one column, or a single number."""
    if hasattr(cell, "tolist"):
        cell = cell.tolist()
    if not isinstance(cell, (list, tuple)):
        return [number(cell)]
    return [item for part in cell for item in (numbers(part) if _is_list(part) else [number(part)])]


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or hasattr(value, "tolist")


def numbers_of(cells: Sequence[Any]) -> list[list[float | None]]:
    """`numbers` of each cell."""
    columns = _columns(cells)
    return list(map(list, zip(*columns, strict=True))) if columns else [numbers(cell) for cell in cells]


def _columns(cells: Sequence[Any]) -> list[list[float]]:
    """The numbers of all cells by position, where all are finite and spelt plainly, and each cell has as many of them;
    [] elsewhere: then they are looked at one by one."""
    if set(map(type, cells)) != {tuple}:
        found = _finite(cells)
        return [found] if found else []
    widths = set(map(len, cells))
    flat = _finite(list(chain.from_iterable(cells))) if len(widths) == 1 else None
    width = widths.pop()
    return [flat[place::width] for place in range(width)] if flat else []


def _finite(values: Sequence[Any]) -> list[float] | None:
    """Each value as a finite number; None where one is none."""
    kinds = set(map(type, values))
    if not kinds <= {str, float, int}:
        return None
    if str in kinds and "_" in "".join(values if len(kinds) == 1 else [each for each in values if type(each) is str]):
        return None
    try:
        found = list(map(float, values))
    except (ValueError, OverflowError):
        return None
    return found if all(map(math.isfinite, found)) else None


def unfit(cells: Sequence[Any], width: int) -> list[int]:
    """The rows whose cell does not hold `width` finite numbers."""
    found: list[int] = []
    for begin in range(0, len(cells), ROWS):
        some = cells[begin : begin + ROWS]
        columns = _columns(some)
        if not columns or len(columns) != width:
            rows = enumerate(map(numbers, some), start=begin)
            found += [row for row, values in rows if len(values) != width or None in values]
    return found


def spread(cells: Sequence[Any]) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each position over the cells without a gap; a deviation of 0 is given as 1.

    Cells of another width than the first usable one are left out. Both are those of exact sums, rounded once.
    """

    def columns() -> Iterator[Sequence[Sequence[float]]]:
        """The numbers of some rows at a time, by position."""
        width: int | None = None
        for begin in range(0, len(cells), ROWS):
            some = cells[begin : begin + ROWS]
            quickly = _columns(some)
            if quickly and width in (None, len(quickly)):
                width = len(quickly)
                yield quickly
                continue
            usable = [row for row in map(numbers, some) if None not in row]
            if width is None and usable:
                width = len(usable[0])
            fitting = [row for row in usable if len(row) == width]
            if fitting and width:
                yield list(zip(*fitting, strict=True))

    found = _moments(columns, {})
    largest = {place: each.largest for place, each in enumerate(found) if each.overflows}
    if largest:
        scaled = _moments(columns, largest)
        found = [scaled[place] if place in largest else each for place, each in enumerate(found)]
    return [each.mean * each.scale for each in found], [each.deviation * each.scale for each in found]


def _moments(columns: Callable[[], Iterator[Sequence[Sequence[float]]]], scales: Mapping[int, float]) -> list[_Moments]:
    found: list[_Moments] = []
    for some in columns():
        found = found or [_Moments(scales.get(place, 1.0)) for place in range(len(some))]
        for each, column in zip(found, some, strict=True):
            each.see(column)
    for some in columns():
        for each, column in zip(found, some, strict=True):
            each.see_again(column)
    return found


class _Moments:
    """Mean and deviation of a column that is seen twice, some values at a time; all of them divided by `scale`.

    `overflows`: squares, or the sum, are of numbers that are nearly the largest there are.
    """

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.overflows = False
        self._first: float | None = None
        self._low, self._high = math.inf, -math.inf
        self._count = 0
        self._sum: list[float] = []
        self._squares: list[float] = []

    def see(self, values: Sequence[float]) -> None:
        """The next values of the first time."""
        values = self._scaled(values)
        self._first = values[0] if self._first is None else self._first
        self._low, self._high = min(self._low, *values), max(self._high, *values)
        self._count += len(values)
        self._add(self._sum, values)

    def see_again(self, values: Sequence[float]) -> None:
        """The same values once more."""
        if self._is_constant or self.overflows:
            return
        try:
            mean = self.mean
            squares = [(value - mean) ** 2 for value in self._scaled(values)]
        except OverflowError:
            self.overflows = True
        else:
            self._add(self._squares, squares)

    @property
    def largest(self) -> float:
        """The largest value, whatever its sign."""
        return max(abs(self._low), abs(self._high))

    @property
    def mean(self) -> float:
        """The value itself where all are equal: their mean may lie a little beside it."""
        return self._first if self._is_constant and self._first is not None else math.fsum(self._sum) / self._count

    @property
    def deviation(self) -> float:
        """1 where all values are equal."""
        return 1.0 if self._is_constant else math.sqrt(math.fsum(self._squares) / self._count) or 1.0

    @property
    def _is_constant(self) -> bool:
        return self._low == self._high

    def _scaled(self, values: Sequence[float]) -> Sequence[float]:
        return values if self.scale == 1 else [value / self.scale for value in values]

    def _add(self, terms: list[float], values: Sequence[float]) -> None:
        """Make `terms` a few numbers whose exact sum is that of them and `values`: each is what the others lack."""
        values = [*terms, *values]
        exact: list[float] = []
        try:
            while rest := math.fsum([*values, *(-term for term in exact)]):
                exact.append(rest)
        except OverflowError:
            self.overflows = True
        terms[:] = exact
