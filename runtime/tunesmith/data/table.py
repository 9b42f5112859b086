"""A source of rows, opened: which reader reads it, its column names, its records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

from tunesmith.catalog import Catalog, Entry
from tunesmith.data.encodings import encoding_of
from tunesmith.data.nested import column_of, with_nested
from tunesmith.data.read_options import USUALLY, ReadOptions, ReadSoFar
from tunesmith.data.rows import Block, Record, blocks_of
from tunesmith.data.shards import is_pattern, matching, tables_in
from tunesmith.errors import NOWHERE, Place, Problem, TunesmithError, nearest
from tunesmith.files import resolved
from tunesmith.members import Reader
from tunesmith.trust import is_callable_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`path` is the file or folder, or the name of the callable. `records` may be asked once, for some columns.

    `reader` is the name of what reads it; `base` the folder that relative paths inside the rows start from.
    `notes` name what was guessed. `files` are those that make one table together, where it is several.
    `so_far` is the share of it that is read.
    """

    path: Path
    reader: str
    base: Path
    header: tuple[str, ...]
    records: Callable[[Sequence[str]], Iterator[Record]]
    notes: tuple[Problem, ...] = ()
    files: tuple[Path, ...] = ()
    so_far: ReadSoFar = field(default_factory=ReadSoFar, compare=False)
    _blocks: Callable[[Sequence[str]], Iterator[Block | Record]] | None = None

    def blocks(self, columns: Sequence[str]) -> Iterator[Block | Record]:
        """The records of these columns, many at once; those that cannot be read alone. A column may lie within the
        cells of another: see data/nested.py."""
        within = {name: column_of(name, self.header) or name for name in columns}
        read = list(dict.fromkeys(within.values()))
        blocks = blocks_of(self.records(read), read) if self._blocks is None else self._blocks(read)
        return blocks if read == list(columns) else with_nested(blocks, within, self.path)


def resolve(source: str, folder: Path) -> Path:
    """Where `source`, a path as written in a job, lies."""
    return resolved(folder, source)


def is_callable_source(source: str, folder: Path) -> bool:
    """Whether `source` names code rather than a file (a file of such a name is a file)."""
    return is_callable_name(source) and not resolve(source, folder).exists()


def reader_of(source: str, folder: Path, catalog: Catalog, *, place: Place = NOWHERE) -> Entry[Reader]:
    """The reader for `source`. Raises data.missing-file or data.unknown-format."""
    path = resolve(source, folder)
    if is_callable_source(source, folder):
        return catalog.readers["python"]
    if not path.exists():
        raise missing_file(source, path, place)
    if path.is_dir():
        return catalog.readers["image-folder"]
    if not path.is_file():
        raise TunesmithError(
            "data.not-a-file",
            "this is a pipe, a device or a socket: rows are read more than once, so they must lie in a file",
            place=place,
            found=str(path),
            hint="write the rows into a file, or read them with a callable of your own",
        )
    ending = path.suffix.lower()
    likely = ending.removeprefix(".")  # most readers are called like it, so that the others need not be imported
    if likely in catalog.readers and ending in catalog.readers[likely].member.suffixes:
        return catalog.readers[likely]
    suffixes = _suffixes(catalog)
    if ending in suffixes:
        return suffixes[ending]
    raise TunesmithError(
        "data.unknown-format",
        "the format of a data file is told by its name's ending, and this ending is unknown",
        place=place,
        found=path.name,
        allowed=(*suffixes, "a folder of images", "package.module:callable"),
        hint="rename or convert the file, or read it with a callable of your own",
    )


def _suffixes(catalog: Catalog) -> dict[str, Entry[Reader]]:
    """The reader by the ending of a file's name."""
    return {suffix: entry for entry in catalog.readers.values() for suffix in entry.member.suffixes}


def files_of(source: str, folder: Path, catalog: Catalog, *, place: Place = NOWHERE) -> list[Path]:
    """The files that make one table together; none where `source` is a single file, a folder of images, or code.

    Raises data.missing-file where a pattern fits no file, and what shards.py raises.
    """
    path = resolve(source, folder)
    if path.is_dir():
        return tables_in(path, _suffixes(catalog), place=place)
    if path.exists() or is_callable_source(source, folder) or not is_pattern(source):
        return []
    found = matching(path)
    if not found:
        hint = "paths start from the job file's folder"
        raise TunesmithError("data.missing-file", "no file fits this pattern", place=place, found=str(path), hint=hint)
    return found


