"""Which way a job's rows are divided, and what stands on both sides where it should not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tunesmith.errors import Problem
from tunesmith.options import Columns
from tunesmith.shown import listed

if TYPE_CHECKING:
    from array import array

    from tunesmith.catalog import Catalog, Entry
    from tunesmith.data.dataset import DataSet
    from tunesmith.data.rows import Rows
    from tunesmith.data.shares import Strata
    from tunesmith.data.splits.contract import Divided, Leak
    from tunesmith.job.job import Job
    from tunesmith.members import Split

LISTED = 5
"""Places of rows that are shown."""


def key_columns(job: Job, catalog: Catalog) -> tuple[str, ...]:
    """The columns of the data by which the job says that rows are divided."""
    pick = job.data.split
    if pick.name == "auto":
        return ()
    options = catalog.splits[pick.name].member.options
    named = [pick.options[key] or () for key, option in options.items() if isinstance(option, Columns)]
    return tuple(name for names in named for name in names)


def key_of(job: Job, catalog: Catalog) -> Callable[[Sequence[Any]], Any] | None:
    """What makes a key of a row's cells in these columns; None where there are none."""
    if not key_columns(job, catalog):
        return None
    found: Callable[[Sequence[Any]], Any] = catalog.splits[job.data.split.name].call("keys", job.data.split.options)
    return found


def divide(
    job: Job, catalog: Catalog, rows: Rows, shares: Mapping[str, float], equal: Callable[[], array[int] | None]
) -> Divided:
    """The rows as `train` and a part for each of `shares`. `equal` as in Undivided."""
    from tunesmith.data.splits.contract import Undivided

    task = catalog.tasks[job.task]

    def strata() -> Strata | None:
        # what the task keeps in proportion, where it names that
        found: Strata | None = task.call("strata", job, rows) if hasattr(task.module, "strata") else None
        return found

    entry, options = _way(job, catalog)
    keys = _keys(job, catalog, rows)
    undivided = Undivided(
        count=len(rows), shares=shares, seed=job.seed, keys=() if keys is None else keys, strata=strata, equal=equal
    )
    divided: Divided = entry.call("divide", undivided, **options)
    return divided


def leaks(job: Job, catalog: Catalog, dataset: DataSet) -> Iterator[Problem]:
    """What the rows of a file of its own have in common with those of train, by what rows are divided by."""
    entry, options = _way(job, catalog)
    train = _keys(job, catalog, dataset.train)
    if train is None:
        return
    for name, rows in (("validation", dataset.validation), ("test", dataset.test)):
        own_file = isinstance(getattr(job.data, name), str)
        part = _keys(job, catalog, rows) if rows and own_file else None
        for leak in entry.call("leaks", name, train, part, **options) if part else ():
            yield _problem(leak, rows)


def _problem(leak: Leak, rows: Rows | None) -> Problem:
    assert rows is not None
    return Problem(
        code=leak.code,
        message=leak.message,
        place=rows.place(leak.rows[0]),
        found=leak.found or listed([str(rows.place(row)) for row in leak.rows], LISTED),
        hint=leak.hint,
        severity="warning",
    )


def _way(job: Job, catalog: Catalog) -> tuple[Entry[Split], Mapping[str, Any]]:
    """The way of dividing with its options: the job's, or else the task's own."""
    pick = job.data.split
    if pick.name != "auto":
        return catalog.splits[pick.name], pick.options
    usual = catalog.tasks[job.task].member.split
    return catalog.splits[usual.by], {"column": (usual.role,)} if usual.role else {}


def _keys(job: Job, catalog: Catalog, rows: Rows) -> Sequence[Any] | None:
    """What the rows are divided by; None where that is no column."""
    role = catalog.tasks[job.task].member.split.role
    if job.data.split.name == "auto" and role:
        return rows.columns.get(role)
    return rows.keys
