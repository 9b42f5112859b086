"""Arrow files, in both the file and the streaming form (the datasets library writes the latter)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tunesmith.data.read_options import USUALLY, ReadOptions, ReadSoFar
from tunesmith.data.readers.parts import record_batches
from tunesmith.data.readers.parts.record_batches import unreadable
from tunesmith.data.rows import Block, Record, records_of
from tunesmith.errors import missing_extra
from tunesmith.members import Reader

MEMBER = Reader(
    name="arrow",
    help="Apache Arrow IPC, as a file or a stream, also Feather version 2.",
    when="Tables from pandas, polars or the datasets library.",
    source="arrow.apache.org/docs/format/Columnar.html",
    suffixes=(".arrow", ".feather", ".ipc"),
)


def header(path: Path, *, options: ReadOptions = USUALLY) -> list[str]:
    """The column names. Raises env.missing-extra or data.unreadable."""
    with _open(path, options.so_far) as (schema, _):
        return [str(name) for name in schema.names]


def read(path: Path, *, columns: Sequence[str] | None = None, options: ReadOptions = USUALLY) -> Iterator[Record]:
    """Every row, with its number as its line, with all columns or only `columns`."""
    return records_of(blocks(path, columns=columns, options=options))


def blocks(path: Path, *, columns: Sequence[str] | None = None, options: ReadOptions = USUALLY) -> Iterator[Block]:
    """The same, many rows at once."""
    with _open(path, options.so_far) as (_, batches):
        chosen = batches if columns is None else (batch.select(list(columns)) for batch in batches)
        yield from record_batches.blocks(path, chosen, options.limits)


@contextmanager
def _open(path: Path, so_far: ReadSoFar) -> Iterator[tuple[Any, Iterator[Any]]]:
    try:
        import pyarrow as pa  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        raise missing_extra("tables", "pyarrow", "reading arrow files") from None
    if path.stat().st_size == 0:
        raise unreadable(path, "arrow", ValueError("the file is empty"))
    with pa.OSFile(str(path)) as source:  # a mapped file would count as memory of this process
        try:
            file = pa.ipc.open_file(source)
        except pa.ArrowInvalid:
            source.seek(0)
            try:
                stream = pa.ipc.open_stream(source)
            except (pa.ArrowException, OSError) as error:
                raise unreadable(path, "arrow", error) from error
            yield stream.schema, _counted(stream, lambda number: source.tell() / path.stat().st_size, so_far)
        else:
            count = file.num_record_batches
            yield file.schema, _counted(map(file.get_batch, range(count)), lambda number: number / count, so_far)


def _counted(batches: Iterable[Any], share: Callable[[int], float], so_far: ReadSoFar) -> Iterator[Any]:
    """The batches; `share` turns their number into a share of the file."""
    for number, batch in enumerate(batches, start=1):
        so_far.share = share(number)
        yield batch
