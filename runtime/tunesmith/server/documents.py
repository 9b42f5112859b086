"""The texts that a client has open, as it counts their places, and who helps with which of them.

One `Language` answers for job files, another for Python; it overrides what it can do. `document_features.py` hands each
request to the language of its document.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lsprotocol import types

from tunesmith.server.editor.tree import line_starts
from tunesmith.server.paths import can_be_path, file_of

Json = dict[str, Any]
NOWHERE = Path("/untitled")
LARGEST = 4 << 20
"""Characters of a text that is looked at; a longer one is data, not a job or a program."""


class Document:
    """An open text. Offsets count characters of Python; positions are LSP's, in the units that the client counts."""

    def __init__(self, uri: str, text: str, version: int | None, encoding: str) -> None:
        self.uri = uri
        self.version = version
        self.encoding = encoding
        # A text that is saved nowhere yet lies in a folder that there is not.
        name = re.split(r"[/:]", unquote(uri))[-1]
        self.path = Path(file_of(uri) or NOWHERE / (name if can_be_path(name) else "untitled"))
        self._set(text)

    def _set(self, text: str) -> None:
        self.text = text
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        """The offsets at which lines begin."""
        if self._starts is None:
            self._starts = line_starts(self.text)
        return self._starts

    def change(self, changes: Sequence[Any], version: int | None) -> None:
        """Take a client's edits, each of the text that the one before it left."""
        for change in changes:
            span = getattr(change, "range", None)
            if span is None:
                self._set(change.text)
                continue
            start, end = self.offset(span.start), self.offset(span.end)
            self._set(self.text[:start] + change.text + self.text[max(start, end) :])
        self.version = version

    def line_end(self, row: int) -> int:
        """Where the text of a line ends, its line end left out."""
        end = self.starts[row + 1] if row + 1 < len(self.starts) else len(self.text)
        while end > self.starts[row] and self.text[end - 1] in "\r\n":
            end -= 1
        return end

    def offset(self, position: types.Position) -> int:
        """The offset of a position; one beyond a line or the text is taken for its end."""
        if position.line >= len(self.starts):
            return len(self.text)
        start = self.starts[position.line]
        line = self.text[start : self.line_end(position.line)]
        return start + _characters(line, position.character, self.encoding)

    def place(self, row: int, column: int) -> Json:
        """The position of a line and a column in characters, both from 0."""
        row = min(row, len(self.starts) - 1)
        start = self.starts[row]
        return {"line": row, "character": _units(self.text[start : start + column], self.encoding)}

    def position(self, offset: int) -> Json:
        """The position of an offset."""
        row = bisect_right(self.starts, offset) - 1
        return self.place(row, offset - self.starts[row])

    def range(self, start: int, end: int) -> Json:
        """The range from one offset to another."""
        return {"start": self.position(start), "end": self.position(end)}


def _characters(line: str, units: int, encoding: str) -> int:
    """How many characters of `line` the first `units` of the encoding are."""
    if line.isascii() or encoding == types.PositionEncodingKind.Utf32:
        return min(units, len(line))
    for number, character in enumerate(line):
        units -= _units(character, encoding)
        if units < 0:
            return number
    return len(line)


def _units(text: str, encoding: str) -> int:
    if text.isascii() or encoding == types.PositionEncodingKind.Utf32:
        return len(text)
    if encoding == types.PositionEncodingKind.Utf8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)


class Language:
    """Help for one kind of document. Answers are JSON values or lsprotocol's objects; None: nothing to say.

    `changed`, `saved`, `beside_changed` and `closed` are called at once and must return at once: longer work is a task
    of the session.
    """

    def changed(self, document: Document) -> None: ...

    def saved(self, document: Document) -> None: ...

    def beside_changed(self, document: Document) -> None:
        """Another file was saved, which this one may name."""

    def closed(self, document: Document) -> None: ...

    async def completion(self, document: Document, offset: int) -> Any: ...

    async def resolve(self, item: types.CompletionItem) -> Any:
        return item

    async def hover(self, document: Document, offset: int) -> Any: ...

    async def definition(self, document: Document, offset: int) -> Any: ...

    async def actions(self, document: Document, start: int, end: int, context: types.CodeActionContext) -> Any: ...

    async def lenses(self, document: Document) -> Any: ...

    async def symbols(self, document: Document) -> Any: ...

    async def folds(self, document: Document) -> Any: ...

    async def formatting(self, document: Document, options: types.FormattingOptions) -> Any: ...

    async def tokens(self, document: Document) -> Any: ...

    async def hints(self, document: Document, start: int, end: int) -> Any: ...


class Speakers:
    """The languages by the endings of file names, each made when the first of its documents is opened: until then
    nothing of it is imported."""

    def __init__(self, makers: Mapping[tuple[str, ...], Callable[[], Language]]) -> None:
        self._makers = makers
        self._made: dict[tuple[str, ...], Language] = {}

    def of(self, name: str) -> Language | None:
        """The language of a file of this name."""
        for endings, make in self._makers.items():
            if name.endswith(endings):
                return self._made.get(endings) or self._made.setdefault(endings, make())
        return None


class Documents:
    """What is open in one client."""

    def __init__(self, speakers: Speakers, encoding: Callable[[], str]) -> None:
        self._speakers = speakers
        self._encoding = encoding
        self._open: dict[str, tuple[Document, Language]] = {}

    def opened(self, uri: str, text: str, version: int | None) -> None:
        self.closed(uri)  # a client that says so twice is taken at its last word
        document = Document(uri, text, version, self._encoding())
        language = self._speakers.of(document.path.name) if len(text) <= LARGEST else None
        if language is not None:
            self._open[uri] = document, language
            language.changed(document)

    def changed(self, uri: str, changes: Sequence[Any], version: int | None) -> None:
        if uri in self._open:
            document, language = self._open[uri]
            document.change(changes, version)
            language.changed(document)

    def saved(self, uri: str) -> None:
        if uri in self._open:
            document, language = self._open[uri]
            language.saved(document)
        self.beside_changed(uri)

    def beside_changed(self, uri: str | None = None) -> None:
        """A file was changed on the disk, the open one `uri` or some other: whatever may rest on it looks again."""
        for other, (document, language) in self._open.items():
            if other != uri:
                language.beside_changed(document)

    def changed_on_disk(self, uris: Iterable[str]) -> None:
        """Somebody changed these files. Of what a run writes, and it writes all the time, nothing is to be found."""
        if not all(".tunesmith" in Path(file_of(uri) or "").parts for uri in uris):
            self.beside_changed()

    def closed(self, uri: str) -> None:
        found = self._open.pop(uri, None)
        if found is not None:
            found[1].closed(found[0])

    def find(self, uri: str) -> tuple[Document, Language] | None:
        return self._open.get(uri)

    def again(self) -> None:
        """Look at everything once more: something beside the texts has changed."""
        for document, language in self._open.values():
            language.changed(document)
