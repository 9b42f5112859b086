"""The job that a run was frozen from, wherever run and project lie now."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.errors import Place, TunesmithError
from tunesmith.files import real_path

if TYPE_CHECKING:
    from tunesmith.catalog import Catalog
    from tunesmith.job.job import Job
    from tunesmith.runs.folder import RunFolder


def folder_seen_from(run: Path, project: Path) -> str:
    """How the run in `run` writes down the folder of its project: from the run on where that lies inside the project,
    so that both can be moved together; else as an absolute path."""
    run, project = real_path(run), real_path(project)
    return Path(os.path.relpath(project, run)).as_posix() if run.is_relative_to(project) else str(project)


def read_frozen(run: RunFolder, catalog: Catalog) -> Job:
    """The run's frozen job. Its `folder` is where the project lies now; see `require_project`.

    Raises InvalidJob as `parse_job` does, run.no-job, and run.damaged-file where it is not what was written.
    """
    from tunesmith.job.load import parse_job

    job = parse_job(run.job_text(), run.job_file, run.path, catalog).job
    if job.folder.is_dir():
        return job
    parents = real_path(run.path).parents
    beside = parents[2] if len(parents) > 2 and parents[1].name == ".tunesmith" else None
    return replace(job, folder=beside) if beside is not None else job


def require_project(run: RunFolder, job: Job) -> None:
    """Raises TunesmithError run.project-moved where the folder is gone that relative paths of the job start from."""
    if not job.folder.is_dir():
        raise TunesmithError(
            "run.project-moved",
            "the project that this run belongs to is not there any more",
            place=Place(file=run.job_file, key="folder"),
            found=str(job.folder),
            hint="bring it back there, or move the run's folder into .tunesmith/runs of the project where it is now",
        )
