"""Comma-separated values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tunesmith.data.read_options import USUALLY, ReadOptions
from tunesmith.data.readers._delimited import Fields, checked_header, delimiter_of, parse
from tunesmith.data.rows import Record
from tunesmith.errors import Place, TunesmithError
from tunesmith.members import Reader

TEXT = True

MEMBER = Reader(
    name="csv",
    help="Comma-separated values with a header line, UTF-8; fields in double quotes may hold commas and line ends.",
    when="A table from a spreadsheet or a database. Semicolons are understood where the header has no comma.",
    source="RFC 4180",
    suffixes=(".csv",),
)


def header(path: Path, *, options: ReadOptions = USUALLY) -> list[str]:
    """The column names; empty for an empty file. Raises TunesmithError data.unreadable or data.too-large."""
    for line, fields, wrong, _ in parse(path, delimiter_of(path, options), options):
        if wrong:
            raise TunesmithError("data.unreadable", f"the header: {wrong}", place=Place(file=path, line=line))
        return checked_header(path, line, fields, options)
    return []


def read(path: Path, *, columns: Sequence[str] | None = None, options: ReadOptions = USUALLY) -> Iterator[Record]:
    """Every record after the header, with all columns or only `columns`."""
    records = parse(path, delimiter_of(path, options), options)
    first = next(records, None)
    if first is None:
        return
    to_record = Fields(checked_header(path, first[0], first[1], options), columns, options.encoding).record
    for line, fields, wrong, spans in records:
        yield Record(line, None, wrong, lines=spans) if wrong else to_record(line, fields)
