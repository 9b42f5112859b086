"""What the text of a job does not hold: columns from the data process, Python from the jedi process, paths on disk.

Whatever fails or takes too long gives nothing: a list that is short is better than none.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import TunesmithError
from tunesmith.files import expanded
from tunesmith.inspections.sources import python_files
from tunesmith.server.editor.completion import column_items
from tunesmith.server.editor.insert import scalar
from tunesmith.server.editor.items import Completion, Item, Lookup
from tunesmith.server.editor.shape import View
from tunesmith.trust import is_callable_name

if TYPE_CHECKING:
    from tunesmith.server.session import Session

log = logging.getLogger(__name__)
NAMES = "tunesmith.server.editor.python_names:"
DATA = "tunesmith.server.editor.data_queries:"
PYTHON_S, COLUMNS_S, PATHS_S = 8.0, 4.0, 1.0
MOST_PATHS = 300
MOST_CODE = 2000
MODULE_FILES = ("__init__.py",)


class Lookups:
    """Answers the lookups of completions, for the documents of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._columns: dict[tuple[str, str, bool], tuple[object, list[str]]] = {}

    async def items(self, lookup: Lookup, found: Completion) -> list[Item]:
        """The items that a lookup of a completion finds."""
        view, path, quote = found.view, found.cursor.path, found.cursor.quote
        try:
            if lookup.kind == "columns":
                return column_items(await self.columns(view), _guesses(view, path), quote)
            if lookup.kind == "paths":
                listed = await self._session.in_thread(lambda: list_paths(lookup.prefix, view, path), timeout_s=PATHS_S)
                return [_path_item(text, quote) for text in listed]
            if lookup.kind == "arguments":
                return await self._arguments(lookup, view)
            return await self._python(lookup, view, quote)
        except TunesmithError as error:
            log.debug("no %s: %s", lookup.kind, error)
            return []

    async def columns(self, view: View) -> list[str]:
        """The columns of the job's training data, remembered until its file changes."""
        source = view.tree.scalar("data", "train")
        if not source:
            return []
        key = (source, str(view.folder), self._session.trusted)
        stamp = await self._session.in_thread(lambda: _stamp(view.folder, source), timeout_s=PATHS_S)
        known = self._columns.get(key)
        if known is not None and known[0] == stamp:
            return known[1]
        found = await self._data("columns", {"source": source, "folder": str(view.folder)}, COLUMNS_S)
        if len(self._columns) > 100:
            self._columns.clear()
        self._columns[key] = stamp, list(found)
        return list(found)

    async def warm(self, folder: Path) -> None:
        """Let the helper for Python start, for a job that names some: its first answer would wait for that."""
        with suppress(TunesmithError):
            await self._session.hub.lanes.jedi.ask(
                NAMES + "complete", {"prefix": "", "folder": str(folder)}, timeout_s=PYTHON_S
            )

    async def check(self, file: Path, text: str) -> Mapping[str, Any]:
        """What a check of the data finds; see `data_queries.check`."""
        found: Mapping[str, Any] = await self._data("check", {"file": str(file), "text": text}, 600.0)
        return found

    async def python(self, function: str, name: str, folder: Path) -> Any:
        """The result of `python_names.function` for a name."""
        lane = self._session.hub.lanes.jedi
        return await lane.ask(NAMES + function, {"name": name, "folder": str(folder)}, timeout_s=PYTHON_S)

    async def _data(self, function: str, arguments: Mapping[str, Any], timeout_s: float) -> Any:
        given = {**arguments, "trusted": self._session.trusted}
        return await self._session.hub.lanes.data.ask(DATA + function, given, timeout_s=timeout_s)

    async def _python(self, lookup: Lookup, view: View, quote: str) -> list[Item]:
        if "." not in lookup.prefix and ":" not in lookup.prefix:
            modules = await self._session.in_thread(lambda: list_modules(view.folder), timeout_s=PATHS_S)
            return [Item(label=name, text=scalar(name, quote), kind="module", detail="module") for name in modules]
        asked = {"prefix": lookup.prefix, "folder": str(view.folder)}
        found = await self._session.hub.lanes.jedi.ask(NAMES + "complete", asked, timeout_s=PYTHON_S)
        return [
            Item(
                label=each["label"],
                text=scalar(each["text"], quote),
                kind="module" if each["type"] == "module" else "callable",
                detail=each["type"],
                name=each["text"] if ":" in each["text"] else "",
            )
            for each in found
            if each["type"] != "module" or ":" not in each["text"]  # behind the colon stands a callable
        ]

    async def _arguments(self, lookup: Lookup, view: View) -> list[Item]:
        found = await self.python("arguments", lookup.prefix, view.folder)
        return [
            Item(
                label=each["name"],
                text=f"{each['name']}: ",
                kind="argument",
                detail=each["detail"],
                words=each["words"],
            )
            for each in found
            if each["name"] not in lookup.leave_out and each["name"] not in ("self", "cls")
        ]


