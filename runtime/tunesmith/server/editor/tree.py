"""The shape of a job's text, finished or not: keys and values with the place of each.

Unlike `job/document.py` this reads text that is no YAML yet: half a key, a brace that is never closed, a tab. Offsets
count characters of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["nothing", "scalar", "mapping", "list"]
Path = tuple[str, ...]
LINE_END = re.compile(r"\r\n|\n|\r")


def line_starts(text: str) -> list[int]:
    """The offsets at which lines begin, as editors count lines (LF, CRLF, CR)."""
    return [0, *(match.end() for match in LINE_END.finditer(text))]


@dataclass(slots=True, kw_only=True)
class Value:
    """`style` is how it is written: `{` or `[` in flow style, a quote, `|` or `>`; empty for plain and block style.

    `closed`: the bracket or quote that ends it stands in the text.
    """

    start: int
    end: int
    kind: Kind = "nothing"
    style: str = ""
    text: str = ""
    entries: list[Entry] = field(default_factory=list)
    items: list[Value] = field(default_factory=list)
    closed: bool = True

    def entry(self, key: str) -> Entry | None:
        """The first entry with this key."""
        return next((entry for entry in self.entries if entry.key == key), None)

    @property
    def is_flow(self) -> bool:
        return self.style in ("{", "[")


@dataclass(slots=True, kw_only=True)
class Entry:
    """A key from `start` to `end` (quotes included) and its value. `colon` is None while none is written."""

    key: str
    start: int
    end: int
    colon: int | None
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An entry with the keys that lead to it (its own last) and the mapping it stands in."""

    path: Path
    entry: Entry
    parent: Value


@dataclass(slots=True, kw_only=True)
class Tree:
    """`lines` are the offsets at which lines begin; `comments` the spans of comments, in order."""

    text: str
    root: Value
    lines: Sequence[int]
    comments: Sequence[tuple[int, int]]

    def find(self, path: Sequence[str]) -> Entry | None:
        """The entry at these keys."""
        value, found = self.root, None
        for key in path:
            found = value.entry(key)
            if found is None:
                return None
            value = found.value
        return found

    def value(self, path: Sequence[str]) -> Value | None:
        """The value at these keys; the root for none."""
        if not path:
            return self.root
        entry = self.find(path)
        return entry.value if entry else None

    def scalar(self, *path: str) -> str | None:
        """The text of the scalar at these keys."""
        value = self.value(path)
        return value.text if value and value.kind == "scalar" else None

    def steps(self) -> Iterator[Step]:
        """Every entry, outermost first, in the order of the text. Entries inside lists have a number in their path."""
        yield from _steps(self.root, ())

    def line_of(self, offset: int) -> int:
        """The line, from 0, that `offset` lies in."""
        return bisect_right(self.lines, offset) - 1

    def indent_of(self, offset: int) -> int:
        """How far from the start of its line `offset` is."""
        return offset - self.lines[self.line_of(offset)]


def _steps(value: Value, above: Path) -> Iterator[Step]:
    """Depth first. A loop and a stack: nested generators would take a step for each level of depth."""
    pending: list[tuple[Value, Path, Entry | None, Value]] = [(value, above, None, value)]
    while pending:
        value, path, entry, parent = pending.pop()
        if entry is not None:
            yield Step(path=path, entry=entry, parent=parent)
        below = [(each.value, (*path, each.key), each, value) for each in value.entries]
        inside: list[tuple[Value, Path, Entry | None, Value]] = [
            (item, (*path, str(number)), None, value)
            for number, item in enumerate(value.items)
            if item.kind != "scalar"
        ]
        pending += reversed([*below, *inside])
