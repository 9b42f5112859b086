"""The warnings about a run's rows: found once, kept in the project's cache, shown beside every figure of the run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith import __version__
from tunesmith.catalog import Catalog
from tunesmith.checks.data import check_data
from tunesmith.data.cache import entry_name
from tunesmith.data.features import Features
from tunesmith.data.load import DataSet
from tunesmith.errors import InvalidJob, Problem
from tunesmith.files import write_json
from tunesmith.job.write import to_mapping
from tunesmith.train.assemble import Assembled, project_cache

LONGEST = 160
SHOWN = 20
"""Errors named one by one."""


def warnings_of_data(
    assembled: Assembled, data: DataSet, catalog: Catalog, features: Mapping[str, Features]
) -> list[tuple[str, str]]:
    """The code and text of every warning that `check` gives of these rows; `features` are by part what is encoded.

    Raises InvalidJob with the errors, where there are any: a run refuses what `check` refuses.
    """
    file = _file(assembled, data)
    known = _read(file)
    if known is not None:
        return known
    found = check_data(assembled.job, data, assembled.facts, catalog, assembled.model.text, features)
    if errors := [problem for problem in found if problem.severity == "error"]:
        raise InvalidJob(errors[:SHOWN])
    warnings = [
        (problem.code, _text(problem, assembled.job.folder)) for problem in found if problem.severity == "warning"
    ]
    write_json(file, warnings)
    return warnings


def _text(problem: Problem, folder: Path) -> str:
    """In one line that may leave this machine with a model card: without the project's own path."""
    found = problem.found.replace(f"{folder}{os.sep}", "")
    found = found if len(found) <= LONGEST else found[: LONGEST - 3] + "..."
    return f"{problem.message} ({found})" if found else problem.message


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
