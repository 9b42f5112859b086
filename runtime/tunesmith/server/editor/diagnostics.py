"""What is wrong with a job, with the span of text that each finding is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as FilePath

from tunesmith.catalog import Catalog
from tunesmith.errors import Place, Problem
from tunesmith.job.document import Document, read_document
from tunesmith.job.job import Job
from tunesmith.job.load import read_job
from tunesmith.job.plain import read_plain
from tunesmith.server.editor.tree import Entry, Path, Step, Tree, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`elsewhere` is the place in another file that the finding is about, such as a row of the data."""

    problem: Problem
    start: int
    end: int
    elsewhere: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What schema and combinations find in a text. `job` is as it was probably meant, None where that is unknown;
    `is_good`: there are no errors, so that it can run."""

    problems: tuple[Problem, ...]
    job: Job | None = None
    is_good: bool = False


def judge_plain(text: str, file: FilePath, catalog: Catalog) -> Judged | None:
    """The same as `judge`, in a few milliseconds; None for a text that takes the YAML library to read."""
    document = read_plain(text, file)
    return None if document is None else _judge(text, file, catalog, lambda *_: document)


def judge(text: str, file: FilePath, catalog: Catalog) -> Judged:
    """Everything that can be said without looking at the data."""
    return _judge(text, file, catalog, read_document)


def _judge(text: str, file: FilePath, catalog: Catalog, read: Callable[[str, FilePath], Document]) -> Judged:
    parsed = read_job(text, file, file.parent, catalog, read=read)
    return Judged(problems=(*parsed.errors, *parsed.warnings), job=parsed.job, is_good=not parsed.errors)


def placed(problems: Sequence[Problem], tree: Tree, file: FilePath) -> list[Finding]:
    """Each problem with its span in the job; those of other files stand at the key that names the file."""
    starts = _Starts(tree)
    return [_placed(problem, tree, starts, file) for problem in problems]


def _placed(problem: Problem, tree: Tree, starts: _Starts, file: FilePath) -> Finding:
    place = problem.place
    if place.file is not None and place.file.name != file.name:
        entry = _naming(tree, place.file) or tree.find(("data", "train")) or tree.find(("data",))
        start, end = _value_span(entry) if entry else _first_line(tree)
        return Finding(problem=problem, start=start, end=end, elsewhere=place)
    if problem.code == "job.yaml-syntax":
        start, end = _broken(tree, place)
    else:
        start, end = _span(tree, starts, place)
    return Finding(problem=problem, start=start, end=end)


class _Starts:
    """The keys and values of a tree by the offset they begin at; made when the first of them is asked for."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    @cached_property
    def keys(self) -> Mapping[int, list[Step]]:
        found: dict[int, list[Step]] = {}
        for step in self._tree.steps():
            found.setdefault(step.entry.start, []).append(step)
        return found

    @cached_property
    def values(self) -> Mapping[int, list[tuple[Step, Value]]]:
        """Values of keys, and the items of lists that are values."""
        found: dict[int, list[tuple[Step, Value]]] = {}
        for step in self._tree.steps():
            for value in (step.entry.value, *step.entry.value.items):
                if value.kind != "nothing":
                    found.setdefault(value.start, []).append((step, value))
        return found


def offset_of(tree: Tree, place: Place) -> int | None:
    """The offset of a place with a line; columns count characters from 1."""
    if place.line is None:
        return None
    row = min(place.line - 1, len(tree.lines) - 1)
    end = tree.lines[row + 1] if row + 1 < len(tree.lines) else len(tree.text)
    return min(tree.lines[row] + (place.column or 1) - 1, end)


def _span(tree: Tree, starts: _Starts, place: Place) -> tuple[int, int]:
    """The key or value at a place's line and column, else what its dotted key names, else the first key.

    A block mapping begins where its first key does: so a key is looked for before a value.
    """
    offset = offset_of(tree, place)
    if offset is not None:
        for step in starts.keys.get(offset, ()):
            # A member that is picked stands as a key below the key that picks it.
            if not place.key or place.key in (".".join(step.path), ".".join(step.path[:-1])):
                return step.entry.start, step.entry.end
        for step, value in starts.values.get(offset, ()):
            if not place.key or f"{place.key}.".startswith(f"{'.'.join(step.path)}."):
                is_item = value is not step.entry.value
                return (value.start, value.end) if is_item else _value_span(step.entry)
    path: Path = tuple((place.key or "").split(".")) if place.key else ()
    for length in range(len(path), 0, -1):
        found = tree.find(path[:length])
        if found is not None:
            return _value_span(found) if length == len(path) else (found.start, found.end)
    return _first_line(tree)


def _value_span(entry: Entry) -> tuple[int, int]:
    """The value where it is short, else the key: nobody wants a whole section underlined."""
    value = entry.value
    return (value.start, value.end) if value.kind == "scalar" and value.text else (entry.start, entry.end)


def _naming(tree: Tree, file: FilePath) -> Entry | None:
    """The entry of the data section whose value is this file."""
    data = tree.value(("data",))
    for entry in data.entries if data else ():
        if entry.value.kind == "scalar" and FilePath(entry.value.text).name == file.name:
            return entry
    return None


def _broken(tree: Tree, place: Place) -> tuple[int, int]:
    """Where text stops being YAML: an open bracket or quote if there is one, else where the reader gave up."""
    forgotten = next(unclosed(tree), None)
    if forgotten is not None:
        return forgotten.start, max(_line_end(tree, forgotten.start), forgotten.start + 1)
    offset = offset_of(tree, place)
    if offset is None:
        return _first_line(tree)
    start = min(offset, max(len(tree.text) - 1, 0))
    while start > 0 and tree.text[start : start + 1] in ("\n", "\r", ""):
        start -= 1
    end = max(_line_end(tree, start), start + 1)
    return start, min(end, max(len(tree.text), start))


def unclosed(tree: Tree) -> Iterator[Value]:
    """Values whose bracket or quote is not closed, innermost first."""
    open_values = [
        value for step in tree.steps() for value in (step.entry.value, *step.entry.value.items) if not value.closed
    ]
    open_values += [tree.root] if not tree.root.closed else []
    yield from sorted(open_values, key=lambda value: -value.start)


def _line_end(tree: Tree, offset: int) -> int:
    row = tree.line_of(offset)
    end = tree.lines[row + 1] if row + 1 < len(tree.lines) else len(tree.text)
    return offset + len(tree.text[offset:end].rstrip())


def _first_line(tree: Tree) -> tuple[int, int]:
    """The job's first key, or the first line of an empty job."""
    entries = tree.root.entries
    return (entries[0].start, entries[0].end) if entries else (0, _line_end(tree, 0))
