"""What completion offers: entries of the list, and what must be looked up in a helper process or on the disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tunesmith.server.editor.cursor import Cursor
from tunesmith.server.editor.shape import View

ItemKind = Literal["key", "section", "member", "value", "column", "file", "folder", "module", "callable", "argument"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`text` replaces the span of the completion; with `snippet` it holds places to fill in (`$1`, `${1:text}`).

    `order` sorts the list; `name` is the full dotted name of a piece of Python, so that its help can be asked for.
    """

    label: str
    text: str
    kind: ItemKind
    detail: str = ""
    words: str = ""
    snippet: bool = False
    order: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What must be looked up: the columns of the data, paths, names of Python, arguments of a callable.

    `prefix` is what stands before the cursor; for arguments it is the callable. `leave_out`: arguments that are given
    already or filled in by the runtime.
    """

    kind: Literal["columns", "paths", "python", "arguments"]
    prefix: str = ""
    leave_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """The items known at once, the lookups for more, and the span (offsets) they replace, at the cursor in the job."""

    items: tuple[Item, ...]
    lookups: tuple[Lookup, ...]
    start: int
    end: int
    cursor: Cursor
    view: View

    @property
    def is_open(self) -> bool:
        """Whether further letters may bring items that are not in the list."""
        return any(lookup.kind in ("paths", "python") for lookup in self.lookups)

    def following(self, items: Sequence[Item]) -> list[Item]:
        """Items that were asked for, to stand behind those known at once, written as the cursor's place needs it."""
        space = " " if self.cursor.space else ""
        first = len(self.items)
        return [replace(item, text=space + item.text, order=first + at) for at, item in enumerate(items)]
