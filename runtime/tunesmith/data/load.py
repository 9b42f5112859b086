"""From a job to its rows: files read, columns found, bad rows named, shares split off."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

from tunesmith.catalog import Catalog
from tunesmith.data.collect import IMAGE_ROLE, MEND_ROW, BadRows, DividedBy, collect
from tunesmith.data.columns import answer_roles, column_problems, guess_columns
from tunesmith.data.dataset import DataSet
from tunesmith.data.division import divide, key_columns, key_of
from tunesmith.data.duplicates import Repeated, repeated, twins
from tunesmith.data.fingerprint import Fingerprints, rows_digest
from tunesmith.data.limits import LIMITS
from tunesmith.data.nested import column_of
from tunesmith.data.read_options import ReadOptions
from tunesmith.data.rows import Rows
from tunesmith.data.split_folders import with_split_folders
from tunesmith.data.table import Table, open_table
from tunesmith.data.telling_columns import telling_columns
from tunesmith.data.time_left import TimeLeft
from tunesmith.errors import InvalidJob, Place, Problem, TunesmithError
from tunesmith.job.job import Job
from tunesmith.members import Task
from tunesmith.shown import listed

__all__ = ["guess_columns", "load_data", "read_rows"]

SHOWN = 20
"""Bad rows named one by one; the rest are counted."""


def load_data(
    job: Job,
    catalog: Catalog,
    *,
    trusted: bool = True,
    places: Mapping[str, Place] | None = None,
    fingerprinted: bool = True,
    memory: Path | None = None,
    patience_s: float | None = None,
    on_progress: Callable[[str], None] = lambda message: None,
) -> DataSet:
    """All rows of the job, under the names of the task's roles. Only the columns that the task uses are kept.

    `places` tells where the job's keys stand (for errors). Without `fingerprinted`, no file is read once more for the
    fingerprint, and it is empty; `memory` is a file that remembers the fingerprints of files. `patience_s` as in
    ReadOptions. `on_progress` is called again and again with how far it has come. Raises InvalidJob with everything
    that is wrong: data.missing-file, data.missing-column, data.bad-row, ...
    """
    job, notes = with_split_folders(job)
    loading = _Loading(
        job, catalog, trusted=trusted, places=places or {}, patience_s=patience_s, on_progress=on_progress
    )
    given = {"train": job.data.train, "validation": job.data.validation, "test": job.data.test}
    shares = {name: share for name, share in given.items() if isinstance(share, float)}
    for name, source in given.items():
        if isinstance(source, str):
            loading.read(name, source)
    if loading.problems:
        raise InvalidJob(loading.problems)
    prints = Fingerprints(memory)
    if fingerprinted:
        on_progress("taking checksums of the data")
    read = loading.parts if fingerprinted else {}
    fingerprint = {name: _fingerprint(loading.tables[name], rows, prints) for name, rows in read.items()}
    prints.save()
    if job.data.duplicates != "keep":
        on_progress("looking for rows that stand twice")
    parts, dropped = _without_repetitions(job, loading.parts, prints)
    if shares:
        on_progress(f"dividing {len(parts['train']):,} rows: train, {', '.join(shares)}")
        parts |= loading.split(parts["train"], shares, prints)
    if not len(parts["train"]):
        message, hint = "every training row stands in another part, too", "give other rows, or write `duplicates: keep`"
        raise TunesmithError("data.no-rows", message, place=loading.place("train"), hint=hint)
    return DataSet(
        train=parts["train"],
        validation=parts.get("validation"),
        test=parts.get("test"),
        skipped=tuple(loading.skipped),
        fingerprint=fingerprint,
        columns=loading.columns,
        dropped=dropped,
        notes=(*notes, *loading.notes),
        division=loading.division,
        skipped_lines=loading.skipped_lines,
        prints=prints,
    )


def read_rows(
    table: Table,
    member: Task,
    *,
    columns: Mapping[str, tuple[str, ...]],
    optional: frozenset[str] | None = None,
    decimal: str = ".",
    on_progress: Callable[[str], None] = lambda message: None,
) -> Rows:
    """The rows of one more table for prediction: roles as in training, those in `optional` (None: the answers) only
    where it has them.

    `on_progress` is called again and again with how far it has come. Raises InvalidJob for missing columns and bad
    rows.
    """
    optional = answer_roles(member.columns) if optional is None else optional
    present = {
        role: names
        for role, names in columns.items()
        if role not in optional or all(column_of(name, table.header) for name in names)
    }
    problems = [
        problem
        for problem in column_problems(table.header, present, member, file=table.path.name, places={})
        if problem.code != "data.no-column"
    ]
    if problems:
        raise InvalidJob(problems)
    bad = BadRows(SHOWN)
    rows = collect(
        table,
        present,
        member.columns,
        bad,
        may_be_empty=optional,
        decimal=decimal,
        taken=_read_so_far(table, table.path.name, on_progress),
    )
    if bad.total:
        raise InvalidJob(_bad_row_problems(bad, table))
    return rows


def _read_so_far(table: Table, name: str, on_progress: Callable[[str], None]) -> Callable[[int], None]:
    """Says how many rows of `table` are read, and how long the others take."""
    left = TimeLeft()
    return lambda count: on_progress(f"reading rows: {count:,}{table.so_far} of {name}{left(table.so_far.share)}")


class _Loading:
    """Reads the parts of one job, one after the other, and collects what is wrong."""

    def __init__(
        self,
        job: Job,
        catalog: Catalog,
        *,
        trusted: bool,
        places: Mapping[str, Place],
        patience_s: float | None,
        on_progress: Callable[[str], None],
    ) -> None:
        self.problems: list[Problem] = []
        self.skipped: list[Problem] = []
        self.skipped_lines = 0
        self.notes: list[Problem] = []
        self.division = ""
        self.columns: Mapping[str, tuple[str, ...]] = {}
        self.tables: dict[str, Table] = {}
        self.parts: dict[str, Rows] = {}
        self._job, self._catalog, self._trusted, self._places = job, catalog, trusted, places
        self._options = ReadOptions(
            limits=LIMITS[job.data.limits],
            encoding=job.data.encoding,
            sheet=job.data.sheet,
            header_row=job.data.header_row,
            patience_s=patience_s,
        )
        self._member = catalog.tasks[job.task].member
        key = key_of(job, catalog)
        self._divided_by = None if key is None else DividedBy(columns=key_columns(job, catalog), key=key)
        self._on_progress = on_progress

    def place(self, part: str) -> Place:
        return self._places.get(f"data.{part}", Place(file=self._job.file, key=f"data.{part}"))

    def read(self, name: str, source: str) -> None:
        """The rows of `source` as this part, or the problems that it has."""
        try:
            self.tables[name] = table = open_table(
                source,
                self._job.folder,
                self._catalog,
                trusted=self._trusted,
                place=self.place(name),
                options=self._options,
            )
            self.notes += table.notes
            self.parts[name] = self._rows(name, table)
        except TunesmithError as error:
            self.problems += error.problems

    def _rows(self, name: str, table: Table) -> Rows:
        if not table.header:
            bad = BadRows(SHOWN)
            for record in table.records(()):
                bad.add("data.bad-row", record.bad, record.place(table.path), MEND_ROW)
            raise InvalidJob(_bad_row_problems(bad, table)) if bad.total else _no_rows(table, bad)
        columns = self.columns or guess_columns(table.header, self._member, self._job.data.columns)
        beside = {} if self._divided_by is None else {"split": tuple(self._divided_by.columns)}
        wrong = column_problems(
            table.header,
            {**columns, **beside},
            self._member,
            file=table.path.name,
            places=_keyed(self._places, self._job),
        )
        if wrong:
            raise InvalidJob(wrong)
        if name == "train":
            self.columns = columns
            self.notes += _unread(table, {**columns, **beside})
        skip = self._job.data.bad_rows == "skip"
        bad = BadRows(None if skip else SHOWN)
        # with a separator, a row may have several labels, and so it may have none
        may_be_empty = frozenset({"label"} if self._job.data.options.get("label_separator") else ())
        rows = collect(
            table,
            columns,
            self._member.columns,
            bad,
            may_be_empty=may_be_empty,
            decimal=self._job.data.decimal,
            divided_by=self._divided_by,
            taken=_read_so_far(table, name, self._on_progress),
        )
        if skip:
            self.skipped += bad.problems
            self.skipped_lines += bad.lines
        else:
            self.problems += _bad_row_problems(bad, table)
        if not len(rows) and (skip or not bad.total):
            raise _no_rows(table, bad)
        return rows

    def split(self, rows: Rows, shares: Mapping[str, float], prints: Fingerprints) -> dict[str, Rows]:
        """`rows` as `train` and a part for each of `shares`. Raises InvalidJob data.too-few-rows where one is empty."""
        # with `duplicates: drop`, rows may have equal inputs and other answers
        divided = divide(self._job, self._catalog, rows, shares, lambda: twins(rows, prints))
        numbers, self.division = divided.rows, divided.description
        if self._job.data.split.name == "auto" and not self._member.split.role:
            self.notes += telling_columns(self.tables["train"], self._member, self.columns, " and ".join(shares))
        for name in shares:
            if not numbers[name] or not numbers["train"]:
                equal = twins(rows, prints)
                different = len(rows) if equal is None else len(set(equal))
                problem = Problem(
                    code="data.too-few-rows",
                    message=f"too few rows for a {name} part",
                    place=self.place(name),
                    found=divided.description or f"{len(rows):,} rows, {different:,} of them with inputs of their own",
                    hint=(
                        "what belongs together stays in one part (`split: random` keeps only equal rows together)"
                        if divided.description
                        else "equal rows stay in one part, and each label keeps one row in train"
                    )
                    + f": add rows that differ, give a file of its own, or write `{name}: none`",
                )
                raise InvalidJob([problem])
        return {name: rows.select(chosen) for name, chosen in numbers.items()}


def _unread(table: Table, columns: Mapping[str, tuple[str, ...]]) -> list[Problem]:
    """A note on the columns that nothing is made of."""
    used = {column_of(name, table.header) for names in columns.values() for name in names}
    left = [name for name in table.header if name not in used]
    if not left or table.reader == "image-folder":
        return []
    message = f"{len(left)} column{'s are' if len(left) > 1 else ' is'} not read"
    return [
        Problem(
            code="data.unread-columns",
            message=message,
            place=Place(file=table.path),
            found=listed(left, SHOWN),
            severity="info",
        )
    ]


def _no_rows(table: Table, bad: BadRows) -> TunesmithError:
    """The error for a source of which nothing can be used: with the first row's own fault, where there is one."""
    if not bad.problems:
        return TunesmithError("data.no-rows", "holds no rows", place=Place(file=table.path), hint="is it empty?")
    first = bad.problems[0]
    return TunesmithError(
        "data.no-rows",
        f"holds no usable row; the first of {bad.total} bad ones: {first.message}",
        place=first.place,
        hint=first.hint,
    )


