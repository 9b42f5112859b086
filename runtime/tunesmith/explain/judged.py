"""What is found out about a model's answers on held-out rows, before any of it is written to files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """`sections` is JSON by name and becomes part of metrics.json; `files` is JSON that gets a file of its own.

    `headline` is the one sentence to read if only one is read, `words` are the others, `warnings` what must not be
    overlooked. `tables` are a title, a header and rows of text. `pictures` draws by file name; None: nothing to draw.
    `expected` and `predicted` hold one JSON value a row for the list of hardest rows.
    """

    headline: str
    words: Sequence[str] = ()
    warnings: Sequence[str] = ()
    sections: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Any] = field(default_factory=dict)
    tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = ()
    pictures: Mapping[str, Callable[[], bytes | None]] = field(default_factory=dict)
    expected: Sequence[Any] = ()
    predicted: Sequence[Any] = ()


def plural(count: int, one: str, many: str = "") -> str:
    """`1 row`, `2,000 rows`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """A share as a percentage that never rounds up to 100 % or down to 0 %."""
    text = f"{share:.1%}"
    if text == "100.0%" and share < 1:
        return "more than 99.9%"
    return "less than 0.1%" if text == "0.0%" and share > 0 else text


def points(share: float) -> str:
    """A difference of shares in percentage points."""
    return f"{abs(share) * 100:.1f} points"
