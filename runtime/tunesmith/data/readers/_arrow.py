"""What parquet and arrow share: record batches as records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tunesmith.data.rows import Record
from tunesmith.errors import Place, TunesmithError


def records(path: Path, batches: Iterable[Any]) -> Iterator[Record]:
    """The rows of pyarrow record batches, numbered from 1. Raises data.unreadable where a batch is damaged."""
    import pyarrow as pa  # type: ignore[import-untyped, import-not-found, unused-ignore]

    number = 0
    source = iter(batches)
    while True:
        try:
            batch = next(source)
            names = batch.schema.names
            columns = [column.to_pylist() for column in batch.columns]
        except StopIteration:
            return
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise unreadable(path, "data", error, row=number + 1) from error
        for row in zip(*columns, strict=True):
            number += 1
            yield Record(number, dict(zip(names, row, strict=True)))


def unreadable(path: Path, what: str, error: Exception, *, row: int | None = None) -> TunesmithError:
    """The error for a file that pyarrow cannot read, with its reason."""
    return TunesmithError(
        "data.unreadable",
        f"the {what} cannot be read: {str(error).splitlines()[0] if str(error) else type(error).__name__}",
        place=Place(file=path, line=row),
        hint="the file is damaged or of another format; write it again",
    )
