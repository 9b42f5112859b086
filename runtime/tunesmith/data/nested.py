"""Columns within the cells of another: `translation.en` is what the key `en` has in each cell of `translation`.

Named as pandas' json_normalize names them. A column whose own name has the dot comes first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tunesmith.data.rows import Block, Record
from tunesmith.errors import Place, TunesmithError, nearest

LOOKED_AT = 1000
"""Rows in which a key must stand at least once."""
SHOWN = 50

_MISSING = object()


def column_of(name: str, header: Collection[str]) -> str | None:
    """The column of `header` that `name` is, or lies within; None where there is none."""
    while name not in header:
        name, dot, _ = name.rpartition(".")
        if not dot:
            return None
    return name


def with_nested(blocks: Iterable[Block | Record], columns: Mapping[str, str], file: Path) -> Iterator[Block | Record]:
    """The blocks with the columns that `columns` names, each made from the one that it lies within.

    A row whose cell lacks the key has None. Raises data.missing-column where the first thousand rows all lack it.
    """
    paths = {name: name[len(column) + 1 :] for name, column in columns.items()}
    unknown = [name for name, path in paths.items() if path]
    keys: dict[str, None] = {}  # in the order in which they come
    rows = 0
    for block in blocks:
        if isinstance(block, Record):
            yield block
            continue
        found: dict[str, Any] = {}
        for name, column in columns.items():
            cells = block.columns[column]
            if paths[name]:
                if name in unknown and len(keys) < SHOWN:
                    keys |= {f"{column}.{key}": None for cell in cells if isinstance(cell, Mapping) for key in cell}
                cells = [_at(cell, paths[name]) for cell in cells]
                if name in unknown and any(cell is not _MISSING for cell in cells):
                    unknown.remove(name)
                cells = [None if cell is _MISSING else cell for cell in cells]
            found[name] = cells
        rows += len(block.lines)
        if unknown and rows >= LOOKED_AT:
            raise _without(unknown[0], columns, keys, file)
        yield block._replace(columns=found)
    if unknown and rows:
        raise _without(unknown[0], columns, keys, file)


def _at(cell: Any, path: str) -> Any:
    """What the keys of `path` lead to in a cell."""
    if not isinstance(cell, Mapping):
        return _MISSING
    if path in cell:
        return cell[path]
    key, dot, rest = path.partition(".")
    return _at(cell[key], rest) if dot and key in cell else _MISSING


def _without(name: str, columns: Mapping[str, str], keys: Iterable[str], file: Path) -> TunesmithError:
    keys = [key for key in keys if key.startswith(f"{columns[name]}.")]
    close = nearest(name, keys)
    return TunesmithError(
        "data.missing-column",
        f"the cells of the column {columns[name]} have no such key" + ("" if keys else ": they are no mappings"),
        place=Place(file=file),
        found=name,
        allowed=tuple(keys)[:SHOWN] or (columns[name],),
        hint=f"did you mean {close}?" if close else "",
    )
