"""Values in braces and brackets, as far as they are written: `{lora: {rank: 8` is understood too."""

from __future__ import annotations

import re

from tunesmith.server.editor.tree import Entry, Value

DEEPEST = 50
LONGEST_TEXT = 50
CLOSERS = {"{": "}", "[": "]"}
BLANKS = " \t\r\n"
KEY = re.compile(r"(?:[^:#,{}\[\]\s]|:(?=[^\s,{}\[\]])|(?<=\S)#|[ \t]+(?=[^:#,{}\[\]\s]|:[^\s,{}\[\]]))*")
PLAIN = re.compile(r"(?:[^#,{}\[\]\r\n]|(?<=\S)#)*")
LINE_BREAK = re.compile(r"[ \t]*(?:\r\n|\n|\r)\s*")
FURTHER = re.compile(r"(?:\r\n|\n|\r)([ \t]*)[^\r\n]*")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "e": "\x1b", "N": "\x85", "_": "\xa0"}
ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)


class Flow:
    """Reads values in flow style out of one text; `comments` gathers the comments met on the way."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.comments: list[tuple[int, int]] = []
        self._waiting: list[str] = []
        self._at = 0
        self._indent = -1

    def read(self, at: int, indent: int) -> Value:
        """The value that begins at `at` with a brace or bracket.

        `indent` is the column of the key in front of it: a bracket that is not closed ends before a line that begins
        no further right, so that what follows is still understood.
        """
        self._at, self._indent, self._waiting = at, indent, []
        return self._value()

    def _value(self) -> Value:
        text, start = self.text, self._at
        character = text[start]
        if character in "\"'":
            return self._quoted()
        if character not in CLOSERS or len(self._waiting) >= DEEPEST:
            return self._plain()
        kind = "mapping" if character == "{" else "list"
        value = Value(start=start, end=start + 1, kind="mapping" if kind == "mapping" else "list", style=character)
        self._waiting.append(CLOSERS[character])
        self._at += 1
        value.closed = self._fill(value)
        self._waiting.pop()
        value.end = self._at
        return value

    def _fill(self, value: Value) -> bool:
        """Read what stands between the brackets; whether the closing one was found."""
        text = self.text
        while self._skip():
            character = text[self._at]
            if character == self._waiting[-1]:
                self._at += 1
                return True
            if character in "}]":
                if character in self._waiting:  # an outer bracket is closed: this one was forgotten
                    return False
                self._at += 1
            elif character == ",":
                self._at += 1
            elif value.kind == "mapping":
                value.entries.append(self._entry())
            else:
                value.items.append(self._pair() if self._is_pair() else self._value())
        return False

    def _is_pair(self) -> bool:
        """Whether a mapping of one key without braces begins here, as in `[a: 1]`."""
        at, text = self._at, self.text
        if text[at] in "\"'":
            close = closing_quote(text, at, self._line_end())
            at = len(text) if close is None else close + 1
        else:
            match = KEY.match(text, at)
            at = match.end() if match else at
        return re.match(r"[ \t]*:", text[at : at + 8]) is not None

    def _pair(self) -> Value:
        entry = self._entry()
        end = max(entry.value.end, entry.end)
        return Value(start=entry.start, end=end, kind="mapping", style="{", entries=[entry])

    def _skip(self) -> bool:
        """Go on to the next character that means something; False at the end of the value or of the text."""
        text = self.text
        while self._at < len(text):
            character = text[self._at]
            if character == "#" and (self._at == 0 or text[self._at - 1] in BLANKS):
                end = self._line_end()
                self.comments.append((self._at, end))
                self._at = end
            elif character in "\r\n":
                begin = self._at + (2 if text.startswith("\r\n", self._at) else 1)
                first = begin
                while first < len(text) and text[first] in " \t":
                    first += 1
                goes_on = first >= len(text) or text[first] in "\r\n#}]"
                if first - begin <= self._indent and not goes_on:
                    return False
                self._at = begin
            elif character in " \t":
                self._at += 1
            else:
                return True
        return False

    def _line_end(self) -> int:
        ends = [at for at in (self.text.find("\n", self._at), self.text.find("\r", self._at)) if at >= 0]
        return min(ends, default=len(self.text))

    def _entry(self) -> Entry:
        text, start = self.text, self._at
        quoted = text[start] in "\"'"
        if quoted:
            end = self._quoted().end
        else:
            match = KEY.match(text, start)
            end = max(match.end() if match else start, start + 1) if text[start] != ":" else start
        at = end
        while at < len(text) and text[at] in " \t":
            at += 1
        self._at = end
        colon = at if at < len(text) and text[at] == ":" else None
        if colon is None:
            return Entry(key=unquoted(text[start:end]), start=start, end=end, colon=None, value=_nothing(end))
        self._at = colon + 1
        return Entry(key=unquoted(text[start:end]), start=start, end=end, colon=colon, value=self._after_colon())

    def _after_colon(self) -> Value:
        after = self._at
        if not self._skip() or self.text[self._at] in ",}]":
            return _nothing(after)
        return self._value()

    def _plain(self) -> Value:
        """Plain text, which may go on in further lines as long as these begin no key."""
        start, end = self._at, self._plain_end(self._at)
        limit = text_end(self.text, end, self._indent)
        while line := LINE_BREAK.match(self.text, end, limit):
            further = line.end()
            if further == limit or not self._waiting or self._begins_key(further):
                break
            stop = self._plain_end(further)
            if stop == further:
                break
            end = stop
        found = self.text[start:end].rstrip(BLANKS)
        self._at = max(end, start + 1)
        return Value(start=start, end=start + len(found), kind="scalar", text=" ".join(found.split()))

    def _plain_end(self, at: int) -> int:
        match = PLAIN.match(self.text, at)
        return match.end() if match else at

    def _begins_key(self, at: int) -> bool:
        if self.text[at] in "\"'#":
            return True
        match = KEY.match(self.text, at)
        end = match.end() if match else at
        return self.text[end : end + 1] == ":"

    def _quoted(self) -> Value:
        """Up to the closing quote, which may stand in a later line; else up to the end of this one."""
        start, end = self._at, self._line_end()
        close = closing_quote(self.text, start, text_end(self.text, end, self._indent))
        stop = end if close is None else close + 1
        self._at = stop
        return Value(
            start=start,
            end=stop,
            kind="scalar",
            style=self.text[start],
            text=unquoted(self.text[start:stop]),
            closed=close is not None,
        )


def text_end(text: str, end: int, indent: int) -> int:
    """How far a text that reaches the end of its line, `end`, may go on: over further lines that begin deeper than
    `indent`, and not over more of them than a text in a job would take."""
    for _ in range(LONGEST_TEXT):
        match = FURTHER.match(text, end)
        if match is None or (len(match[1]) <= indent and match.end() > match.end(1)):
            break
        end = match.end()
    return end


def closing_quote(text: str, start: int, end: int) -> int | None:
    """Where the quoted text that begins at `start` closes, before `end`."""
    quote, at = text[start], start + 1
    while at < end:
        if text[at] == "\\" and quote == '"':
            at += 2
        elif text[at] == quote:
            if quote == "'" and at + 1 < end and text[at + 1] == "'":
                at += 2
            else:
                return at
        else:
            at += 1
    return None


def unquoted(text: str) -> str:
    """A scalar's text without its quotes and escapes (a closing quote may be missing)."""
    if text[:1] == "'":
        return text[1 : -1 if len(text) > 1 and text.endswith("'") else None].replace("''", "'")
    if text[:1] == '"':
        return ESCAPE.sub(_escaped, text[1 : -1 if len(text) > 1 and text.endswith('"') else None])
    return text


def _escaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if digits:
        number = int(digits, 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    return ESCAPES.get(match[4], match[4])


def _nothing(at: int) -> Value:
    return Value(start=at, end=at)
