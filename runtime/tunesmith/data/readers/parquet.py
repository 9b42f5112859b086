"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from tunesmith.data.limits import most_unpacked
from tunesmith.data.read_options import USUALLY, ReadOptions
from tunesmith.data.readers.parts import record_batches
from tunesmith.data.readers.parts.record_batches import BATCH, unpacks_to_too_much, unreadable
from tunesmith.data.rows import Block, Record, records_of
from tunesmith.errors import missing_extra
from tunesmith.members import Reader

MEMBER = Reader(
    name="parquet",
    help="Apache Parquet: typed, compressed columns; only the columns that the task uses are read.",
    when="Large tables, data sets from a hub.",
    source="parquet.apache.org",
    suffixes=(".parquet", ".pq"),
)


def header(path: Path, *, options: ReadOptions = USUALLY) -> list[str]:
    """The column names. Raises env.missing-extra or data.unreadable."""
    with _open(path) as file:
        return [str(name) for name in file.schema_arrow.names]


def read(path: Path, *, columns: Sequence[str] | None = None, options: ReadOptions = USUALLY) -> Iterator[Record]:
    """Every row, with its number as its line, with all columns or only `columns`."""
    return records_of(blocks(path, columns=columns, options=options))


def blocks(path: Path, *, columns: Sequence[str] | None = None, options: ReadOptions = USUALLY) -> Iterator[Block]:
    """The same, many rows at once."""
    chosen = None if columns is None else list(columns)
    with _open(path) as file:
        batches = chain.from_iterable(
            file.iter_batches(batch_size=_rows_at_once(path, file, group, options), row_groups=[group], columns=chosen)
            for group in range(file.num_row_groups)
        )
        rows = max(file.metadata.num_rows, 1)
        for block in record_batches.blocks(path, batches, options.limits):
            options.so_far.share = block.lines[-1] / rows if block.lines else 0.0
            yield block


BUFFER = 1 << 20
"""Bytes of each column that are read at once, so that a large group of rows is not in memory as a whole."""
SHARE = 8
"""A batch may take this part of what the whole file may."""


def _rows_at_once(path: Path, file: Any, group: int, options: ReadOptions) -> int:
    """So few rows that they fit into memory even where each repeats the largest value that its column can repeat."""
    limits = options.limits
    most = most_unpacked(limits, path.stat().st_size)
    if limits.unpacked is None or most is None:
        return BATCH
    rows = file.metadata.row_group(group)
    chunks = [rows.column(number) for number in range(rows.num_columns)]
    if max((chunk.total_uncompressed_size for chunk in chunks), default=0) > most:
        raise unpacks_to_too_much(path, most)
    with path.open("rb") as raw:
        repeated = max((_repeatable(chunk, raw) for chunk in chunks), default=0)
    return min(BATCH, max(1, limits.unpacked // SHARE // max(repeated, 1)))


def _repeatable(chunk: Any, raw: BinaryIO) -> int:
    """The most bytes that one value may have which stands in the file once and in many rows."""
    if "DELTA_BYTE_ARRAY" in chunk.encodings:  # a value is what it shares with the one before, and the rest
        return int(chunk.total_uncompressed_size)
    if not chunk.has_dictionary_page:
        return 0
    raw.seek(chunk.dictionary_page_offset)
    head = raw.read(16)
    # The page's header in Thrift's compact protocol: fields 1 (kind) and 2 (size unpacked), each 0x15 and a number.
    try:
        at = 0
        for _ in range(2):
            if head[at] != 0x15:
                return int(chunk.total_uncompressed_size)
            number, shift = 0, 0
            at += 1
            while head[at] & 0x80:
                number |= (head[at] & 0x7F) << shift
                at, shift = at + 1, shift + 7
            number |= head[at] << shift
            at += 1
    except IndexError:
        return int(chunk.total_uncompressed_size)
    return number >> 1  # numbers are written with their sign last


def _open(path: Path) -> Any:
    try:
        import pyarrow as pa  # type: ignore[import-untyped, import-not-found, unused-ignore]
        from pyarrow.parquet import ParquetFile  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        raise missing_extra("tables", "pyarrow", "reading parquet files") from None
    try:
        return ParquetFile(path, buffer_size=BUFFER, pre_buffer=False)
    except pa.ArrowException as error:
        raise unreadable(path, "parquet", error) from error
