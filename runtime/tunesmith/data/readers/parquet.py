"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tunesmith.data.read_options import USUALLY, ReadOptions
from tunesmith.data.readers._arrow import records, unreadable
from tunesmith.data.rows import Record
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
    with _open(path) as file:
        batches = file.iter_batches(batch_size=4096, columns=None if columns is None else list(columns))
        yield from records(path, batches)


def _open(path: Path) -> Any:
    try:
        import pyarrow as pa  # type: ignore[import-untyped, import-not-found, unused-ignore]
        from pyarrow.parquet import ParquetFile  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        raise missing_extra("tables", "pyarrow", "reading parquet files") from None
    try:
        return ParquetFile(path)
    except pa.ArrowException as error:
        raise unreadable(path, "parquet", error) from error