def _guesses(view: View, path: tuple[str, ...]) -> Sequence[str]:
    column = view.task.columns.get(path[-1]) if view.task else None
    return (path[-1], *column.guesses) if column else ()


def _stamp(folder: Path, source: str) -> object:
    """Changes when the file changes; for a callable, when any of the project's code does."""
    found = file_stamp(folder / expanded(source))
    return code_stamp(folder) if found is None and is_callable_name(source) else found


def file_stamp(path: Path) -> object:
    """Changes when the file changes; None where there is none."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size


def code_stamp(folder: Path) -> object:
    """Changes when a file of Python in the project changes, comes or goes; see `python_files` for what is left out."""
    files = islice(python_files(folder), MOST_CODE) if folder.is_dir() else ()
    return tuple((file, file_stamp(file)) for file in files)


def list_paths(prefix: str, view: View, path: tuple[str, ...]) -> list[str]:
    """Files and folders that fit a key, as they are written in the job; folders end in a slash."""
    begun, _, _ = prefix.rpartition("/")
    stem = f"{begun}/" if begun or prefix.startswith("/") else ""
    start = view.home if path == ("folder",) else view.folder
    folder = start / expanded(stem) if stem else start
    fits = _fitting(view, path)
    found = _entries(folder, stem, fits)
    if not stem:  # what lies one folder down is worth seeing at once
        below = [each for each in found if each.endswith("/")][:30]
        found += [file for each in below for file in _entries(folder / each, each, fits) if not file.endswith("/")]
    begins = prefix.lower()
    return [each for each in found if each.lower().startswith(begins)][:MOST_PATHS]


def _fitting(view: View, path: tuple[str, ...]) -> Callable[[os.DirEntry[str]], bool]:
    if path[0] == "data":
        endings = tuple(suffix for entry in view.catalog.readers.values() for suffix in entry.member.suffixes)
        return lambda item: item.is_dir() or item.name.lower().endswith(endings)
    return lambda item: item.is_dir()


def _entries(folder: Path, stem: str, fits: Callable[[os.DirEntry[str]], bool]) -> list[str]:
    try:
        with os.scandir(folder) as listed:
            found = [item for item in listed if not item.name.startswith((".", "__")) and fits(item)]
        return sorted(f"{stem}{item.name}{'/' * item.is_dir()}" for item in found)
    except (OSError, ValueError):
        return []


def list_modules(folder: Path) -> list[str]:
    """The project's own top-level modules and packages."""
    try:
        with os.scandir(folder) as listed:
            items = list(listed)
    except OSError:
        return []
    files = [item.name.removesuffix(".py") for item in items if item.name.endswith(".py") and item.is_file()]
    packages = [
        item.name for item in items if item.is_dir() and any(Path(item.path, name).exists() for name in MODULE_FILES)
    ]
    return sorted(name for name in (*files, *packages) if name.isidentifier() and not name.startswith("__"))


def _path_item(text: str, quote: str) -> Item:
    is_folder = text.endswith("/")
    return Item(
        label=text,
        text=scalar(text, quote),
        kind="folder" if is_folder else "file",
        detail="folder" if is_folder else "file",
    )
