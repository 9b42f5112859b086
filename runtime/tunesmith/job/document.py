"""YAML text as a tree in which every key and value knows its line and column."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from tunesmith.errors import NOWHERE, Place, Problem

Scalar: TypeAlias = "str | int | float | bool | None"
LARGEST = 20_000  # nodes after aliases are followed: a few lines of nested aliases may stand for billions
_TAG = "tag:yaml.org,2002:"
_SCALARS = ("null", "bool", "int", "float", "str", "timestamp")


@dataclass(slots=True, kw_only=True)
class Node:
    """A value with its place; `key_place` is where its key stands. Mappings hold nodes by key, lists nodes in order."""

    value: Scalar | dict[str, Node] | list[Node]
    place: Place = NOWHERE
    key_place: Place = NOWHERE

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def child(self, key: str) -> Node | None:
        return self.value.get(key) if isinstance(self.value, dict) else None

    def walk(self, above: str = "") -> Iterator[tuple[str, Node]]:
        """Every node below this one that has a key, with its dotted key, outermost first."""
        if isinstance(self.value, dict):
            for key, node in self.value.items():
                dotted = f"{above}.{key}" if above else key
                yield dotted, node
                yield from node.walk(dotted)


@dataclass(slots=True, kw_only=True)
class Document:
    """The tree of a job's text, and what is wrong with the text itself."""

    root: Node
    problems: list[Problem] = field(default_factory=list)


