"""The text of a file by lines: from the bytes that `ast` counts to characters, and back to the words of a node."""

from __future__ import annotations

import ast
import re

from tunesmith.inspections.contract import Position, Range

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


class Text:
    """A source text. `newline` is the line ending of its first line."""

    def __init__(self, source: str) -> None:
        self.source = source
        found = [line for line in _LINE.findall(source) if line]
        self.newline = re.sub(r"[^\r\n]", "", found[0]) if found and found[0].endswith(("\r", "\n")) else "\n"
        self.lines = [line.rstrip("\r\n") for line in found] or [""]

    def line(self, number: int) -> str:
        """The line `number` (from 0) without its ending; empty past the end."""
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def position(self, line: int, offset: int) -> Position:
        """From `ast`'s line (from 1) and offset in bytes of UTF-8."""
        text = self.line(line - 1)
        column = offset if text.isascii() else len(text.encode("utf-8")[:offset].decode("utf-8", "ignore"))
        return Position(line - 1, min(column, len(text)))

    def range(self, node: ast.AST) -> Range:
        """Where `node`, an expression or statement, stands."""
        line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        end_line, end_offset = getattr(node, "end_lineno", None) or line, getattr(node, "end_col_offset", None) or 0
        return Range(self.position(line, offset), self.position(end_line, end_offset))

    def between(self, place: Range) -> str:
        """The text in a range, lines joined with a newline."""
        start, end = place.start, place.end
        if start.line == end.line:
            return self.line(start.line)[start.column : end.column]
        inner = [self.line(number) for number in range(start.line + 1, end.line)]
        return "\n".join([self.line(start.line)[start.column :], *inner, self.line(end.line)[: end.column]])

    def of(self, node: ast.AST) -> str:
        """The words of `node` as they stand in the file."""
        return self.between(self.range(node))

    def apply(self, edits: list[tuple[Range, str]]) -> str:
        """The text after all `edits`, which must not overlap. Every line keeps its ending."""
        starts, total = [], 0
        whole = [line for line in _LINE.findall(self.source) if line] or [""]
        for line in whole:
            starts.append(total)
            total += len(line)

        def offset(place: Position) -> int:
            return starts[place.line] + place.column if place.line < len(starts) else total

        text = self.source
        for place, new in sorted(edits, key=lambda edit: edit[0], reverse=True):
            text = text[: offset(place.start)] + new + text[offset(place.end) :]
        return text
