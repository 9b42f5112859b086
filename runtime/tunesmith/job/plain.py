"""Job files as nearly all of them are written, read five times faster than by the YAML library, which takes time to
import, too.

Only what is certain is read: block mappings, one-line braces and brackets, plain and quoted scalars, comments. For
anything else the answer is None, and the library has to read it. A property test compares both.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from tunesmith.errors import NOWHERE, Place
from tunesmith.job.document import Document, Node, Scalar, read_document, real_of, whole_of

MOST_LINES, DEEPEST = 3000, 20
NOTHING = re.compile(r" *(?:#.*)?")
ENTRY = re.compile(r"( *)([A-Za-z_][\w.-]*):(?: +(.*))?")
COMMENT = re.compile(r" *(?: #.*)?")
QUOTED = re.compile(r"'([^']*)'|\"([^\"\\]*)\"")
BLOCK_PLAIN = re.compile(r"(?:[^\s\-?:,\[\]{}#&*!|>'\"%@`=<]|-[\d.])(?:[^\s:#]|:(?=\S)|(?<=\S)#| +(?=[^\s:#]|:\S))*")
FLOW_PLAIN = re.compile(r"(?:[^\s\-?:,\[\]{}#&*!|>'\"%@`=<]|-[\d.])(?:[^\s:#,\[\]{}]| +(?=[^\s:#,\[\]{}]))*")
FLOW_KEY = re.compile(r"([A-Za-z_][\w.-]*): +")
ITEM = re.compile(r"( *)- +(.*)")
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
REAL = re.compile(r"-?[0-9]+(?:\.[0-9]+|(?:\.[0-9]+)?[eE][-+]?[0-9]+)")
WORDS: dict[str, Scalar] = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
                            "null": None, "Null": None, "NULL": None}  # fmt: skip
OF_NUMBERS = frozenset("0123456789_.+-:~=<abcdefABCDEFxoinINTtZ \t")
"""The signs of all that the library takes for anything but text, words aside."""


def read_quickly(text: str, file: Path | None) -> Document:
    """The document of a job's text: at once where the text is plain, else by the library."""
    plain = read_plain(text, file)
    return read_document(text, file) if plain is None else plain


class _Unsure(Exception):
    """The library has to read this."""


def read_plain(text: str, file: Path | None) -> Document | None:
    """The same as `read_document`, or None where the text is not plain."""
    try:
        return _Lines(text, file).document()
    except _Unsure:
        return None