def _keyed(places: Mapping[str, Place], job: Job) -> Mapping[str, Place]:
    """Places of all keys under `data:`, with the key alone where the line is not known."""
    return (
        {"data": Place(file=job.file, key="data")}
        | {f"data.{role}": Place(file=job.file, key=f"data.{role}") for role in job.data.columns}
        | dict(places)
    )


def _bad_row_problems(bad: BadRows, table: Table) -> list[Problem]:
    if bad.total <= len(bad.problems):
        return bad.problems
    more = Problem(
        code="data.more-bad-rows",
        message=f"{bad.total - len(bad.problems)} more bad rows ({bad.total} in all)",
        place=Place(file=table.path),
        hint="mend them, or set `bad_rows: skip`",
    )
    return [*bad.problems, more]


def _without_repetitions(
    job: Job, parts: dict[str, Rows], prints: Fingerprints
) -> tuple[dict[str, Rows], dict[str, int]]:
    """The parts as `duplicates` asks for them, and how many rows of each were left out.

    Raises InvalidJob data.repeated-rows where the job says `duplicates: error`.
    """
    if job.data.duplicates == "keep":
        return parts, {}
    found = {name: again for name, again in repeated(parts, prints).items() if again.rows}
    if found and job.data.duplicates == "error":
        raise InvalidJob(_repetition_problems(parts, found))
    kept = {name: rows.without(found[name].rows) if name in found else rows for name, rows in parts.items()}
    return kept, {name: len(again.rows) for name, again in found.items()}


