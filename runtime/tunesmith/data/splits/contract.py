"""What a way of dividing rows gets and gives. `data/splits/NAME.py` defines `MEMBER` and `divide`.

Where the rows are divided by columns, it also has `keys(options)` and `leaks(name, train, part, options)`; see there.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tunesmith.data.shares import Strata


@dataclass(frozen=True, slots=True, kw_only=True)
class Undivided:
    """The rows of one file, of which `shares` are to become parts of their own and the rest is `train`.

    `keys`: for each row what `keys(options)` made of its cells, () where no column is named. `strata`: what the task
    keeps in proportion, if anything. `equal` gives each row the number of the first one with equal inputs; None where
    all differ.
    """

    count: int
    shares: Mapping[str, float]
    seed: int
    keys: Sequence[Any]
    strata: Callable[[], Strata | None]
    equal: Callable[[], array[int] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Divided:
    """Row numbers by part, ascending; rows of no part are left out. `description` says what was kept together."""

    rows: Mapping[str, Sequence[int]]
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """What is wrong with a part beside the training rows: `rows` of it, ascending, and a sentence about them."""

    code: str
    message: str
    rows: Sequence[int]
    found: str = ""
    hint: str = ""
