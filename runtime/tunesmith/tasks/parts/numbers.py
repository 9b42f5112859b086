"""Cells as numbers. No numpy here: `check` must answer at once."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

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


def spread(rows: Iterable[Sequence[float | None]]) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each position over the rows without a gap; a deviation of 0 is given as 1."""
    usable = [row for row in rows if None not in row]
    width = len(usable[0]) if usable else 0
    columns = [[row[place] for row in usable if len(row) == width] for place in range(width)]
    found = [_spread(column) for column in columns]  # type: ignore[arg-type]
    return [mean for mean, _ in found], [deviation for _, deviation in found]


def _spread(column: Sequence[float]) -> tuple[float, float]:
    if min(column) == max(column):  # their mean may lie a little beside them: a deviation of next to nothing
        return column[0], 1.0
    try:
        mean = math.fsum(column) / len(column)
        deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in column) / len(column))
    except OverflowError:  # squares, or the sum, of numbers that are nearly the largest there are
        largest = max(map(abs, column))
        mean, deviation = (largest * each for each in _spread([value / largest for value in column]))
    return mean, deviation or 1.0