def read_document(text: str, file: Path | None, key: str = "") -> Document:
    """The tree of `text`. A text that is no YAML gives an empty tree and one problem, job.yaml-syntax.

    `key` goes before the dotted key of every place (for a text that stands for the value of one key).
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        root = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file=file, line=mark.line + 1, column=mark.column + 1) if mark else Place(file=file)
        reason = ": ".join(part for part in (error.context, error.problem) if part)
        return _unreadable(place, key, reason, hint=_syntax_hint(text, place))
    except YAMLError as error:
        return _unreadable(Place(file=file), key, str(error).splitlines()[0])
    except RecursionError:
        return _unreadable(Place(file=file), key, "brackets or indentation are nested too deeply")
    reader = _Reader(file)
    if root is None:
        return Document(root=Node(value={}, place=Place(file=file, key=key or None)))
    return Document(root=reader.node(root, key, NOWHERE, ()), problems=reader.problems)


def _unreadable(place: Place, key: str, reason: str, hint: str = "") -> Document:
    at = Place(file=place.file, line=place.line, column=place.column, key=key or None)
    problem = Problem(code="job.yaml-syntax", message=f"this is not valid YAML: {reason}", place=at, hint=hint)
    return Document(root=Node(value={}, place=at), problems=[problem])


def _syntax_hint(text: str, place: Place) -> str:
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line and place.line <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces; YAML allows no tabs there"
    if line.count(": ") > 1 and not line.lstrip().startswith(("{", "'", '"')):
        return "put a text that holds `: ` between quotes, or a mapping between braces"
    return "look at this line and the one before it for a missing bracket, quote, space after a colon, or indentation"


class _Reader:
    """Turns ruamel's nodes into ours and collects what our job files do not allow."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.count = 0

    def place(self, source: Any, key: str) -> Place:
        mark = source.start_mark
        return Place(file=self.file, line=mark.line + 1, column=mark.column + 1, key=key or None)

    def node(self, source: Any, key: str, key_place: Place, above: tuple[int, ...]) -> Node:
        place = self.place(source, key)
        made = Node(value=None, place=place, key_place=key_place)
        self.count += 1
        if id(source) in above or self.count > LARGEST:
            if self.count <= LARGEST + 1:
                self.count = LARGEST + 2
                self._bad(place, "aliases (`*name`) repeat too much or stand inside themselves")
            return made
        within = (*above, id(source))
        tag = str(source.tag)
        if tag == _TAG + "map":
            made.value = self._mapping(source, key, within)
        elif tag == _TAG + "seq":
            made.value = [self.node(item, f"{key}.{row}", place, within) for row, item in enumerate(source.value)]
        elif tag.removeprefix(_TAG) in _SCALARS and isinstance(source.value, str):
            made.value = self._scalar(source.value, tag.removeprefix(_TAG), place)
        else:
            self._bad(place, "tags (`!name`) have no meaning in a job file")
        return made

    def _mapping(self, source: Any, key: str, above: tuple[int, ...]) -> dict[str, Node]:
        found: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for name_node, value_node in source.value:
            if name_node.value == "<<" and not name_node.style:
                merged |= {
                    name: node for name, node in self._merged(value_node, key, above).items() if name not in merged
                }
                continue
            if not isinstance(name_node.value, str):
                self._bad(self.place(name_node, key), "a key must be a text")
                continue
            try:
                name = _joined(name_node.value)
            except UnicodeDecodeError:
                self._bad(self.place(name_node, key), "half a character stands in this key")
                continue
            dotted = f"{key}.{name}" if key else name
            at = self.place(name_node, dotted)
            if name in found:
                problem = Problem(
                    code="job.duplicate-key",
                    message=f"this key stands in line {found[name].key_place.line} already",
                    place=at,
                    found=name,
                    hint="keep one of the two",
                )
                self.problems.append(problem)
                continue
            found[name] = self.node(value_node, dotted, at, above)
        return {**found, **{name: node for name, node in merged.items() if name not in found}}

    def _merged(self, source: Any, key: str, above: tuple[int, ...]) -> dict[str, Node]:
        """The keys that `<<: *name` or `<<: [*one, *other]` takes over; of two equal ones the first counts.

        Source: Merge Key Language-Independent Type for YAML 1.1, which YAML 1.2 left out and everybody uses.
        """
        place = self.place(source, key)
        made = self.node(source, key, place, above)
        parts = made.value if isinstance(made.value, list) else [made]
        found: dict[str, Node] = {}
        for part in parts:
            if not isinstance(part.value, dict):
                self._bad(place, "`<<` takes over the keys of a mapping, or of several in a list")
                continue
            found |= {name: node for name, node in part.value.items() if name not in found}
        return found

    def _scalar(self, text: str, kind: str, place: Place) -> Scalar:
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        try:
            if kind == "int":
                return whole_of(text)
            if kind == "float":
                return real_of(text)
        except ValueError:
            self._bad(place, f"`{text}` is not a number that can be read")
        try:
            text = _joined(text)
        except UnicodeDecodeError:
            self._bad(place, "half a character: an escape such as \\ud83d stands without its other half")
            return ""
        if "\0" in text:
            self._bad(place, "a NUL character (`\\0`): no path, column or name has one")
            return ""
        return text  # dates too: a job has none, but a file or a column may be called 2026-01-31

    def _bad(self, place: Place, message: str) -> None:
        hint = "write the value out in plain YAML"
        self.problems.append(Problem(code="job.yaml-syntax", message=message, place=place, hint=hint))


def _joined(text: str) -> str:
    """JSON, which is YAML, writes characters beyond 16 bits as two escapes: join them. Raises UnicodeDecodeError."""
    if not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16")


def whole_of(text: str) -> int:
    """The number that a text of YAML's kind int stands for. Raises ValueError."""
    digits = text.replace("_", "")
    unsigned = digits.lstrip("+-")
    if unsigned[:2].lower() in ("0x", "0o", "0b"):
        return int(digits, 0)
    return int(digits, 10)


def real_of(text: str) -> float:
    """The number that a text of YAML's kind float stands for. Raises ValueError."""
    lowered = text.lower().replace("_", "")
    if lowered.endswith(".inf"):
        return -math.inf if lowered.startswith("-") else math.inf
    return math.nan if lowered == ".nan" else float(lowered)
