"""The structure of a job: symbols for the outline, regions to fold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tunesmith.server.editor.tree import Tree, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A key with the whole of its value (`start` to `end`), the span of the key alone, and what lies inside."""

    name: str
    detail: str
    is_section: bool
    start: int
    end: int
    name_end: int
    inside: tuple[Symbol, ...] = field(default=())


def symbols(tree: Tree) -> tuple[Symbol, ...]:
    """Every key of the job, nested as it is written."""
    return _symbols(tree.root)


def _symbols(value: Value) -> tuple[Symbol, ...]:
    made = [
        Symbol(
            name=entry.key or "(no key)",
            detail=entry.value.text if entry.value.kind == "scalar" else "",
            is_section=entry.value.kind in ("mapping", "list"),
            start=entry.start,
            end=max(entry.end, entry.value.end),
            name_end=entry.end,
            inside=_symbols(entry.value),
        )
        for entry in value.entries
    ]
    return (*made, *(symbol for item in value.items for symbol in _symbols(item)))


def folds(tree: Tree) -> list[tuple[int, int, bool]]:
    """Lines (from 0; first and last) that may be folded, and whether they are comments."""
    found = {(first, last, False) for first, last in _regions(tree) if last > first}
    return sorted(found | {(first, last, True) for first, last in _comment_blocks(tree) if last > first})


def _regions(tree: Tree) -> Iterator[tuple[int, int]]:
    for step in tree.steps():
        entry = step.entry
        yield tree.line_of(entry.start), tree.line_of(max(entry.end, entry.value.end))
        for item in entry.value.items:
            yield tree.line_of(item.start), tree.line_of(item.end)


def _comment_blocks(tree: Tree) -> Iterator[tuple[int, int]]:
    """Runs of lines that hold a comment alone."""
    rows = [row for start, _ in tree.comments if not tree.text[tree.lines[row := tree.line_of(start)] : start].strip()]
    first = previous = None
    for row in rows:
        if previous is None or row != previous + 1:
            if first is not None and previous is not None:
                yield first, previous
            first = row
        previous = row
    if first is not None and previous is not None:
        yield first, previous
