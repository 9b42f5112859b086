"""Making a project from a template: copy it, then make its data, or write its job for the user's own data."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tunesmith.catalog import Catalog
from tunesmith.data.columns import column_problems
from tunesmith.data.table import Table, open_table
from tunesmith.data.values import label_name
from tunesmith.errors import InvalidJob, Place, Problem, TunesmithError, nearest
from tunesmith.files import real_path
from tunesmith.job.other_tasks import hint_for
from tunesmith.members import Task
from tunesmith.python_process import script_command
from tunesmith.templates import templates
from tunesmith.templates.choose import fitting_columns, fitting_model
from tunesmith.templates.job_text import with_data
from tunesmith.templates.reading import reading_notes

LIKELY_CLASSES = 200  # more different labels than this are rather numbers or free text
UNEVEN = 5  # the largest class this many times the smallest: the advice of the job's schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """`notes` are sentences for the user: which columns were taken, how many rows a label has."""

    folder: Path
    job: Path
    notes: tuple[str, ...]


def make_project(
    target: Path, task: str, catalog: Catalog, *, data: Path | None = None, columns: Mapping[str, Sequence[str]]
) -> Made:
    """A project for `task` in the new or empty folder `target`.

    With `data`, a file or image folder, the job reads that, with `columns` by role and guesses from its header for the
    rest. Without, the template's own real data are made. Nothing is left behind on an error.
    Raises TunesmithError new.unknown-template, new.folder-in-use, new.data-failed or what is wrong with the data.
    """
    known = templates()
    if task not in known:
        close = nearest(task, known)
        raise TunesmithError(
            "new.unknown-template",
            "there is no template for that task",
            found=task,
            allowed=tuple(known),
            hint=hint_for(task, close, catalog),
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise TunesmithError(
            "new.folder-in-use", f"{target} is there already and is not an empty folder", hint="name another folder"
        )
    existed = target.exists()
    try:
        shutil.copytree(known[task], target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        job = next(target.glob("*.job.yaml"))
        if data is not None:
            job = job.rename(job.with_name(f"{_job_name(data) or task}.job.yaml"))
        notes = _make_data(target) if data is None else _use_data(job, task, catalog, real_path(data), columns)
    except BaseException:
        shutil.rmtree(target)
        if existed:
            target.mkdir()
        raise
    return Made(folder=target, job=job, notes=tuple(notes))


def _job_name(data: Path) -> str:
    """The data's name, for the job: `messages` for messages.csv. Letters of any script stay, blanks become hyphens."""
    return re.sub(r"[^\w.-]+", "-", real_path(data).stem).strip("-.")


def _make_data(project: Path) -> list[str]:
    """Run the template's prepare.py in the project, as the user may do again."""
    done = subprocess.run(
        script_command("prepare.py"), cwd=project, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        missing = lines and lines[-1].startswith("ModuleNotFoundError: No module named 'PIL'")
        raise TunesmithError(
            "new.data-failed",
            "the template's data could not be made",
            found=lines[-1] if lines else f"prepare.py ended with exit status {done.returncode}",
            hint="pip install 'tunesmith[images]'" if missing else "tunesmith doctor",
        )
    return []


def _use_data(job: Path, task: str, catalog: Catalog, data: Path, given: Mapping[str, Sequence[str]]) -> list[str]:
    """Rewrite the job for the user's file and drop what belongs to the template's own data."""
    member = catalog.tasks[task].member
    table = open_table(str(data), job.parent, catalog)
    columns = {role: names for role, names in fitting_columns(table, member, given).items() if names}
    problems = column_problems(table.header, columns, member, file=data.name, places={}, say=SAY)
    problems += _without_input(member, columns, table, data)
    if problems:
        raise InvalidJob(problems)
    notes = [f"{role}: {', '.join(names)}" for role, names in columns.items()]
    counts: Counter[str] = Counter()
    if {"class", "classes"} & set(member.targets) and "label" in columns:
        label = columns["label"][0]
        counts.update(label_name(record.values[label]) for record in table.records([label]) if record.values)
    uneven = len(counts) > 1 and max(counts.values()) >= UNEVEN * min(counts.values())
    if counts:
        notes.append(_counts_text(counts, catalog))
    if uneven:
        notes.append("the classes are uneven, so the job says `imbalance: weighted-loss`")
    text = with_data(
        job.read_text(encoding="utf-8"),
        train=_as_written(data, job.parent),
        roles=tuple(member.columns),
        columns=columns,
        metric=member.default_metric,
        imbalance="weighted-loss" if uneven else None,
        model=fitting_model(catalog, task, columns),
    )
    job.write_text(text, encoding="utf-8")
    (job.parent / "prepare.py").unlink()
    (job.parent / "README.md").write_text(_readme(job.name, task), encoding="utf-8")
    notes += [problem.message for problem in table.notes]
    return notes + reading_notes(job, catalog, table, columns)


SAY = "name it: --column {role}=NAME"


def _without_input(member: Task, columns: Mapping[str, Sequence[str]], table: Table, data: Path) -> Iterator[Problem]:
    """An error where no column was found that the model could learn from."""
    optional = [role for role, column in member.columns.items() if not column.required]
    first = [group[0] for group in member.alternatives] or optional
    needed = bool(member.alternatives) or len(optional) == len(member.columns)
    if needed and not set(first) & set(columns):
        yield Problem(
            code="new.no-input",
            message=f"no column of {data.name} is one to predict from",
            place=Place(file=data),
            found=", ".join(table.header),
            hint="name it: " + " or ".join(f"--column {role}=NAME" for role in first),
        )


def _counts_text(counts: Counter[str], catalog: Catalog) -> str:
    if len(counts) > LIKELY_CLASSES:
        of_numbers = " or ".join(name for name, entry in catalog.tasks.items() if "number" in entry.member.targets)
        return f"{len(counts)} different labels: is this column really a class? For numbers take --task {of_numbers}"
    return f"{len(counts)} labels: " + ", ".join(f"{label} {count}" for label, count in counts.most_common())


def _as_written(data: Path, folder: Path) -> str:
    """Relative to the project, so that both can move together; absolute across drives of Windows."""
    try:
        return Path(os.path.relpath(data, folder.resolve())).as_posix()
    except ValueError:
        return data.as_posix()


def _readme(job: str, task: str) -> str:
    return f"# {task}\n\n    tunesmith check {job}\n    tunesmith run {job}\n    tunesmith show last\n"
