"""The forms in which a cell holds labels: one name, a list of names, 0 or 1 for each label, the number of a label.

No numpy here: `check` must answer at once.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from tunesmith.data.values import is_empty, label_name

Form = Literal["names", "vectors", "numbers"]
LONGEST_LIST = 100_000
"""Characters. A longer text is a name, and is not read as a list."""

_BITS = {"0": 0, "0.0": 0, "false": 0, "1": 1, "1.0": 1, "true": 1}
_NUMPY = re.compile(r"\[\s*[01]\.?0*(?:\s+[01]\.?0*)*\s*\]")  # how numpy shows a vector: [1 0 1]
_BARE = re.compile(r"[01](?:\s*[,;| ]\s*[01])+")  # the same without brackets, such as 1,0,1

Parts = list[Any] | None
"""What a cell holds; None where it is empty."""


def parts_of(cells: Iterable[Any], separator: str | None) -> tuple[list[Parts], bool]:
    """Each cell's parts, and whether cells are lists: then a row may have several labels.

    A list may also be written as text, in JSON or as Python or numpy show it, where all cells are written so.
    """
    values = [_plain(cell) for cell in cells]
    if separator is None and (lists := _written_lists(values)) is not None:
        values = lists
    listed = separator is not None or any(isinstance(value, (list, dict)) for value in values)
    return [_split(value, separator) for value in values], listed


def form_of(parts: Sequence[Parts], *, listed: bool, named: bool) -> Form:
    """How all these cells are to be read. `named`: the job names the labels, so numbers may stand for them."""
    filled = [part for part in parts if part]
    if listed and filled and all(bit(item) is not None for part in filled for item in part):
        lengths = {len(part) for part in filled}
        repeated = any(len(part) > len({bit(item) for item in part}) for part in filled)
        if repeated or (len(lengths) == 1 and lengths != {1}):
            return "vectors"
    if named and filled and all(_number(item) is not None for part in filled for item in part):
        return "numbers"
    return "names"


def bit(value: Any) -> int | None:
    """0 or 1 for what means no or yes, None for all else."""
    if isinstance(value, (bool, int, float)):
        return int(value) if value in (0, 1) else None
    return _BITS.get(value.strip().lower()) if isinstance(value, str) else None


def usual_length(parts: Sequence[Parts], rows: Sequence[int]) -> int:
    """The length that most of the vectors have; each stands in so many rows."""
    lengths: Counter[int] = Counter()
    for part, times in zip(parts, rows, strict=True):
        if part:
            lengths[len(part)] += times
    return lengths.most_common(1)[0][0]


def from_vector(part: Sequence[Any], known: Sequence[str]) -> tuple[str, ...]:
    """The names where the vector has a 1. Raises ValueError with a phrase that says what is wrong."""
    if len(part) != len(known):
        raise ValueError(f"it has {len(part)} places for {len(known)} labels")
    bits = [bit(item) for item in part]
    if None in bits:
        raise ValueError(f"it holds {part[bits.index(None)]!r:.40} where 0 or 1 is wanted")
    return tuple(name for name, yes in zip(known, bits, strict=True) if yes)


def from_numbers(part: Sequence[Any], known: Sequence[str]) -> tuple[str, ...]:
    """The names with these numbers, from 0. Raises ValueError with a phrase that says what is wrong."""
    numbers = [_number(item) for item in part]
    for item, number in zip(part, numbers, strict=True):
        if number is None or not 0 <= number < len(known):
            raise ValueError(f"it holds {item!r:.40}, and the labels are numbered 0 to {len(known) - 1}")
    return tuple(dict.fromkeys(known[number] for number in numbers if number is not None))


def from_names(part: Sequence[Any]) -> tuple[str, ...]:
    """The names themselves. Raises ValueError with a phrase that says what is wrong."""
    if len(part) == 1 and isinstance(part[0], str):
        return (label_name(part[0]),)
    for item in part:
        if isinstance(item, (list, dict)):
            raise ValueError("it holds a list within a list")
        if len(part) > 1 and isinstance(item, float) and not item.is_integer() and item == item:
            raise ValueError(f"it holds {item!r:.20}: shares of labels cannot be learnt, only names, or 0 and 1")
    names = [label_name(item) for item in part if not is_empty(item)]
    if len(names) != len(set(names)) and all(_number(item) is not None for item in part):
        raise ValueError("it holds a number twice, so it is no list of labels, and a vector holds 0 and 1 alone")
    return tuple(dict.fromkeys(names))


def _plain(cell: Any) -> Any:
    """What is written as a Python literal as JSON would give it."""
    if isinstance(cell, (set, frozenset)):
        return sorted(cell, key=str)
    return list(cell) if isinstance(cell, tuple) else cell


def _split(value: Any, separator: str | None) -> Parts:
    if isinstance(value, list):
        return [part for part in value if not is_empty(part)]
    if isinstance(value, Mapping):
        return [name for name, yes in value.items() if bit(yes) == 1]
    if is_empty(value):
        return None
    if separator and isinstance(value, str):
        return [part for part in value.split(separator) if not is_empty(part)]
    return [value]


def _written_lists(values: Sequence[Any]) -> list[Any] | None:
    """The lists that the texts are, or None where one is none."""
    known: dict[str, Any] = {}
    found = []
    for value in values:
        if isinstance(value, str) and value.strip():
            if value not in known and (known.setdefault(value, _written_list(value.strip()))) is None:
                return None
            found.append(known[value])
        elif isinstance(value, (str, type(None))) or value != value:
            found.append(None)
        else:
            return None
    return found if known else None


def _written_list(text: str) -> Any:
    if _BARE.fullmatch(text):
        return re.findall("[01]", text)
    if text[:1] not in "[({" or text[-1:] not in "])}" or len(text) > LONGEST_LIST:
        return None
    if _NUMPY.fullmatch(text):
        return re.findall("[01]", re.sub(r"\.0*", "", text))
    for read in (json.loads, ast.literal_eval):
        try:
            found = _plain(read(text))
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(found, (list, dict)):
            return found
    return None


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return int(value) if value == value and abs(value) < 1e15 and value == int(value) else None
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None
