"""Tab-separated values.

Two customs share this suffix: quoted as in csv (spreadsheets) and bare (many data sets, where a quote is a character
like any other and a text may begin with one). Both are read: a record is quoted where that makes sense of it, and bare
otherwise.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from tunesmith.data.lines import open_text
from tunesmith.data.read_options import USUALLY, ReadOptions
from tunesmith.data.readers.parts.delimited import Fields, allow_long_fields, checked_header
from tunesmith.data.rows import Block, Record, records_of
from tunesmith.members import Reader

TEXT = True

MEMBER = Reader(
    name="tsv",
    help="Tab-separated values with a header line, UTF-8; fields may be quoted as in csv, and need not be.",
    when="Texts with many commas. A quote inside a text needs no doubling.",
    source="IANA text/tab-separated-values",
    suffixes=(".tsv", ".tab"),
)

LONGEST_RECORD = 200
"""Lines that a quoted record may span; beyond it the opening quote is taken as a character."""


def header(path: Path, *, options: ReadOptions = USUALLY) -> list[str]:
    """The column names; empty for an empty file. Raises TunesmithError data.unreadable or data.too-large."""
    for line, fields in _parse(path, options):
        return checked_header(path, line, fields, options)
    return []


def read(path: Path, *, columns: Sequence[str] | None = None, options: ReadOptions = USUALLY) -> Iterator[Record]:
    """Every record after the header, with all columns or only `columns`."""
    return records_of(blocks(path, columns=columns, options=options))


def blocks(
    path: Path, *, columns: Sequence[str] | None = None, options: ReadOptions = USUALLY
) -> Iterator[Block | Record]:
    """The same, many records at once."""
    records = _parse(path, options)
    first = next(records, None)
    if first is not None:
        yield from Fields(checked_header(path, *first, options), columns, options.encoding).blocks(records)


def _parse(path: Path, options: ReadOptions) -> Iterator[tuple[int, list[str]]]:
    allow_long_fields(options)
    width: int | None = None
    ahead: deque[str] = deque()  # lines taken from the file in search of a closing quote
    number = 0
    with open_text(path, options) as file:
        while True:
            text = ahead.popleft() if ahead else next(file, "")
            if not text:
                return
            number += 1
            if not text.strip("\r\n"):
                continue
            first, fields = number, _bare(text)
            if any(field.startswith('"') for field in fields):
                quoted, used = _quoted(text, ahead, file, width)
                if quoted is not None:
                    fields = quoted
                    for _ in range(used - 1):
                        ahead.popleft()
                    number += used - 1
            width = width or len(fields)
            yield first, fields


def _bare(text: str) -> list[str]:
    return text.rstrip("\r\n").split("\t")


def _quoted(text: str, ahead: deque[str], file: Iterator[str], width: int | None) -> tuple[list[str] | None, int]:
    """The record that begins with line `text` read by csv's rules, and its number of lines; None where they fail.

    They fail too where every line of it alone has as many fields as the header: then the quotes are characters.
    """
    lines = [text]

    def taken() -> Iterator[str]:
        yield text
        position = 0
        while len(lines) < LONGEST_RECORD:
            if position == len(ahead):
                following = next(file, "")
                if not following:
                    return
                ahead.append(following)
            lines.append(ahead[position])
            position += 1
            yield lines[-1]

    try:
        fields = next(csv.reader(taken(), delimiter="\t", strict=True))
    except (csv.Error, StopIteration):
        return None, 1
    if width is not None and len(fields) != width:
        return None, 1
    if len(lines) > 1 and all(len(_bare(line)) == width for line in lines):
        return None, 1
    return fields, len(lines)
