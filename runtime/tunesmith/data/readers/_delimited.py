"""What csv and tsv share: a header record, then records whose line is the one they begin on."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from tunesmith.data.lines import fault, open_text, too_large
from tunesmith.data.read_options import ReadOptions
from tunesmith.data.rows import Record
from tunesmith.errors import Place, TunesmithError

LONGEST = (1 << 31) - 1
"""The longest field that the csv module can be told of on every system."""


class Fields:
    """Turns the fields of a record into a Record with the values of the chosen columns."""

    def __init__(self, names: Sequence[str], columns: Sequence[str] | None, encoding: str) -> None:
        self._width = len(names)
        self._encoding = encoding
        chosen = names if columns is None else columns
        self._chosen = [(name, names.index(name)) for name in chosen]

    def record(self, line: int, fields: Sequence[str]) -> Record:
        wrong = fault("".join(fields), self._encoding)
        if wrong:
            return Record(line, None, wrong)
        if len(fields) != self._width:
            return Record(line, None, f"has {len(fields)} fields where the header has {self._width}")
        return Record(line, {name: fields[index] for name, index in self._chosen})


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


def parse(path: Path, delimiter: str, options: ReadOptions) -> Iterator[tuple[int, list[str], str, int]]:
    """Records as (first line, fields, fault, lines). Blank lines are no records."""
    allow_long_fields(options)
    with open_text(path, options) as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        for _ in count():
            line = reader.line_num + 1
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, [], _sentence(str(error), line, reader.line_num), reader.line_num - line + 1
                continue
            if fields:
                yield line, fields, "", 1


def _sentence(error: str, first: int, last: int) -> str:
    through = f" (lines {first} to {last})" if last > first else ""
    if "unexpected end" in error or "field larger" in error:
        return f"a quote that opens here is never closed{through}"
    if "expected after" in error:
        return f"text follows a closing quote; double a quote that belongs to the text{through}"
    return error + through
