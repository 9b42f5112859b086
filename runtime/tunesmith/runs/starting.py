"""A new run from a job: checked, frozen, and, where wanted, standing where a checkpoint of another run was taken."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunesmith.errors import Problem
from tunesmith.files import copy_regular, names_in
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.kept import no_such_checkpoint

COPIED = ("environment.json", "tokenizer.json")
"""What goes along with a checkpoint: that the data are the same is looked at, as when a run is resumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """A checkpoint to begin from; `step` None is the newest good one."""

    run: RunFolder
    step: int | None


def new_run(
    job: Path,
    *,
    overrides: Sequence[str],
    name: str | None,
    root: Path,
    tags: Sequence[str],
    begin: Begin | None,
    trusted: bool,
) -> tuple[RunFolder, tuple[Problem, ...]]:
    """A queued run, and the warnings about its job. Nothing is left on an error.

    Raises InvalidJob, job.untrusted, and where `begin` names no good checkpoint, run.no-such-checkpoint.
    """
    from tunesmith.catalog import Catalog
    from tunesmith.job.callables import refuse_code
    from tunesmith.job.load import load_job
    from tunesmith.runs.launch import prepare

    refuse_code(load_job(job, Catalog(), overrides=overrides).job, trusted=trusted)
    source = None if begin is None else _checkpoint(begin)
    about: dict[str, Any] = {"tags": list(tags)} if tags else {}
    if begin is not None and source is not None:
        about["started_from"] = {"run": begin.run.id, "step": int(source.name[5:])}
    run, warnings = prepare(job, overrides=overrides, name=name, root=root, about=about)
    if begin is not None and source is not None:
        try:
            _take_over(begin.run, source, run)
        except BaseException:
            shutil.rmtree(run.path, ignore_errors=True)
            raise
    return run, warnings


def _checkpoint(begin: Begin) -> Path:
    """The folder of the checkpoint; whether it is whole, the worker looks before it takes it."""
    there = {int(folder.name[5:]): folder for folder in begin.run.checkpoints()}
    if begin.step is None and there:
        return there[max(there)]
    if begin.step in there:
        return there[begin.step]
    raise no_such_checkpoint(begin.run, "none" if begin.step is None else f"step-{begin.step}")


def _take_over(source: RunFolder, checkpoint: Path, run: RunFolder) -> None:
    """What a worker needs to go on in `run` from the checkpoint, and the curves until then."""
    for name in COPIED:
        if (source.path / name).exists():
            copy_regular(source.path / name, run.path / name, inside=source.path)
            (run.path / name).chmod(0o600)  # as private as it was
    for name in source.series():
        copy_regular(source.series_file(name), run.series_file(name), inside=source.path)
        marks = source.series_file(name).with_suffix(".crc")
        if marks.exists():
            copy_regular(marks, run.series_file(name).with_suffix(".crc"), inside=source.path)
    target = run.checkpoints_folder / checkpoint.name
    temporary = target.with_name(f".{target.name}.tmp")
    temporary.mkdir()
    for name in names_in(checkpoint, inside=source.path):
        copy_regular(checkpoint / name, temporary / name, inside=source.path)
    temporary.rename(target)
