"""From text to its tree, whatever state the text is in. Never fails; takes time linear in the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from tunesmith.server.editor.flow_values import DEEPEST, Flow, closing_quote, text_end, unquoted
from tunesmith.server.editor.tree import Entry, Tree, Value, line_starts

MARKER = re.compile(r"(?:---|\.\.\.)(?=\s|$)|%")
PROPERTIES = re.compile(r"(?:[&!][^\s,{}\[\]]*[ \t]*)+")
BLOCK_SCALAR = re.compile(r"([|>])[-+0-9]*[ \t]*(?:#.*)?$")
PLAIN_KEY = re.compile(r"(?:[^:#\s]|:(?=[^\s])|(?<=\S)#|[ \t]+(?=[^:#\s]|:\S))*")


@dataclass(slots=True)
class _Frame:
    """A block mapping or list that is open, and the column its entries begin at."""

    value: Value
    indent: int


def scan(text: str) -> Tree:
    """The tree of `text`."""
    scanner = _Scanner(text)
    scanner.run()
    return Tree(text=text, root=scanner.root, lines=scanner.lines, comments=sorted(scanner.flow.comments))


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = line_starts(text)
        self.root = Value(start=0, end=len(text))
        self.frames = [_Frame(self.root, -1)]
        self.flow = Flow(text)
        self.row = 0

    def run(self) -> None:
        while self.row < len(self.lines):
            start, end = self._bounds(self.row)
            first = _skip_blanks(self.text, start, end)
            self.row += 1
            if first == end:
                continue
            if self.text[first] == "#":
                self.flow.comments.append((first, end))
            elif first > start or not MARKER.match(self.text, first, end):
                self._line(first, first - start, end)
        _close(self.root)
        self.root.start, self.root.end = 0, len(self.text)

    def _bounds(self, row: int) -> tuple[int, int]:
        """Where a line begins and where its text ends, its line end left out."""
        start = self.lines[row]
        end = self.lines[row + 1] if row + 1 < len(self.lines) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return start, end

    def _line(self, first: int, indent: int, end: int) -> None:
        """A line that begins something, or goes on with the text of the line before."""
        is_item = self._is_item(first, end)
        while len(self.frames) > 1 and self.frames[-1].indent > indent:
            self.frames.pop()
        top = self.frames[-1]
        if top.indent < indent:
            if self._goes_on(first, indent, end, is_item=is_item):
                return
        elif is_item and top.value.kind == "mapping":
            last = top.value.entries[-1].value if top.value.entries else None
            if last is not None and last.kind in ("nothing", "list") and not last.is_flow:
                self._open(last, indent)
        elif not is_item and top.value.kind == "list" and len(self.frames) > 1:
            self.frames.pop()
        self._content(first, indent, end)

    def _goes_on(self, first: int, indent: int, end: int, *, is_item: bool) -> bool:
        """Whether this deeper line only lengthens the plain text before it; else what it belongs to is opened."""
        top = self.frames[-1].value
        if top.kind == "nothing":  # the root, before its first entry
            self.frames[-1] = _Frame(top, indent)
            return False
        owner = top.items[-1] if top.items else top.entries[-1].value if top.entries else top
        if owner.kind == "scalar":
            if owner.style or (not is_item and self._key(first, end)[1] is not None):
                return False
            stop = _plain_end(self.text, first, end)
            owner.end, owner.text = stop, f"{owner.text} {self.text[first:stop]}"
            self._rest(stop, end)
            return True
        if owner is not top and not owner.is_flow:
            self._open(owner, indent)
        return False

    def _open(self, value: Value, indent: int) -> None:
        if len(self.frames) < DEEPEST:
            self.frames.append(_Frame(value, indent))

    def _is_item(self, first: int, end: int) -> bool:
        return self.text[first] == "-" and (first + 1 == end or self.text[first + 1] in " \t")

    def _content(self, first: int, indent: int, end: int) -> None:
        container = self.frames[-1].value
        if container.kind == "nothing":
            if self.text[first] in "{[":
                self._flow(container, first, self.frames[-2].indent if len(self.frames) > 1 else -1)
                return
            container.kind = "list" if self._is_item(first, end) else "mapping"
            container.start = first
        if container.kind == "list":
            self._item(container, first, indent, end)
        else:
            self._entry(container, first, indent, end)

    def _flow(self, value: Value, begin: int, indent: int) -> None:
        """A value in braces or brackets: behind its key, on a line of its own, or the whole job, as in JSON."""
        found = self.flow.read(begin, indent)
        value.start, value.end = begin, found.end
        value.kind, value.style, value.closed = found.kind, found.style, found.closed
        value.entries, value.items, value.text = found.entries, found.items, found.text
        self._after(found.end)

    def _item(self, container: Value, first: int, indent: int, end: int) -> None:
        if not self._is_item(first, end):
            self._rest(first, end)
            return
        begin = _skip_blanks(self.text, first + 1, end)
        item = Value(start=min(begin, end), end=min(begin, end))
        container.items.append(item)
        if begin == end:
            return
        column = indent + begin - first
        if self.text[begin] == "#":
            self.flow.comments.append((begin, end))
        elif self._begins_nested(begin, end):
            self._open(item, column)
            self._content(begin, column, end)
        else:
            self._value(item, begin, indent, end)

    def _begins_nested(self, begin: int, end: int) -> bool:
        """Whether an item holds a list or a mapping that begins in its own line."""
        if len(self.frames) >= DEEPEST:
            return False
        return self._is_item(begin, end) or (self.text[begin] not in "{[" and self._key(begin, end)[1] is not None)

    def _key(self, first: int, end: int) -> tuple[int, int | None]:
        """Where the key that begins at `first` ends, and where its colon is."""
        text = self.text
        if text[first] in "\"'":
            close = closing_quote(text, first, end)
            stop = end if close is None else close + 1
        else:
            match = PLAIN_KEY.match(text, first, end)
            stop = match.end() if match else first
        colon = _skip_blanks(text, stop, end)
        is_colon = colon < end and text[colon] == ":" and (colon + 1 == end or text[colon + 1] in " \t")
        return stop, colon if is_colon else None

    def _entry(self, container: Value, first: int, indent: int, end: int) -> None:
        stop, colon = self._key(first, end)
        if colon is None and self.text[first] not in "\"'":
            stop = max(_plain_end(self.text, first, end), first + 1)
        after = stop if colon is None else colon + 1
        value = Value(start=after, end=after)
        key = unquoted(self.text[first:stop])
        container.entries.append(Entry(key=key, start=first, end=stop, colon=colon, value=value))
        begin = _skip_blanks(self.text, after, end)
        if colon is None or begin == end or (self.text[begin] == "#" and begin > after):
            self._rest(after, end)
        else:
            self._value(value, begin, indent, end)

    def _value(self, value: Value, begin: int, indent: int, end: int) -> None:
        """Read what stands behind a colon or a dash into `value`; lines that it takes are done."""
        text = self.text
        if properties := PROPERTIES.match(text, begin, end):
            begin = properties.end()
        value.start = value.end = begin
        if begin == end or text[begin] == "#":
            self._rest(begin, end)
        elif text[begin] in "{[":
            self._flow(value, begin, indent)
        elif match := BLOCK_SCALAR.match(text, begin, end):
            self._block_scalar(value, match[1], indent, end)
        elif text[begin] in "\"'":
            self._quoted(value, begin, indent, end)
        else:
            stop = _plain_end(text, begin, end)
            value.kind, value.end, value.text = "scalar", stop, text[begin:stop]
            self._rest(stop, end)

    def _block_scalar(self, value: Value, style: str, indent: int, end: int) -> None:
        first = self.row
        value.kind, value.style, value.end = "scalar", style, end
        while self.row < len(self.lines):
            start, stop = self._bounds(self.row)
            begin = _skip_blanks(self.text, start, stop)
            if begin < stop and begin - start <= indent:
                break
            if begin < stop:
                value.end = stop
            self.row += 1
        value.text = self.text[self.lines[first] : value.end] if first < len(self.lines) else ""

    def _quoted(self, value: Value, begin: int, indent: int, end: int) -> None:
        """Up to the closing quote, which may stand in a later, deeper line; else up to the end of the line."""
        close = closing_quote(self.text, begin, text_end(self.text, end, indent))
        value.kind, value.style, value.closed = "scalar", self.text[begin], close is not None
        value.end = end if close is None else close + 1
        value.text = unquoted(self.text[begin : value.end])
        self._after(value.end)

    def _after(self, offset: int) -> None:
        """Go on with the line after the one in which something ended at `offset`."""
        self.row = max(self.row, bisect_right(self.lines, offset))
        self._rest(offset, self._bounds(self.row - 1)[1])

    def _rest(self, begin: int, end: int) -> None:
        """What follows on a line: a comment, or text that has no place there."""
        at = _skip_blanks(self.text, begin, end)
        if at < end and self.text[at] == "#" and (at > begin or self.text[at - 1] in " \t\r\n"):
            self.flow.comments.append((at, end))


def _skip_blanks(text: str, at: int, end: int) -> int:
    while at < end and text[at] in " \t":
        at += 1
    return at


def _plain_end(text: str, begin: int, end: int) -> int:
    """Where plain text ends: before a comment or at the end of the line, blanks left out."""
    comment = text.find(" #", begin, end)
    tab = text.find("\t#", begin, end)
    stop = min((at for at in (comment, tab) if at >= 0), default=end)
    while stop > begin and text[stop - 1] in " \t":
        stop -= 1
    return stop


def _close(root: Value) -> None:
    """Give block mappings and lists the span of what they hold."""
    pending = [root]
    ordered: list[Value] = []
    while pending:
        value = pending.pop()
        ordered.append(value)
        pending += [entry.value for entry in value.entries] + value.items
    for value in reversed(ordered):
        if value.kind in ("mapping", "list") and not value.style:
            starts = [entry.start for entry in value.entries] + [item.start for item in value.items]
            ends = [max(entry.end, entry.value.end) for entry in value.entries] + [item.end for item in value.items]
            if starts:
                value.start, value.end = min(starts), max(ends)
