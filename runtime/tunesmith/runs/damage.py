"""What is wrong with a run's files, by name: damage, links and pipes in their place, files that nothing guards.

Whoever shows a run shows this with it. What is damaged is left out of what is shown, never shown as another figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from tunesmith import guarded
from tunesmith.errors import Place, Problem, TunesmithError
from tunesmith.files import names_in
from tunesmith.runs.events import EventTail
from tunesmith.runs.folder import FOLDERS, TOKENIZER, RunFolder, damaged_file
from tunesmith.runs.series import check_series

REPORTS = (("report",), ("report", "test"))
OBJECTS = (
    ("facts.json",),
    ("environment.json",),
    ("launched.json",),
    *((*folder, "metrics.json") for folder in REPORTS),
)


def problems_of(run: RunFolder) -> tuple[Problem, ...]:
    """Everything that can be found without reading the checkpoints' weights, whose manifests guard them."""
    return (*_state(run), *_folders(run), *_job(run), *_objects(run), *of_events(run), *of_series(run), *_reports(run))


def _state(run: RunFolder) -> Iterator[Problem]:
    damage = run.stored_state().state.damage
    if damage:
        yield _warning(
            "run.damaged-state",
            f"state.json is damaged ({damage}); what is shown comes from the events",
            run.state_file,
        )


def _folders(run: RunFolder) -> Iterator[Problem]:
    for name in FOLDERS:
        if odd := _odd_folder(run, name):
            yield _warning("run.odd-file", f"{name} is passed over: {odd}", run.path / name)


def _odd_folder(run: RunFolder, name: str) -> str:
    try:
        names_in(run.path / name, inside=run.path)
    except OSError as error:
        return str(error)
    return ""


def _job(run: RunFolder) -> Iterator[Problem]:
    from tunesmith.job.document import read_document

    try:
        yield from read_document(run.job_text(), run.job_file).problems
    except TunesmithError as error:
        yield as_warning(error)
    try:
        run.tokenizer_json()
    except TunesmithError as error:
        if error.problem.place.file == run.path / TOKENIZER:  # environment.json is among the objects
            yield as_warning(error)


def _objects(run: RunFolder) -> Iterator[Problem]:
    looked = {"/".join(names): _look(run, names) for names in (*OBJECTS, *_manifests(run))}
    yield from (problem for problem, _ in looked.values() if problem)
    unguarded = [name for name, (_, is_guarded) in looked.items() if not is_guarded]
    if unguarded:
        yield Problem(
            code="run.unguarded",
            message=f"written by an older version without a checksum, so that damage would not be found: "
            f"{', '.join(unguarded)}",
            place=Place(file=run.path),
            severity="info",
        )


def _look(run: RunFolder, names: tuple[str, ...]) -> tuple[Problem | None, bool]:
    """What is wrong with a file, and whether a checksum guards it (it need not be there)."""
    try:
        content = run.content(*names)
        guarded.decode(content)
    except FileNotFoundError:
        return None, True
    except (OSError, guarded.DamagedFileError) as error:
        return as_warning(damaged_file(run, names, error)), True
    return None, guarded.is_guarded(content)


def _manifests(run: RunFolder) -> list[tuple[str, ...]]:
    return [("checkpoints", folder.name, "manifest.json") for folder in run.checkpoints()]


def of_events(run: RunFolder) -> Iterator[Problem]:
    """Which lines of its events are left out."""
    tail = EventTail(run.events_file)
    tail.new()
    if tail.odd:
        yield _warning("run.damaged-events", f"the events are passed over: {tail.odd}", run.events_file)
    if tail.damaged:
        lines = f"{tail.damaged} lines of events.jsonl are" if tail.damaged > 1 else "a line of events.jsonl is"
        yield _warning("run.damaged-events", f"{lines} damaged and left out", run.events_file)


def of_series(run: RunFolder) -> Iterator[Problem]:
    """Which records of its series are left out."""
    for name in run.series():
        yield from check_series(run.series_file(name)).problems


def _reports(run: RunFolder) -> Iterator[Problem]:
    for folder in REPORTS:
        yield from _report(run, folder)


def _report(run: RunFolder, folder: tuple[str, ...]) -> Iterator[Problem]:
    # What is wrong with metrics.json is said among the objects.
    with suppress(TunesmithError):
        damaged = damaged_in_report(run, folder, run.object_in(*folder, "metrics.json"))
        yield from (as_warning(damaged_file(run, (*folder, name), how)) for name, how in damaged)


def damaged_in_report(run: RunFolder, folder: tuple[str, ...], summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The files of a report that are not what was written with its metrics.json, which holds `summary`; with how."""
    found: list[tuple[str, str]] = []
    digests = summary.get("sha256", {})
    for name, digest in digests.items() if isinstance(digests, dict) else ():
        try:
            how = (
                ""
                if digest == guarded.digest_of(run.content(*folder, name))
                else "it is not what was written with metrics.json"
            )
        except FileNotFoundError:
            how = "it is missing"
        except (OSError, ValueError) as error:
            how = str(error)
        found += [(name, how)] if how else []
    return found


def _warning(code: str, message: str, file: Any) -> Problem:
    return Problem(code=code, message=message, place=Place(file=file), severity="warning")


def as_warning(error: TunesmithError) -> Problem:
    """The error as a warning: what it names was left out."""
    found = error.problem
    return Problem(code=found.code, message=found.message, place=found.place, hint=found.hint, severity="warning")
