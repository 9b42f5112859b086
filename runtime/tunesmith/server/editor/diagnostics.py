"""What is wrong with a job, with the span of text that each finding is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from tunesmith.catalog import Catalog
from tunesmith.errors import InvalidJob, Place, Problem
from tunesmith.job.document import Document, read_document
from tunesmith.job.job import Job
from tunesmith.job.load import parse_job
from tunesmith.job.plain import read_plain
from tunesmith.server.editor.tree import Entry, Path, Tree, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`elsewhere` is the place in another file that the finding is about, such as a row of the data."""

    problem: Problem
    start: int
    end: int
    elsewhere: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What schema and combinations say of a text; `job` is None where there are errors."""

    problems: tuple[Problem, ...]
    job: Job | None = None


def judge_plain(text: str, file: FilePath, catalog: Catalog) -> Judged | None:
    """The same as `judge`, in a few milliseconds; None for a text that takes the YAML library to read."""
    document = read_plain(text, file)
    return None if document is None else _judge(text, file, catalog, lambda *_: document)


def judge(text: str, file: FilePath, catalog: Catalog) -> Judged:
    """Everything that can be said without looking at the data."""
    return _judge(text, file, catalog, read_document)


def _judge(text: str, file: FilePath, catalog: Catalog, read: Callable[[str, FilePath], Document]) -> Judged:
    try:
        loaded = parse_job(text, file, file.parent, catalog, read=read)
    except InvalidJob as error:
        return Judged(problems=error.problems)
    return Judged(problems=loaded.warnings, job=loaded.job)


def placed(problems: Sequence[Problem], tree: Tree, file: FilePath) -> list[Finding]:
    """Each problem with its span in the job; those of other files stand at the key that names the file."""
    return [_placed(problem, tree, file) for problem in problems]


def _placed(problem: Problem, tree: Tree, file: FilePath) -> Finding:
    place = problem.place
    if place.file is not None and place.file.name != file.name:
        entry = _naming(tree, place.file) or tree.find(("data", "train")) or tree.find(("data",))
        start, end = _value_span(entry) if entry else _first_line(tree)
        return Finding(problem=problem, start=start, end=end, elsewhere=place)
    if problem.code == "job.yaml-syntax":
        start, end = _broken(tree, place)
    else:
        start, end = _span(tree, place)
    return Finding(problem=problem, start=start, end=end)


def offset_of(tree: Tree, place: Place) -> int | None:
    """The offset of a place with a line; columns count characters from 1."""
    if place.line is None:
        return None
    row = min(place.line - 1, len(tree.lines) - 1)
    end = tree.lines[row + 1] if row + 1 < len(tree.lines) else len(tree.text)
    return min(tree.lines[row] + (place.column or 1) - 1, end)


def _span(tree: Tree, place: Place) -> tuple[int, int]:
    offset = offset_of(tree, place)
    path: Path = tuple((place.key or "").split(".")) if place.key else ()
    for step in tree.steps() if offset is not None else ():
        entry = step.entry
        if entry.start == offset and (not path or step.path == path):
            return entry.start, entry.end
        for value in (entry.value, *entry.value.items):
            if value.start == offset and value.kind != "nothing" and (not path or _leads(step.path, path)):
                return _value_span(entry) if value is entry.value else (value.start, value.end)
    for length in range(len(path), 0, -1):
        found = tree.find(path[:length])
        if found is not None:
            return _value_span(found) if length == len(path) else (found.start, found.end)
    return _first_line(tree)


def _leads(step: Path, path: Path) -> bool:
    return path[: len(step)] == step


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
