"""Where what a job names is defined: Python of the project, data files, members of the catalog."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path as FilePath

from tunesmith.files import expanded
from tunesmith.job.kinds import Choice, ShareOrFile
from tunesmith.server.editor.hover import spot_at
from tunesmith.server.editor.shape import Slot, View
from tunesmith.trust import is_callable_name

MODEL_FILES = ("config.json", "tokenizer.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One of: a file (at its first line), a Python name to be located, a column to be found in the data's header.

    `start` to `end` is the span of the job that leads there.
    """

    start: int
    end: int
    file: FilePath | None = None
    python: str = ""
    column: str = ""


def target_at(view: View, offset: int) -> Target | None:
    """What the text at `offset` leads to."""
    spot = spot_at(view.tree, offset)
    if spot is None:
        return None
    if is_callable_name(spot.text) and not (view.folder / spot.text).exists():
        return Target(start=spot.start, end=spot.end, python=spot.text)
    slot = view.slot(spot.path)
    if slot is None:
        return None
    if spot.is_key:
        return Target(start=spot.start, end=spot.end, file=_member_file(view, slot)) if slot.member else None
    if slot.is_column:
        return Target(start=spot.start, end=spot.end, column=spot.text)
    file = _file(view, slot, spot.text)
    return Target(start=spot.start, end=spot.end, file=file) if file else None


def _file(view: View, slot: Slot, text: str) -> FilePath | None:
    option = slot.option
    if isinstance(option, Choice):
        folder = getattr(view.catalog, option.kind)
        if text in folder:
            return FilePath(folder[text].module.__file__)
    elif not (isinstance(option, ShareOrFile) or slot.path == ("data", "train") or slot.key in ("tokenizer", "folder")):
        return None
    path = (view.home if slot.path == ("folder",) else view.folder) / expanded(text)
    if path.is_file():
        return path
    return next((path / name for name in MODEL_FILES if (path / name).is_file()), None)


def _member_file(view: View, slot: Slot) -> FilePath | None:
    """The file that defines a member, by the mapping that picks it."""
    owner = view.slot(slot.path[:-1])
    if owner is None or not isinstance(owner.option, Choice):
        return None
    return FilePath(getattr(view.catalog, owner.option.kind)[slot.key].module.__file__)
