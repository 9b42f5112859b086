"""Comma-separated values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tunesmith.data.read_options import USUALLY, ReadOptions
from tunesmith.data.readers.parts.delimited import Fields, Parsed, checked_header, delimiter_of, parse
from tunesmith.data.rows import Block, Record, records_of
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
    first = next(parse(path, delimiter_of(path, options), options), None)
    return [] if first is None else _names(path, first, options)


def read(path: Path, *, columns: Sequence[str] | None = None, options: ReadOptions = USUALLY) -> Iterator[Record]:
    """Every record after the header, with all columns or only `columns`."""
    return records_of(blocks(path, columns=columns, options=options))


def blocks(
    path: Path, *, columns: Sequence[str] | None = None, options: ReadOptions = USUALLY
) -> Iterator[Block | Record]:
    """The same, many records at once."""
    records = parse(path, delimiter_of(path, options), options)
    first = next(records, None)
    if first is not None:
        yield from Fields(_names(path, first, options), columns, options.encoding).blocks(records)


def _names(path: Path, first: Parsed, options: ReadOptions) -> list[str]:
    if len(first) == 3:
        raise TunesmithError("data.unreadable", f"the header: {first[2]}", place=Place(file=path, line=first[0]))
    return checked_header(path, first[0], first[1], options)
