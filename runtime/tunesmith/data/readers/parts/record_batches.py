"""What parquet and arrow share: record batches as records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tunesmith.data.limits import Limits, most_unpacked
from tunesmith.data.lines import too_large
from tunesmith.data.rows import Block
from tunesmith.errors import Place, TunesmithError

BATCH = 4096
"""Rows that are made into Python's values at once."""


def blocks(path: Path, batches: Iterable[Any], limits: Limits) -> Iterator[Block]:
    """The rows of pyarrow record batches, numbered from 1.

    Raises data.unreadable where a batch is damaged, data.too-large where they unpack to more than the limit.
    """
    import pyarrow as pa  # type: ignore[import-untyped, import-not-found, unused-ignore]

    number = unpacked = 0
    most = most_unpacked(limits, path.stat().st_size)
    source = iter(batches)
    while True:
        try:
            batch = next(source)
            unpacked += sum(_size(column) for column in batch.columns)
            if most is not None and unpacked > most:
                raise unpacks_to_too_much(path, most)
        except StopIteration:
            return
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise unreadable(path, "data", error, row=number + 1) from error
        for begin in range(0, batch.num_rows, BATCH):
            some = batch.slice(begin, BATCH)
            try:
                columns = {name: _values(column) for name, column in zip(some.schema.names, some.columns, strict=True)}
            except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
                raise unreadable(path, "data", error, row=number + 1) from error
            yield Block(range(number + 1, number + 1 + some.num_rows), columns)
            number += some.num_rows


def _size(column: Any) -> int:
    """The bytes of a column, each value counted as often as it comes."""
    import pyarrow as pa
    from pyarrow import compute

    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    kind = column.type.value_type
    if not (pa.types.is_large_string(kind) or pa.types.is_string(kind) or pa.types.is_binary(kind)):
        return len(column) * 8
    return int(compute.sum(compute.binary_length(column.dictionary).take(column.indices)).as_py() or 0)


def _values(column: Any) -> list[Any]:
    """A column's values as Python's own; those of a dictionary are made once and shared."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        found: list[Any] = column.to_pylist()
        return found
    values = column.dictionary.to_pylist()
    return [None if index is None else values[index] for index in column.indices.to_pylist()]


def unpacks_to_too_much(path: Path, most: int) -> TunesmithError:
    """The error for a file whose rows are far larger than the file."""
    return too_large(path, f"the {path.stat().st_size:,} bytes of this file unpack to more than {most >> 20:,} MB")


def unreadable(path: Path, what: str, error: Exception, *, row: int | None = None) -> TunesmithError:
    """The error for a file that pyarrow cannot read, with its reason."""
    return TunesmithError(
        "data.unreadable",
        f"the {what} cannot be read: {str(error).splitlines()[0] if str(error) else type(error).__name__}",
        place=Place(file=path, line=row),
        hint="the file is damaged or of another format; write it again",
    )
