"""Everything that is wrong or doubtful about a job and its data, and what `auto` would choose. Loads no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import InvalidJob, Place, Problem, TunesmithError
from tunesmith.files import real_path
from tunesmith.shortages import refusal

if TYPE_CHECKING:
    from tunesmith.catalog import Catalog
    from tunesmith.contracts.model import TextFormat
    from tunesmith.contracts.task import Facts
    from tunesmith.data.dataset import DataSet
    from tunesmith.job.job import Job
    from tunesmith.job.load import ParsedJob

PATIENCE_S = 300.0
"""How long `check` waits for rows of code that does not say how many there are."""

RANKS = {"error": 0, "warning": 1, "info": 2}


def check(
    path: Path,
    *,
    overrides: Sequence[str] = (),
    text: str | None = None,
    trusted: bool = True,
    on_progress: Callable[[str], None] = lambda message: None,
) -> dict[str, Any]:
    """The findings (`problems`, errors first) and, as far as the job could be read: the resolved `job`, `rows` by part,
    `columns` by role, `labels` with their rows before and after the remedy, and `chosen`, the reasons of `auto`.

    `text` is the job's text where the file does not hold it (yet). Not `trusted`: the project's own code is not
    imported; what needs it is reported as job.untrusted. `on_progress` is called again and again with how far it is.
    """
    from tunesmith.catalog import Catalog
    from tunesmith.job.callables import read_callables
    from tunesmith.job.load import placed_in, read_job, read_job_text
    from tunesmith.job.write import to_mapping

    catalog = Catalog()
    answer: dict[str, Any] = {"file": str(path), "problems": []}
    try:
        given = read_job_text(path) if text is None else text
    except InvalidJob as error:
        return {**answer, "problems": list(error.problems)}
    parsed = read_job(given, path, real_path(path).parent, catalog, overrides)
    found = [*parsed.errors, *parsed.warnings]
    job = parsed.job
    if job is None:
        return {**answer, "problems": found}
    found += read_callables(job)
    reads = None
    # Model and data are checked one by one, so that a mistake in one hides none in the other.
    if not _depends_on(parsed, "model", "folder"):
        try:
            with _system_named("model"):
                reads = _find_model(job, catalog)
        except TunesmithError as error:
            found += error.problems
    if not _depends_on(parsed, "task", "data", "folder"):
        try:
            with _system_named("data"):
                job, about, more = _check_data(
                    job, parsed.places, catalog, reads, trusted=trusted, on_progress=on_progress
                )
            answer |= about
            found += more
        except TunesmithError as error:
            known = {(problem.code, problem.place.key) for problem in found}  # code that was read, and then imported
            found += [problem for problem in error.problems if (problem.code, problem.place.key) not in known]
    placed = [placed_in(parsed.places, problem, path, job.file) for problem in found]
    if not parsed.errors:
        answer |= {"job": to_mapping(job), "chosen": dict(job.training.why)}
    return {**answer, "problems": sorted(placed, key=lambda problem: RANKS[problem.severity])}


@contextmanager
def _system_named(key: str) -> Iterator[None]:
    """Raise what the system refused as the named error, at the file or else at the job's `key`."""
    try:
        yield
    except OSError as error:
        if (lacking := refusal(error)) is None:
            raise
        problem = lacking.problem
        place = problem.place if problem.place.file else Place(key=key)
        raise InvalidJob([replace(problem, place=place)]) from error


def is_good(problems: Sequence[Problem]) -> bool:
    """Whether none of them is an error."""
    return not any(problem.severity == "error" for problem in problems)


def as_fields(problem: Problem) -> dict[str, Any]:
    """A finding as JSON values."""
    place = problem.place
    return {
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "file": str(place.file) if place.file else None,
        "line": place.line,
        "column": place.column,
        "key": place.key,
        "found": problem.found,
        "allowed": list(problem.allowed),
        "hint": problem.hint,
    }


def _depends_on(parsed: ParsedJob, *sections: str) -> bool:
    """Whether a value of these keys could not be used: what is judged by the default in its place would be untrue."""
    return any(key.partition(".")[0] in sections for key in parsed.unusable)


def _check_data(
    job: Job,
    places: Mapping[str, Place],
    catalog: Catalog,
    reads: TextFormat | None,
    *,
    trusted: bool,
    on_progress: Callable[[str], None],
) -> tuple[Job, dict[str, Any], list[Problem]]:
    """The settled job, what the rows are like, and what is doubtful about them."""
    from tunesmith.checks.data import check_data
    from tunesmith.checks.usable_rows import with_usable_rows
    from tunesmith.data.load import load_data
    from tunesmith.job.advice import settle

    dataset = load_data(
        job,
        catalog,
        trusted=trusted,
        places=places,
        fingerprinted=False,
        patience_s=PATIENCE_S,
        on_progress=on_progress,
    )
    found: list[Problem] = []
    on_progress(
        f"looking at {sum(len(rows) for rows in (dataset.train, dataset.validation, dataset.test) if rows):,} rows"
    )
    try:
        dataset, facts = with_usable_rows(job, dataset, catalog)
    except InvalidJob:  # reported below, row by row, beside everything else
        facts = catalog.tasks[job.task].call("facts", job, dataset.train)
    found += check_data(job, dataset, facts, catalog, reads, on_progress=on_progress)
    try:
        job = settle(job, catalog, target=facts.values["target"], counts=facts.counts, outputs=len(facts.labels) or 1)
    except TunesmithError as error:
        found += error.problems
    return job, _described(job, dataset, facts), found


def _find_model(job: Job, catalog: Catalog) -> TextFormat | None:
    """How the model reads text, if it does.

    Raises the source's own error where the model is not on this machine and must not be downloaded.
    """
    from tunesmith.models.load import find_model, find_text_format

    if not job.network:
        find_model(job, catalog)
    return find_text_format(job.model.name, str(job.model.options["name"]), job.folder, job.model.options, catalog)


def _described(job: Job, dataset: DataSet, facts: Facts) -> dict[str, Any]:
    from tunesmith.data.resampling import counts_after

    parts = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    after = counts_after(facts.counts, job.data.imbalance)
    return {
        "rows": {name: None if rows is None else len(rows) for name, rows in parts.items()},
        "skipped": len(dataset.skipped),
        "columns": {role: list(names) for role, names in dataset.columns.items()},
        "labels": [
            {"label": label, "rows": count, "after": round(then, 3)}
            for label, count, then in zip(facts.labels, facts.counts, after, strict=False)
        ],
    }
