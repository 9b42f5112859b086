"""Rows made by the project's own code."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from tunesmith.data.limits import HINT, Limits
from tunesmith.data.read_options import USUALLY, ReadOptions
from tunesmith.data.readers.parts.in_memory import NoRowsError, length_of, rows_of, size_in_bytes
from tunesmith.data.rows import Record
from tunesmith.errors import NOWHERE, Place, TunesmithError, is_failure
from tunesmith.members import Reader
from tunesmith.trust import import_callable

MEMBER = Reader(
    name="python",
    help="`package.module:callable` of the project: called without arguments, it returns rows: mappings, a DataFrame, "
    "an array, a mapping of columns, a Dataset.",
    when="Data from a database, a service or an unusual format. It must give the same rows at every call.",
    suffixes=(),
)

HEADER_ROWS = 100


def header(name: str, *, folder: Path, trusted: bool = True, place: Place = NOWHERE) -> list[str]:
    """The keys of the first hundred rows. Calls the callable."""
    return keys(list(islice(read(name, folder=folder, trusted=trusted, place=place), HEADER_ROWS)))


def keys(records: Sequence[Record]) -> list[str]:
    """The keys of these rows, in order of appearance."""
    return list(dict.fromkeys(key for record in records if record.values is not None for key in record.values))


def read(
    name: str,
    *,
    folder: Path,
    columns: Sequence[str] | None = None,
    trusted: bool = True,
    place: Place = NOWHERE,
    options: ReadOptions = USUALLY,
) -> Iterator[Record]:
    """Every row, with its number as its line; a value that a row lacks is None.

    What does not say how many rows it has may give so many rows, and take so long, and no more: `options` say.
    Raises data.callable-failed for whatever the callable raises, data.endless for what does not end.
    """
    made = import_callable(name, folder, trusted=trusted, place=place)
    try:
        made = made() if callable(made) and not _is_data(made) else made
        size = length_of(made)
        rows = iter(rows_of(made))
    except NoRowsError as error:
        raise _not_rows(name, str(error), place) from error
    except BaseException as error:  # the user's code may raise anything; it becomes the cause
        if not is_failure(error):
            raise
        raise _failed(name, error, place, "when called") from error
    bound = _Bound(name, place, options.limits, None if size is not None else options.patience_s)
    bound.says(size)
    number = 0
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except NoRowsError as error:
            raise _not_rows(name, str(error), place) from error
        except BaseException as error:
            if not is_failure(error):
                raise
            raise _failed(name, error, place, f"after {number} rows") from error
        number += 1
        if not isinstance(row, Mapping):
            yield Record(number, None, f"is a {type(row).__name__}, not a mapping of column to value")
            continue
        if size is None:
            bound.took(number, row)
        yield Record(number, row if columns is None else {column: row.get(column) for column in columns})


class _Bound:
    """What an iterable without a length may give before it is taken for one without an end."""

    def __init__(self, name: str, place: Place, limits: Limits, patience_s: float | None) -> None:
        self._name, self._place, self._limits = name, place, limits
        self._until = None if patience_s is None else time.monotonic() + patience_s
        self._patience_s = patience_s
        self._bytes = 0

    def says(self, size: int | None) -> None:
        most = self._limits.rows
        if size is not None and most is not None and size > most:
            raise self._error(f"says that it has {size:,} rows, more than {most:,}", HINT)

    def took(self, number: int, row: Mapping[str, Any]) -> None:
        self._bytes += size_in_bytes(row.values())
        so_far = f"has given {number:,} rows and does not say how many there are"
        if self._limits.rows is not None and number > self._limits.rows:
            raise self._error(so_far, f"let it end, or give it a __len__; {HINT}")
        if self._limits.values is not None and self._bytes > self._limits.values:
            raise self._error(
                f"{so_far}: they take {self._bytes >> 20:,} MB", f"let it end, or give it a __len__; {HINT}"
            )
        if self._until is not None and time.monotonic() > self._until:
            raise self._error(
                f"{so_far}; check waited {self._patience_s:g} seconds for the end",
                "let it end, or give it a __len__: then it may take its time",
            )

    def _error(self, what: str, hint: str) -> TunesmithError:
        return TunesmithError("data.endless", f"{self._name} {what}", place=self._place, hint=hint)


def _is_data(made: Any) -> bool:
    """Whether this is data that could also be called (a Dataset with `__call__`), not a function or class."""
    return hasattr(made, "__len__") and hasattr(made, "__getitem__") and not isinstance(made, type)


def _not_rows(name: str, reason: str, place: Place) -> TunesmithError:
    return TunesmithError(
        "data.callable-failed",
        f"what {name} returns holds no rows: {reason}",
        place=place,
        hint="return an iterable of mappings of column to value",
    )


def _failed(name: str, error: BaseException, place: Place, when: str) -> TunesmithError:
    return TunesmithError(
        "data.callable-failed",
        f"{name} failed {when}: {type(error).__name__}: {error}",
        place=place,
        hint="call it yourself with no arguments; it must return an iterable of mappings",
    )
