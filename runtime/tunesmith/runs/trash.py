"""Deleting runs: first out of the way, into `.tunesmith/trash`, in one rename; then, if wanted, for good."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tunesmith.errors import Place, TunesmithError
from tunesmith.files import is_folder, sync_folder
from tunesmith.runs.folder import RunFolder, refuse_odd_folder
from tunesmith.runs.lock import hold
from tunesmith.runs.state import ACTIVE, read_launched


def trash_of(root: Path) -> Path:
    """Where the deleted runs of the runs' folder `root` lie."""
    return root.parent / "trash"


def delete(run: RunFolder) -> Path:
    """Move a run into the trash beside its folder of runs; returns where it is now.

    Raises TunesmithError run.active while a worker is at it, run.held while another command is.
    """
    state = run.state()
    waiting_for_worker = state.status == "queued" and read_launched(run.launched_file) is not None
    if state.status in ACTIVE or waiting_for_worker:
        raise TunesmithError(
            "run.active",
            f"run {run.id} is {state.status}: a worker is at it",
            place=Place(file=run.path),
            hint=f"tunesmith stop {run.id}",
        )
    trash = trash_of(run.path.parent)
    refuse_odd_folder(trash, str(trash))
    trash.mkdir(parents=True, exist_ok=True)
    target = trash / run.id
    if target.exists():  # a copy of the same run was deleted before
        target = trash / f"{run.id}-{os.urandom(4).hex()}"
    with hold(run, brief=True):
        if os.name != "nt":
            run.path.rename(target)
    if os.name == "nt":  # the lock is an open file there, and keeps its folder where it is
        run.path.rename(target)
    sync_folder(run.path.parent)
    return target


def purge(deleted: Path) -> None:
    """Remove what lies in the trash for good; what it links to stays."""
    if is_folder(deleted):
        shutil.rmtree(deleted)
    else:
        deleted.unlink()
