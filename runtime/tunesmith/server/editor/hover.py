"""What a key or a value of a job means, shown where the mouse rests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path as FilePath

from tunesmith.catalog import Catalog
from tunesmith.job.kinds import Choice
from tunesmith.server.editor.shape import Slot, View
from tunesmith.server.editor.tree import Path, Tree, Value
from tunesmith.trust import is_callable_name
from tunesmith.words import entry_of_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """What stands at a place: the key at `path` or a value of it, from `start` to `end`."""

    path: Path
    start: int
    end: int
    is_key: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hover:
    """`words` in Markdown for the span from `start` to `end`. `python` names a callable to be described besides."""

    words: str
    start: int
    end: int
    python: str = ""


def spot_at(tree: Tree, offset: int) -> Spot | None:
    """The key or scalar that `offset` touches."""
    for step in tree.steps():
        entry = step.entry
        if entry.start <= offset <= entry.end:
            return Spot(path=step.path, start=entry.start, end=entry.end, is_key=True, text=entry.key)
        for value in (entry.value, *entry.value.items):
            if value.kind == "scalar" and value.start <= offset <= value.end:
                return _value_spot(step.path, value)
    return None


def hover(tree: Tree, offset: int, catalog: Catalog, home: FilePath) -> Hover | None:
    """Help on what stands at `offset`."""
    spot = spot_at(tree, offset)
    if spot is None:
        return None
    view = View(tree=tree, catalog=catalog, home=home)
    slot = view.slot(spot.path)
    title = f"**{'.'.join(spot.path)}**\n\n"
    if spot.is_key:
        python = spot.text if is_callable_name(spot.text) else ""
        if slot is None and not python:
            return None
        words = title + slot.words + _explained(spot.path) if slot else ""
        return Hover(words=words, start=spot.start, end=spot.end, python=python)
    if slot is None:
        return None
    return _of_value(view, slot, spot, title)


def _explained(path: Path) -> str:
    """What the glossary says of the word behind a key."""
    entry = entry_of_key(path)
    return f"\n\n---\n\n**{entry.heading}**: {entry.text}" if entry else ""


def _of_value(view: View, slot: Slot, spot: Spot, title: str) -> Hover:
    if isinstance(slot.option, Choice):
        found = view.keys(slot.path).slots.get(spot.text) if slot.path != ("task",) else None
        if slot.path == ("task",) and view.task is not None:
            found = view.member_slot((*slot.path, view.task.name), view.task)
        if found is not None and found.member is not None:
            return Hover(words=f"**{found.member.name}**\n\n{found.words}", start=spot.start, end=spot.end)
        if is_callable_name(spot.text):
            return Hover(words="", start=spot.start, end=spot.end, python=spot.text)
    python = spot.text if slot.path == ("data", "train") and is_callable_name(spot.text) else ""
    return Hover(words=title + slot.words, start=spot.start, end=spot.end, python=python)


def _value_spot(path: Path, value: Value) -> Spot:
    return Spot(path=path, start=value.start, end=value.end, is_key=False, text=value.text)