class _Lines:
    def __init__(self, text: str, file: Path | None) -> None:
        self.file = file
        self.rows = text.split("\n")
        if len(self.rows) > MOST_LINES or not all(row.isprintable() for row in self.rows):
            raise _Unsure
        self.row = 0

    def document(self) -> Document:
        self._skip()
        match = ENTRY.fullmatch(self.rows[self.row]) if self.row < len(self.rows) else None
        if match is None or match[1]:
            raise _Unsure
        root = self._mapping(0, "", NOWHERE, 0)
        if self.row < len(self.rows):
            raise _Unsure
        return Document(root=root)

    def _skip(self) -> None:
        while self.row < len(self.rows) and NOTHING.fullmatch(self.rows[self.row]):
            self.row += 1

    def _place(self, row: int, column: int, key: str) -> Place:
        return Place(file=self.file, line=row + 1, column=column + 1, key=key or None)

    def _mapping(self, indent: int, key: str, key_place: Place, depth: int) -> Node:
        """The entries from this line on that begin at column `indent`."""
        if depth > DEEPEST:
            raise _Unsure
        found: dict[str, Node] = {}
        place = self._place(self.row, indent, key)
        while self.row < len(self.rows):
            match = ENTRY.fullmatch(self.rows[self.row])
            if match is None or len(match[1]) > indent:
                raise _Unsure
            if len(match[1]) < indent:
                break
            name, rest = match[2], match[3] or ""
            if name in found:
                raise _Unsure
            dotted = f"{key}.{name}" if key else name
            at = self._place(self.row, indent, dotted)
            if COMMENT.fullmatch(f" {rest}"):
                self.row += 1
                found[name] = self._below(indent, dotted, at, depth)
            else:
                found[name] = self._inline(match.start(3), dotted, at)
                self.row += 1
            self._skip()
        return Node(value=found, place=place, key_place=key_place)

    def _below(self, indent: int, key: str, key_place: Place, depth: int) -> Node:
        """The mapping or list in the lines under a key."""
        self._skip()
        line = self.rows[self.row] if self.row < len(self.rows) else ""
        inner = len(line) - len(line.lstrip(" "))
        if inner <= indent:
            raise _Unsure
        if ITEM.fullmatch(line):
            return self._list(inner, indent, key, key_place)
        return self._mapping(inner, key, key_place, depth + 1)

    def _list(self, indent: int, above: int, key: str, key_place: Place) -> Node:
        items: list[Node] = []
        place = self._place(self.row, indent, key)
        while self.row < len(self.rows):
            line = self.rows[self.row]
            match = ITEM.fullmatch(line)
            column = len(line) - len(line.lstrip(" "))
            if match is None or column != indent:
                if column <= above and match is None:
                    break
                raise _Unsure
            if ENTRY.fullmatch(match[2]):
                raise _Unsure
            items.append(self._inline(match.start(2), f"{key}.{len(items)}", place))
            self.row += 1
            self._skip()
        return Node(value=items, place=place, key_place=key_place)

    def _inline(self, column: int, key: str, key_place: Place) -> Node:
        """The value that begins at `column` of this line; only a comment may stand behind it."""
        line = self.rows[self.row]
        node, end = self._value(line, column, key, key_place, 0, in_flow=False)
        if not COMMENT.fullmatch(line, end):
            raise _Unsure
        return node

    def _value(self, line: str, at: int, key: str, key_place: Place, depth: int, *, in_flow: bool) -> tuple[Node, int]:
        place = self._place(self.row, at, key)
        if depth > DEEPEST:
            raise _Unsure
        if line[at : at + 1] == "{":
            pairs, end = self._pairs(line, at + 1, key, depth)
            return Node(value=pairs, place=place, key_place=key_place), end
        if line[at : at + 1] == "[":
            items, end = self._items(line, at + 1, key, place, depth)
            return Node(value=items, place=place, key_place=key_place), end
        if quoted := QUOTED.match(line, at):
            text = quoted[1] if quoted[1] is not None else quoted[2]
            return Node(value=text, place=place, key_place=key_place), quoted.end()
        plain = (FLOW_PLAIN if in_flow else BLOCK_PLAIN).match(line, at)
        if plain is None:
            raise _Unsure
        return Node(value=_plain(plain[0]), place=place, key_place=key_place), plain.end()

    def _pairs(self, line: str, at: int, key: str, depth: int) -> tuple[dict[str, Node], int]:
        found: dict[str, Node] = {}
        while True:
            at = _blanks(line, at)
            if not found and line[at : at + 1] == "}":
                return found, at + 1
            match = FLOW_KEY.match(line, at)
            if match is None or match[1] in found:
                raise _Unsure
            dotted = f"{key}.{match[1]}"
            place = self._place(self.row, at, dotted)
            found[match[1]], at = self._value(line, match.end(), dotted, place, depth + 1, in_flow=True)
            at = _blanks(line, at)
            if line[at : at + 1] == "}":
                return found, at + 1
            if line[at : at + 1] != ",":
                raise _Unsure
            at += 1

    def _items(self, line: str, at: int, key: str, place: Place, depth: int) -> tuple[list[Node], int]:
        found: list[Node] = []
        while True:
            at = _blanks(line, at)
            if not found and line[at : at + 1] == "]":
                return found, at + 1
            node, at = self._value(line, at, f"{key}.{len(found)}", place, depth + 1, in_flow=True)
            found.append(node)
            at = _blanks(line, at)
            if line[at : at + 1] == "]":
                return found, at + 1
            if line[at : at + 1] != ",":
                raise _Unsure
            at += 1


def _blanks(line: str, at: int) -> int:
    while line[at : at + 1] == " ":
        at += 1
    return at


def _plain(text: str) -> Scalar:
    """What plain text means: number, truth value, nothing or itself, as the library decides.

    What is certain is not asked: a word is one of the few with a meaning or itself, a sign that no number and no date
    has makes a text of the rest, and usual numbers are numbers.
    """
    if text[0].isalpha():
        return WORDS.get(text, text)
    if not OF_NUMBERS.issuperset(text):
        return text
    kind = "int" if WHOLE.fullmatch(text) else "float" if REAL.fullmatch(text) else _resolver()(text)
    if kind in ("str", "timestamp"):
        return text
    if kind in ("null", "bool"):
        return None if kind == "null" else text.lower() == "true"
    try:
        return {"int": whole_of, "float": real_of}[kind](text)
    except (ValueError, KeyError):
        raise _Unsure from None


@lru_cache(maxsize=1)
def _resolver() -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.nodes import ScalarNode

    resolver = YAML(typ="rt", pure=True).resolver

    @lru_cache(maxsize=4096)
    def kind(text: str) -> str:
        return str(resolver.resolve(ScalarNode, text, (True, False))).rpartition(":")[2]

    return kind
