"""Changes to a job's text: put in a key, give it another value, take it out. Everything else stays as it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tunesmith.job import schema
from tunesmith.server.editor.tree import Entry, Path, Tree, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """`text` instead of what stands from `start` to `end` (offsets)."""

    start: int
    end: int
    text: str


def applied(text: str, edits: Sequence[Edit]) -> str:
    """The text after all edits; they do not overlap."""
    for edit in sorted(edits, key=lambda each: each.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def difference(before: str, after: str) -> Edit:
    """The one edit that makes `after` of `before`."""
    start = _common(before, after)
    room = min(len(before), len(after)) - start
    same = min(_common(before[::-1], after[::-1]), room)
    return Edit(start=start, end=len(before) - same, text=after[start : len(after) - same])


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (mine, theirs) in enumerate(pairs) if mine != theirs), min(len(one), len(other)))


def set_value(tree: Tree, path: Path, text: str) -> Edit | None:
    """Write `text` as the value of the key at `path`, which is put in where it is missing; None where it cannot be."""
    entry = tree.find(path)
    if entry is None:
        return _insert(tree, path, text)
    if entry.value.kind == "nothing":
        at = entry.end if entry.colon is None else entry.colon + 1
        return Edit(start=at, end=at, text=f": {text}" if entry.colon is None else f" {text}")
    if entry.value.kind != "scalar" and not entry.value.is_flow:
        return Edit(start=(entry.colon or entry.end) + 1, end=entry.value.end, text=f" {text}")
    return Edit(start=entry.value.start, end=entry.value.end, text=text)


def remove(tree: Tree, path: Path, *, last: bool = False) -> Edit | None:
    """Take the key at `path` out, with its value and its line where it has one for itself.

    `last`: the last of several keys of that name.
    """
    parent = tree.value(path[:-1])
    found = [entry for entry in parent.entries if entry.key == path[-1]] if parent else []
    if parent is None or not found:
        return None
    entry = found[-1] if last else found[0]
    return _remove_from_flow(tree, parent, entry) if parent.is_flow else _remove_lines(tree, parent, entry)


def _remove_lines(tree: Tree, parent: Value, entry: Entry) -> Edit:
    first, last = tree.line_of(entry.start), tree.line_of(max(entry.end, entry.value.end))
    start = tree.lines[first]
    end = tree.lines[last + 1] if last + 1 < len(tree.lines) else len(tree.text)
    if tree.text[start : entry.start].strip():  # `- key: value`
        return Edit(start=entry.start, end=max(entry.end, entry.value.end), text="")
    owner = next((step.entry for step in tree.steps() if step.entry.value is parent), None)
    if len(parent.entries) == 1 and owner is not None and owner.colon is not None:
        return Edit(start=owner.colon + 1, end=max(entry.end, entry.value.end), text=" {}")
    if end == len(tree.text) and start and not tree.text[start:end].endswith(("\n", "\r")):
        start -= 2 if tree.text[start - 2 : start] == "\r\n" else 1
    return Edit(start=start, end=end, text="")


def _remove_from_flow(tree: Tree, parent: Value, entry: Entry) -> Edit:
    number = next(at for at, each in enumerate(parent.entries) if each is entry)
    if number + 1 < len(parent.entries):
        return Edit(start=entry.start, end=parent.entries[number + 1].start, text="")
    end = max(entry.end, entry.value.end)
    if number:
        before = parent.entries[number - 1]
        return Edit(start=max(before.end, before.value.end), end=end, text="")
    return Edit(start=entry.start, end=end, text="")


def _insert(tree: Tree, path: Path, text: str) -> Edit | None:
    parent = tree.value(path[:-1])
    if parent is None or (parent.kind == "nothing" and len(path) > 1):
        return _insert_with_parent(tree, path, text)
    if parent.kind not in ("mapping", "nothing"):
        return None
    if parent.is_flow:
        return _insert_in_flow(tree, parent, path, text)
    if not parent.entries:
        return Edit(start=0, end=0, text=_written(path[-1], text) + "\n")
    after = _predecessor(parent, path)
    newline = "\r\n" if "\r\n" in tree.text else "\n"
    indent = tree.indent_of(parent.entries[0].start)
    line = " " * indent + _written(path[-1], text)
    if after is None:
        at = tree.lines[tree.line_of(parent.entries[0].start)]
        return Edit(start=at, end=at, text=line + newline)
    row = tree.line_of(max(after.end, after.value.end))
    if row + 1 < len(tree.lines):
        return Edit(start=tree.lines[row + 1], end=tree.lines[row + 1], text=line + newline)
    return Edit(start=len(tree.text), end=len(tree.text), text=newline + line)


def _written(key: str, text: str) -> str:
    return f"{key}:{text}" if text.startswith("\n") else f"{key}: {text}"


def _insert_with_parent(tree: Tree, path: Path, text: str) -> Edit | None:
    """The key below a section that is not there yet, or that is empty."""
    if len(path) < 2:
        return None
    in_flow = tree.root.is_flow
    owner = tree.find(path[:-1])
    if owner is not None and owner.colon is not None and not in_flow:
        indent = tree.indent_of(owner.start) + 2
        at = owner.colon + 1
        return Edit(start=at, end=at, text=f"\n{' ' * indent}{path[-1]}: {text}")
    key = f'"{path[-1]}"' if in_flow else path[-1]
    return set_value(tree, path[:-1], f"{{{key}: {text}}}" if in_flow else f"\n  {key}: {text}")


def _insert_in_flow(tree: Tree, parent: Value, path: Path, text: str) -> Edit:
    quoted = bool(parent.entries) and tree.text[parent.entries[0].start] == '"'
    key = f'"{path[-1]}"' if quoted else path[-1]
    if not parent.entries:
        return Edit(start=parent.start + 1, end=parent.start + 1, text=f"{key}: {text}")
    after = _predecessor(parent, path)
    if after is None:
        at = parent.entries[0].start
        return Edit(start=at, end=at, text=f"{key}: {text}, ")
    at = max(after.end, after.value.end)
    return Edit(start=at, end=at, text=f", {key}: {text}")


def _predecessor(parent: Value, path: Path) -> Entry | None:
    """The entry after which a key belongs, in the order that jobs are written; None before all of them."""
    order = list(schema.ORDER) if len(path) == 1 else list(schema.SECTIONS.get(path[0], ()))
    rank = {key: number for number, key in enumerate(order)}
    mine = rank.get(path[-1], len(order))
    before = [entry for entry in parent.entries if rank.get(entry.key, len(order)) <= mine]
    return before[-1] if before else None