def _repetition_problems(parts: Mapping[str, Rows], found: Mapping[str, Repeated]) -> list[Problem]:
    problems = [
        Problem(
            code="data.repeated-rows",
            message=f"this row of {name} repeats another of {part}",
            place=parts[name].place(row),
            found=f"equal to {parts[part].place(twin)}",
            hint="remove one of them, or write `duplicates: drop`",
        )
        for name, again in found.items()
        for row, (part, twin) in islice(zip(again.rows, again.twins, strict=True), SHOWN + 1)
    ]
    rest = sum(len(again.rows) for again in found.values()) - SHOWN
    if rest > 0:
        problems[SHOWN:] = [replace(problems[SHOWN], found=f"{rest} more rows")]
    return problems


def _fingerprint(table: Table, rows: Rows, prints: Fingerprints) -> str:
    """By content of the files; rows from code have none, so their values are taken."""
    if table.reader == "python":
        return rows_digest(rows, prints)
    content = prints.of_all(table.files) if table.files else prints.of(table.path)
    images = rows.columns.get(IMAGE_ROLE, ())
    if table.reader == "image-folder" or not images or not all(type(image) is str for image in images):
        return content
    # the files name pictures that lie elsewhere
    return hashlib.sha256(f"{content}{rows_digest(rows, prints)}".encode()).hexdigest()
