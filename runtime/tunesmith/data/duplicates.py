"""Rows that stand in the data twice: found by their inputs, kept together in a split, left out where the job asks."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tunesmith.data.collect import ANSWERS, IMAGE_ROLE
from tunesmith.data.fingerprint import Fingerprints, bytes_of
from tunesmith.data.rows import Rows

PRECEDENCE = ("test", "validation", "train")
"""A row of several parts is kept in the first of these: what judges the model stays whole."""


def twins(rows: Rows, prints: Fingerprints) -> list[int] | None:
    """For each row the number of the first one with equal inputs; None where no two are equal."""
    key = input_key([rows], prints)
    first: dict[Hashable, int] = {}
    found = [first.setdefault(key(rows, row), row) for row in range(len(rows))]
    return found if len(first) < len(rows) else None


def repeated(parts: Mapping[str, Rows], prints: Fingerprints) -> dict[str, dict[int, tuple[str, int]]]:
    """By part, the rows that stand elsewhere too, each with the part and row of its twin that is kept.

    Within a part that is an earlier row with equal inputs and an equal answer; across parts, equal inputs suffice.
    """
    key = input_key(list(parts.values()), prints)
    found: dict[str, dict[int, tuple[str, int]]] = {}
    judged: dict[Hashable, tuple[str, int]] = {}  # inputs of the parts before
    for name in (name for name in PRECEDENCE if name in parts):
        rows = parts[name]
        answers = [rows.columns[role] for role in sorted(ANSWERS & set(rows.columns))]
        own: dict[Hashable, int] = {}
        again: dict[int, tuple[str, int]] = {}
        inputs: dict[Hashable, tuple[str, int]] = {}
        for row in range(len(rows)):
            given = key(rows, row)
            if given in judged:
                again[row] = judged[given]
                continue
            inputs.setdefault(given, (name, row))
            whole = (given, *(repr(values[row]) for values in answers))
            before = own.setdefault(whole, row)
            if before != row:
                again[row] = (name, before)
        judged |= inputs
        found[name] = again
    return found


def input_key(parts: Sequence[Rows], prints: Fingerprints) -> Callable[[Rows, int], Hashable]:
    """Gives the inputs of a row in comparable form. Images of equal size are compared by content, by `prints`."""
    roles = sorted(set(parts[0].columns) - ANSWERS)
    sizes = Counter(_size(value) for rows in parts for value in rows.columns.get(IMAGE_ROLE, ()))

    def comparable(role: str, value: Any) -> Hashable:
        if role == IMAGE_ROLE and isinstance(value, str):
            return prints.of_image(value) if sizes[_size(value)] > 1 else value
        if isinstance(value, str):
            return value.strip()
        if hasattr(value, "tobytes"):  # repr() of a large array leaves most of it out
            return hashlib.sha256(bytes_of(value)).digest()
        return value if value is None or isinstance(value, (int, float, bytes)) else repr(value)

    return lambda rows, row: tuple(comparable(role, rows.columns[role][row]) for role in roles)


def _size(value: Any) -> int:
    try:
        return Path(value).stat().st_size
    except (OSError, TypeError, ValueError):
        return -1
