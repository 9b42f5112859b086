"""The rows of what code holds data in: frames, arrays, datasets, loaders, mappings of columns, any iterable.

Nothing is imported to find out: pandas, polars, pyarrow, numpy, torch and datasets are known by what they offer.
Columns without names are named by their position: "0", "1", ...
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any

CHUNK = 4096
"""Rows of a frame that are turned into Python values at once."""

EXPECTED = (
    "an iterable of mappings (or of tuples), a DataFrame or Series, an array, a mapping of columns, or a Dataset of "
    "torch or of the datasets library"
)


class NoRowsError(TypeError):
    """What was given holds no rows; the text is a sentence that says why."""


def length_of(made: Any) -> int | None:
    """How many rows it says it has; None where it does not say."""
    if _is_lazy(made):
        return None
    if _is_loader(made):
        return length_of(made.dataset)
    if isinstance(made, Mapping) or _are_arrays(made):
        columns = list(made.values()) if isinstance(made, Mapping) else list(made)
        return len(columns[0]) if columns and hasattr(columns[0], "__len__") else None
    try:
        return len(made)
    except (TypeError, NotImplementedError):  # TypeError is torch's own answer for a dataset without a length, too
        return None


def rows_of(made: Any) -> Iterator[Any]:
    """Each row as a mapping of column to value; what is no row comes as it is. Raises NoRowsError."""
    if isinstance(made, (str, bytes)) or made is None or isinstance(made, (int, float)):
        raise NoRowsError(f"it gave a {type(made).__name__}, not {EXPECTED}")
    if _is_loader(made):  # its order, its batches and what it does to them are for training, not for reading
        return rows_of(made.dataset)
    if hasattr(made, "iloc"):  # pandas
        return _pandas(made)
    if _is_lazy(made):  # polars
        return rows_of(made.collect())
    if hasattr(made, "iter_rows"):
        return iter(made.iter_rows(named=True))
    if hasattr(made, "to_physical") and hasattr(made, "to_list"):  # a Series of polars
        return ({made.name or "0": value} for value in made)
    if hasattr(made, "to_pylist") or hasattr(made, "read_next_batch"):  # pyarrow
        return _arrow(made)
    if isinstance(made, Mapping):
        return _columns({str(name): column for name, column in made.items()})
    if _are_arrays(made):
        return _columns({str(position): column for position, column in enumerate(made)})
    if hasattr(made, "shape") and hasattr(made, "dtype"):
        return _array(made)
    return map(_row, _items(made))


def _items(made: Any) -> Iterator[Any]:
    """The rows of an iterable, or of a Dataset by their index: many have no other end than their length."""
    size = length_of(made)
    if hasattr(made, "__iter__"):
        return iter(made) if size is None or isinstance(made, (list, tuple)) else islice(iter(made), size)
    if not hasattr(made, "__getitem__"):
        raise NoRowsError(f"it gave a {type(made).__name__}, not {EXPECTED}")
    return iter(made) if size is None else (made[index] for index in range(size))


def _row(row: Any) -> Any:
    """One row as a mapping, where it has any way to say which value belongs to which column."""
    if isinstance(row, Mapping):
        return row if all(type(name) is str for name in row) else {str(name): value for name, value in row.items()}
    if hasattr(row, "_fields"):
        return dict(zip(row._fields, row, strict=True))
    if is_dataclass(row) and not isinstance(row, type):
        return {field.name: getattr(row, field.name) for field in fields(row)}
    if getattr(getattr(row, "dtype", None), "names", None):
        return dict(zip(row.dtype.names, row, strict=True))
    if hasattr(row, "iloc"):
        return {str(name): value for name, value in row.items()}
    if isinstance(row, (list, tuple)) or len(getattr(row, "shape", ())) == 1:
        return {str(position): value for position, value in enumerate(row)}
    return row


def _pandas(made: Any) -> Iterator[Any]:
    """Rows of a frame or a Series: first the levels of its index that have names, as `reset_index` puts them."""
    if hasattr(made, "columns"):
        columns = [(str(name), made.iloc[:, position]) for position, name in enumerate(made.columns)]
    else:
        columns = [("0" if made.name is None else str(made.name), made)]
    columns = [*_named_levels(made.index, dict(columns)), *columns]
    names = [name for name, _ in columns]
    twice = next((name for name, times in Counter(names).items() if times > 1), None)
    if twice is not None:
        raise NoRowsError(f"its {type(made).__name__} has two columns named {twice}")

    def rows() -> Iterator[Any]:
        for begin in range(0, len(made), CHUNK):
            parts = [values.iloc[begin : begin + CHUNK].tolist() for _, values in columns]
            for row in zip(*parts, strict=True):
                yield dict(zip(names, row, strict=True))

    return rows()


def _named_levels(index: Any, columns: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What of an index has a name, but for a level that is one of the `columns`: `set_index(drop=False)` keeps both."""
    for position, name in enumerate(index.names):
        level = index.get_level_values(position).to_series(index=index)
        if name is not None and not (str(name) in columns and level.equals(columns[str(name)])):
            yield str(name), level


def _arrow(made: Any) -> Iterator[Any]:
    batches: Iterable[Any] = made.to_batches(CHUNK) if hasattr(made, "to_batches") else made
    if hasattr(made, "to_pylist") and not hasattr(made, "to_batches"):
        batches = [made]
    for batch in batches:
        yield from batch.to_pylist()


def _columns(columns: Mapping[str, Any]) -> Iterator[Any]:
    parts = [name for name, column in columns.items() if hasattr(column, "column_names") or hasattr(column, "iloc")]
    if parts and not all(len(getattr(columns[name], "shape", (0,))) == 1 for name in parts):
        raise NoRowsError(f"it gave several tables ({', '.join(columns)}); return one of them")
    for name, column in columns.items():
        if isinstance(column, (str, bytes)) or not hasattr(column, "__len__"):
            raise NoRowsError(f"it gave a mapping whose {name} is a {type(column).__name__}, not a column of values")
    sizes = {name: len(column) for name, column in columns.items()}
    if len(set(sizes.values())) > 1:
        by_name = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise NoRowsError(f"its columns have different lengths: {by_name}")
    return (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))


def _array(made: Any) -> Iterator[Any]:
    """A row of the first dimension is a row; one of numbers alone has its columns by position."""
    if len(made.shape) == 0:
        raise NoRowsError("it gave a single number")
    if len(made.shape) == 1 and not getattr(made.dtype, "names", None):
        return ({"0": value} for value in made)
    return (_row(row) if len(made.shape) <= 2 else {"0": row} for row in made)


def _are_arrays(made: Any) -> bool:
    """Whether this is a tuple of columns such as `(X, y)`, not of rows."""
    if not isinstance(made, tuple) or len(made) < 2 or hasattr(made, "_fields"):
        return False
    if not all(getattr(column, "shape", ()) for column in made):
        return False
    return len({column.shape[0] for column in made}) == 1


def _is_loader(made: Any) -> bool:
    return all(hasattr(made, name) for name in ("dataset", "batch_size", "collate_fn"))


def _is_lazy(made: Any) -> bool:
    return hasattr(made, "collect") and hasattr(made, "collect_schema")


def size_in_bytes(values: Iterable[Any]) -> int:
    """Roughly what these values take: texts and bytes by their length, arrays by their numbers."""
    total = 0
    for value in values:
        found = getattr(value, "nbytes", None)
        total += int(found) if isinstance(found, int) else len(value) if isinstance(value, (str, bytes)) else 32
    return total
