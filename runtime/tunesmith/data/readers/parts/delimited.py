"""What csv and tsv share: a header record, then records whose line is the one they begin on."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from tunesmith.data.lines import fault, open_text, too_large
from tunesmith.data.read_options import ReadOptions
from tunesmith.data.rows import Block, Record
from tunesmith.errors import Place, TunesmithError

LONGEST = (1 << 31) - 1
"""The longest field that the csv module can be set to on every system."""


Parsed: TypeAlias = "tuple[int, list[str]] | tuple[int, int, str]"
"""A record as its first line and its fields; or its first line, the number of its lines and what is wrong with it."""

FIRST_ROWS, MOST_ROWS, MOST_CHARACTERS = 64, 4096, 1 << 20
"""Rows of the first block, of any, and roughly the characters of one."""


class Fields:
    """Turns the fields of records into blocks with the values of the chosen columns."""

    def __init__(self, names: Sequence[str], columns: Sequence[str] | None, encoding: str) -> None:
        self._width = len(names)
        self._encoding = encoding
        chosen = names if columns is None else columns
        self._chosen = [(name, names.index(name)) for name in chosen]

    def blocks(self, records: Iterable[Parsed]) -> Iterator[Block | Record]:
        """Many records at once; what is wrong with one of them is found out one by one."""
        lines: list[int] = []
        rows: list[list[str]] = []
        most = FIRST_ROWS
        try:
            for record in records:
                if len(record) == 3:
                    yield from self._of(lines, rows)
                    lines, rows = [], []
                    yield Record(record[0], None, record[2], lines=record[1])
                    continue
                lines.append(record[0])
                rows.append(record[1])
                if len(rows) >= most:
                    characters = 1 + sum(map(len, chain.from_iterable(rows)))
                    most = max(1, min(MOST_ROWS, 4 * most, most * MOST_CHARACTERS // characters))
                    yield from self._of(lines, rows)
                    lines, rows = [], []
        except TunesmithError:
            yield from self._of(lines, rows)
            raise
        yield from self._of(lines, rows)

    def _of(self, lines: list[int], rows: list[list[str]]) -> Iterator[Block | Record]:
        if not rows:
            return
        if set(map(len, rows)) == {self._width} and not fault("".join(chain.from_iterable(rows)), self._encoding):
            columns = list(zip(*rows, strict=True))
            yield Block(lines, {name: columns[index] for name, index in self._chosen})
            return
        for line, fields in zip(lines, rows, strict=True):
            wrong = fault("".join(fields), self._encoding)
            if not wrong and len(fields) != self._width:
                wrong = f"has {len(fields)} fields where the header has {self._width}"
            if wrong:
                yield Record(line, None, wrong)
            else:
                yield Block([line], {name: [fields[index]] for name, index in self._chosen})


def checked_header(path: Path, line: int, fields: Sequence[str], options: ReadOptions) -> list[str]:
    """The column names, without spaces around them. Raises data.unreadable where they are no text, data.too-large."""
    most = options.limits.columns
    if most is not None and len(fields) > most:
        raise too_large(path, f"the header has {len(fields):,} columns, more than {most:,}", line=line)
    wrong = fault("".join(fields), options.encoding)
    if wrong:
        raise TunesmithError("data.unreadable", f"the header {wrong}", place=Place(file=path, line=line))
    return [name.strip() for name in fields]


def allow_long_fields(options: ReadOptions) -> None:
    """Let the csv module read fields as long as a line may be; a longer one is a quote that was never closed.

    Its own limit is 131,072 characters. It holds for the whole process, and is only raised.
    """
    longest = LONGEST if options.limits.line is None else min(options.limits.line, LONGEST)
    if csv.field_size_limit() < longest:
        csv.field_size_limit(longest)


def delimiter_of(path: Path, options: ReadOptions) -> str:
    """A comma, unless the first line has none: then the semicolon or tab that stands there instead."""
    with open_text(path, options) as file:
        line = next((line for line in file if line.strip()), "")
    return "," if "," in line else next((sign for sign in ";\t" if sign in line), ",")


def parse(path: Path, delimiter: str, options: ReadOptions) -> Iterator[Parsed]:
    """The records of a file. Blank lines are no records."""
    allow_long_fields(options)
    with open_text(path, options) as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        line = 1
        while True:
            try:
                for fields in reader:
                    if fields:
                        yield line, fields
                    line = reader.line_num + 1
                return
            except csv.Error as error:  # noqa: PERF203 - once a block of good records
                last = reader.line_num
                yield line, last - line + 1, _sentence(str(error), line, last)
                line = last + 1


def _sentence(error: str, first: int, last: int) -> str:
    through = f" (lines {first} to {last})" if last > first else ""
    if "unexpected end" in error or "field larger" in error:
        return f"a quote that opens here is never closed{through}"
    if "expected after" in error:
        return f"text follows a closing quote; double a quote that belongs to the text{through}"
    return error + through
