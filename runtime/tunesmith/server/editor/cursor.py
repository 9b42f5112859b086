"""Where in a job the cursor stands: at which key, or at the value of which key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tunesmith.server.editor.scan import scan
from tunesmith.server.editor.tree import Entry, Path, Tree, Value

MARKS = "\ue000\ue001\ue002\ue003"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """`role`: `key`, in the mapping at `path`; `value` of the key at `path`; `item` of the list at `path`.

    `start` to `end` is the span of the text that a completion replaces, `prefix` what of it stands before the cursor
    (without a quote), `tree` the rest of the job.
    """

    role: Literal["key", "value", "item"]
    path: Path
    start: int
    end: int
    prefix: str
    tree: Tree
    quote: str = ""
    flow: bool = False
    colon: bool = False
    space: bool = False
    siblings: frozenset[str] = frozenset()
    indent: int = 0


def cursor_at(text: str, offset: int) -> Cursor | None:
    """What may be completed at `offset`; None inside comments, block scalars and other places where nothing can.

    A mark is put in at the cursor, so that also an empty line or a missing value is something to be found.
    """
    mark = next((each for each in MARKS if each not in text), None)
    if mark is None:
        return None
    tree = scan(text[:offset] + mark + text[offset:])
    for path, entry, value, parent in _places(tree):
        if entry is not None and entry.start <= offset < entry.end:
            return _at_key(tree, offset, path, entry, parent)
        if value.kind == "scalar" and value.start <= offset < value.end:
            return _at_value(tree, offset, path, entry, value, parent)
    return None


def _places(tree: Tree) -> Iterator[tuple[Path, Entry | None, Value, Value]]:
    """Every key and scalar: the path of the entry (of the list, for an item), the entry, its value, its container."""
    pending: list[tuple[Path, Value]] = [((), tree.root)]
    while pending:
        path, container = pending.pop()
        for entry in container.entries:
            yield (*path, entry.key), entry, entry.value, container
            pending.append(((*path, entry.key), entry.value))
        for number, item in enumerate(container.items):
            yield path, None, item, container
            pending.append(((*path, str(number)), item))


def _at_key(tree: Tree, offset: int, path: Path, entry: Entry, parent: Value) -> Cursor | None:
    text = tree.text
    quote = text[entry.start] if text[entry.start] in "\"'" else ""
    prefix = text[entry.start + len(quote) : offset]
    if prefix.endswith(":") and (offset + 1 == len(text) or text[offset + 1] in " \t\r\n,}]"):
        return _behind_colon(tree, offset, path, entry, parent, prefix[:-1].strip("\"'"))
    if prefix.endswith(":") and entry.colon is None and text[offset + 1 : entry.end].strip():
        return None  # `task:text`: a key would take the place of its value too
    if parent.is_flow and not _after_separator(text, entry.start):
        return None
    whole = _without(tree, offset)
    siblings = {each.key for each in parent.entries if each is not entry}
    is_apart = entry.start == offset and text[offset + 1 : offset + 2] in (
        " ",
        "\t",
    )  # a new key in front of another one
    if is_apart:
        siblings.add(text[offset + 1 : entry.end].strip().strip("\"'"))
    return Cursor(
        role="key",
        path=path[:-1],
        start=entry.start,
        end=entry.start if is_apart else entry.end - 1,
        prefix=prefix,
        tree=whole,
        quote=quote,
        flow=parent.is_flow,
        colon=entry.colon is not None and not is_apart,
        siblings=frozenset(siblings),
        indent=tree.indent_of(entry.start),
    )


def _behind_colon(tree: Tree, offset: int, path: Path, entry: Entry, parent: Value, key: str) -> Cursor | None:
    """Right behind the colon of a key: its value may be put in, or changed where it is plain text of this line."""
    whole = _without(tree, offset)
    path = (*path[:-1], key)
    value = whole.value(path)
    if value is None or (value.kind != "nothing" and (value.kind != "scalar" or value.style)):
        return None
    end = offset if value.kind == "nothing" else value.end
    if "\n" in whole.text[offset:end]:
        return None
    return Cursor(
        role="value",
        path=path,
        start=offset,
        end=end,
        prefix="",
        tree=whole,
        flow=parent.is_flow,
        space=True,
        indent=tree.indent_of(entry.start),
    )


def _at_value(tree: Tree, offset: int, path: Path, entry: Entry | None, value: Value, parent: Value) -> Cursor | None:
    if value.style in ("|", ">") or "\n" in tree.text[value.start : value.end]:
        return None
    if parent.is_flow and entry is None and not _after_separator(tree.text, value.start):
        return None
    whole = _without(tree, offset)
    there = whole.value(path) if entry is not None else None
    if there is not None and there.kind in ("mapping", "list") and not there.is_flow:
        return None  # the lines below are the value: one in this line would break the job
    return Cursor(
        role="value" if entry is not None else "item",
        path=path,
        start=value.start,
        end=value.end - 1,
        prefix=tree.text[value.start + len(value.style) : offset],
        tree=whole,
        quote=value.style,
        flow=parent.is_flow,
        indent=tree.indent_of(entry.start if entry is not None else value.start),
    )


def _after_separator(text: str, at: int) -> bool:
    """Whether a new key or item may begin here: after a bracket or a comma."""
    before = text[:at].rstrip()
    return before[-1:] in ("{", "[", ",") or "#" in before[before.rfind("\n") + 1 :]


def _without(tree: Tree, offset: int) -> Tree:
    """The tree of the text as the user has it."""
    return scan(tree.text[:offset] + tree.text[offset + 1 :])