def missing_file(source: str, path: Path, place: Place) -> TunesmithError:
    """The error for a file that is not there, with the nearest name beside where it should be."""
    beside = sorted(item.name for item in path.parent.iterdir()) if path.parent.is_dir() else []
    close = nearest(path.name, beside)
    hint = f"did you mean {Path(source).parent / close}?" if close else "paths start from the job file's folder"
    return TunesmithError("data.missing-file", "there is no such file", place=place, found=str(path), hint=hint)


def open_table(
    source: str,
    folder: Path,
    catalog: Catalog,
    *,
    trusted: bool = True,
    place: Place = NOWHERE,
    options: ReadOptions = USUALLY,
) -> Table:
    """`source` (a path from `folder`, or `package.module:callable`) with its header read.

    Raises data.missing-file, data.unknown-format, data.unreadable, env.missing-extra and what trust.py raises.
    """
    options = replace(options, so_far=ReadSoFar())
    shards = files_of(source, folder, catalog, place=place)
    if shards:
        return _together(resolve(source, folder), shards, catalog, options)
    entry = reader_of(source, folder, catalog, place=place)
    if is_callable_source(source, folder):
        records = entry.call("read", source, folder=folder, trusted=trusted, place=place, options=options)
        begun = list(islice(records, entry.module.HEADER_ROWS))  # one call serves both header and rows
        header = entry.call("keys", begun)
        return Table(
            path=Path(source),
            reader=entry.name,
            base=folder,
            header=tuple(header),
            records=lambda columns: (_narrow(record, columns) for record in chain(begun, records)),
        )
    path = resolve(source, folder)
    try:
        notes: list[Problem] = []
        if getattr(entry.module, "TEXT", False):
            encoding = encoding_of(path, options.encoding, if_not_utf8=options.if_not_utf8)
            options = replace(options, encoding=encoding.codec)
            notes += encoding.problems(path)
        header = entry.call("header", path, options=options)
        if hasattr(entry.module, "notes"):
            notes += entry.call("notes", path, options=options)
    except (OSError, UnicodeError) as error:
        raise TunesmithError("data.unreadable", f"cannot be read: {error}", place=Place(file=path)) from error
    return Table(
        path=path,
        reader=entry.name,
        base=path if path.is_dir() else path.parent,
        header=tuple(header),
        records=lambda columns: iter(entry.call("read", path, columns=columns, options=options)),
        notes=tuple(notes),
        so_far=options.so_far,
        _blocks=(lambda columns: iter(entry.call("blocks", path, columns=columns, options=options)))
        if hasattr(entry.module, "blocks")
        else None,
    )


def _together(path: Path, files: Sequence[Path], catalog: Catalog, options: ReadOptions) -> Table:
    """Several files as one table, each row with the file it stands in. Raises data.shards-differ."""
    tables = [open_table(str(file), file.parent, catalog, options=options) for file in files]
    header = tuple(dict.fromkeys(name for table in tables for name in table.header))
    for table in tables:
        own = set(table.header)
        without = [name for name in header if name not in own]
        if without and table.reader != "jsonl":  # an object may leave a key out
            raise TunesmithError(
                "data.shards-differ",
                f"this file lacks a column that the other files of {path.name} have",
                place=Place(file=table.path),
                found=", ".join(without),
                hint="give the files the same columns, or name those that belong together by a pattern",
            )

    def records(columns: Sequence[str]) -> Iterator[Record]:
        for table in tables:
            for record in table.records(columns):
                yield record._replace(file=table.path)

    sizes = [file.stat().st_size for file in files]

    def blocks(columns: Sequence[str]) -> Iterator[Block | Record]:
        for place, table in enumerate(tables):
            for block in table.blocks(columns):
                read = sum(sizes[:place]) + table.so_far.share * sizes[place]
                options.so_far.share = read / max(sum(sizes), 1)
                yield block._replace(file=table.path)

    return Table(
        path=path,
        reader=tables[0].reader,
        base=path if path.is_dir() else files[0].parent,
        header=header,
        records=records,
        notes=tuple(note for table in tables for note in table.notes),
        files=tuple(files),
        so_far=options.so_far,
        _blocks=blocks,
    )


def _narrow(record: Record, columns: Sequence[str]) -> Record:
    if record.values is None:
        return record
    return Record(record.line, {name: record.values.get(name) for name in columns})
