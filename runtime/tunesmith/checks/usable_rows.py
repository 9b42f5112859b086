"""Leaving out, or refusing, rows that a task cannot use: a number that is none, a broken image, nothing to train on."""

from __future__ import annotations

from dataclasses import replace

from tunesmith.catalog import Catalog
from tunesmith.contracts.task import Facts
from tunesmith.data.dataset import DataSet
from tunesmith.data.rows import Rows
from tunesmith.errors import InvalidJob, Problem
from tunesmith.job.job import Job

SHOWN = 20


def with_usable_rows(job: Job, data: DataSet, catalog: Catalog) -> tuple[DataSet, Facts]:
    """The data without the rows that the task's `unusable_rows` names (where it has that function), and the facts.

    Left-out rows are added to `skipped`. Raises InvalidJob data.unusable-row where the job says `bad_rows: error`.
    """
    task = catalog.tasks[job.task]
    facts: Facts = task.call("facts", job, data.train)
    if not hasattr(task.module, "unusable_rows"):
        return data, facts
    found: list[Problem] = []
    parts: dict[str, Rows | None] = {}
    for name, rows in (("train", data.train), ("validation", data.validation), ("test", data.test)):
        bad = dict(task.call("unusable_rows", job, rows, facts)) if rows is not None else {}
        parts[name] = rows.without(sorted(bad)) if rows is not None else None
        found += [
            Problem(
                code="data.unusable-row",
                message=f"this row cannot be used: {why}",
                place=rows.place(row),
                hint="mend or remove the row, or write `bad_rows: skip`",
                severity="warning" if job.data.bad_rows == "skip" else "error",
            )
            for row, why in bad.items()
            if rows is not None
        ]
    if not found:
        return data, facts
    train = parts["train"]
    if job.data.bad_rows == "error" or train is None or not len(train):
        raise InvalidJob([replace(problem, severity="error") for problem in found[:SHOWN]])
    kept = replace(
        data,
        train=train,
        validation=parts["validation"],
        test=parts["test"],
        skipped=(*data.skipped, *found),
    )
    return kept, task.call("facts", job, train)
