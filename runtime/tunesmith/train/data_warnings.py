"""The warnings about a run's rows: found once, kept in the project's cache, shown beside every figure of the run."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tunesmith import __version__
from tunesmith.catalog import Catalog
from tunesmith.checks.data import check_data
from tunesmith.data.cache import entry_name
from tunesmith.data.dataset import DataSet
from tunesmith.data.features import Features
from tunesmith.data.rows import named_places
from tunesmith.errors import InvalidJob, Problem
from tunesmith.files import write_json
from tunesmith.job.write import to_mapping
from tunesmith.train.assemble import Assembled, project_cache

LONGEST = 160
SHOWN = 20
"""Errors named one by one."""


def warnings_of_data(
    assembled: Assembled,
    data: DataSet,
    catalog: Catalog,
    features: Mapping[str, Features],
    *,
    on_progress: Callable[[str], None] = lambda message: None,
) -> list[tuple[str, str]]:
    """The code and text of every warning that `check` gives of these rows; `features` are by part what is encoded.

    `on_progress` is called again and again with how far it has come. Raises InvalidJob with the errors, where there are
    any: a run refuses what `check` refuses.
    """
    file = _file(assembled, data)
    known = _read(file)
    if known is not None:
        return known
    model_text = assembled.model.text
    found = check_data(assembled.job, data, assembled.facts, catalog, model_text, features, on_progress)
    if errors := [problem for problem in found if problem.severity == "error"]:
        raise InvalidJob(errors[:SHOWN])
    warnings = texts_of([problem for problem in found if problem.severity == "warning"], assembled.job.folder)
    write_json(file, warnings)
    return warnings


def texts_of(problems: Sequence[Problem], folder: Path) -> list[tuple[str, str]]:
    """The code and text of each finding; the rows that have one and the same are named in one text."""
    alike: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        of_rows = problem.place.line is not None
        alike.setdefault((problem.code, problem.message if of_rows else str(problem)), []).append(problem)
    return [(each[0].code, _text(each, folder)) for each in alike.values()]


def _text(problems: Sequence[Problem], folder: Path) -> str:
    """In one line that may leave this machine with a model card: without the project's own path."""
    first = problems[0]
    count = len(problems) + sum(problem.more for problem in problems)
    where = "" if first.place.line is None else named_places([problem.place for problem in problems], count)
    said = "" if count > 1 else first.found
    is_named = first.place.file is not None and first.place.file.name in said
    found = "; ".join(each for each in (said, "" if is_named else where) if each)
    found = found.replace(f"{folder}{os.sep}", "")
    found = found if len(found) <= LONGEST else found[: LONGEST - 3] + "..."
    return f"{first.message} ({found})" if found else first.message


def _file(assembled: Assembled, data: DataSet) -> Path:
    """By everything that decides the rows and how they are read."""
    job = assembled.job
    key: dict[str, Any] = {
        "doubts": __version__,
        "task": job.task,
        "data": to_mapping(job)["data"],
        "seed": job.seed,
        "folder": str(job.folder),
        "files": dict(data.fingerprint),
        "encoding": assembled.task.encoding_key(assembled.model),
    }
    return project_cache(job.folder) / f"{entry_name(key)}.doubts.json"


def _read(file: Path) -> list[tuple[str, str]] | None:
    try:
        found = json.loads(file.read_bytes())
        return [(str(code), str(text)) for code, text in found]
    except (OSError, ValueError, TypeError):
        return None
