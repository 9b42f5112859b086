"""Rows made by the project's own code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from tunesmith.data.rows import Record
from tunesmith.errors import NOWHERE, Place, TunesmithError
from tunesmith.members import Reader
from tunesmith.trust import import_callable, is_callable_name

MEMBER = Reader(
    name="python",
    help="`package.module:callable` of the project: called without arguments, it returns an iterable of mappings.",
    when="Data from a database, a service or an unusual format. It must give the same rows at every call.",
    suffixes=(),
)

HEADER_ROWS = 100


def claims(name: str) -> bool:
    """Whether `name` has the form `package.module:callable`."""
    return is_callable_name(name)


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
) -> Iterator[Record]:
    """Every row, with its number as its line. Raises data.callable-failed for whatever the callable raises."""
    made = import_callable(name, folder, trusted=trusted, place=place)
    number = 0
    try:
        rows = iter(made() if callable(made) else made)
    except Exception as error:  # the user's code may raise anything; it becomes the cause
        raise _failed(name, error, place, "when called") from error
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except Exception as error:
            raise _failed(name, error, place, f"after {number} rows") from error
        number += 1
        if not isinstance(row, Mapping):
            yield Record(number, None, f"is a {type(row).__name__}, not a mapping of column to value")
        elif columns is None:
            yield Record(number, row)
        else:
            yield Record(number, {column: row.get(column) for column in columns})


def _failed(name: str, error: Exception, place: Place, when: str) -> TunesmithError:
    return TunesmithError(
        "data.callable-failed",
        f"{name} failed {when}: {type(error).__name__}: {error}",
        place=place,
        hint="call it yourself with no arguments; it must return an iterable of mappings",
    )
