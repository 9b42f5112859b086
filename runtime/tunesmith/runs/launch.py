"""Starting workers: detached processes that outlive the process that starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tunesmith.errors import InvalidJob, Place, Problem, TunesmithError
from tunesmith.files import open_handle, real_path
from tunesmith.python_process import module_command, without_project
from tunesmith.runs.folder import RunFolder, create_run, runs_root
from tunesmith.runs.frozen import folder_seen_from
from tunesmith.runs.lock import hold, lock_held
from tunesmith.runs.process import Process

# What trains a run; the run's folder is its one argument.
WORKER = module_command("tunesmith.worker")
# Needed for the same numbers every time: hashing of texts, and the workspace of deterministic cuBLAS kernels.
ENVIRONMENT = {"PYTHONHASHSEED": "0", "CUBLAS_WORKSPACE_CONFIG": ":4096:8"}
# What the worker prints must be in the log when it dies, and be UTF-8 whatever the terminal speaks.
ENVIRONMENT_OF_LOG = {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "PYTHONFAULTHANDLER": "1"}

# The names of what one run's worker alone was given: a worker that launches the next run leaves them out.
OWN_NAMES = "TUNESMITH_ENVIRONMENT_OF_RUN"


def start(
    job_file: Path, *, overrides: Sequence[str] = (), name: str | None = None, root: Path | None = None
) -> RunFolder:
    """Check the job, freeze it in a new run (under `root`, by default the job's folder's) and launch its worker.

    Raises InvalidJob with all of the job's errors; then there is no run.
    """
    run, _ = prepare(job_file, overrides=overrides, name=name, root=root)
    launch(run)
    return run


def prepare(
    job_file: Path,
    *,
    overrides: Sequence[str] = (),
    name: str | None = None,
    root: Path | None = None,
    about: Mapping[str, Any] | None = None,
) -> tuple[RunFolder, tuple[Problem, ...]]:
    """The first half of `start`: a queued run, and the warnings about its job. `about`: more fields of its state."""
    from tunesmith.catalog import Catalog
    from tunesmith.job.callables import read_callables
    from tunesmith.job.load import load_job
    from tunesmith.job.write import dump

    loaded = load_job(job_file, Catalog(), overrides=overrides)
    if wrong := read_callables(loaded.job):
        raise InvalidJob([loaded.placed(problem, job_file) for problem in wrong])
    short = job_file.name.removesuffix(".yaml").removesuffix(".job") or "run"
    known = {
        "job": str(real_path(job_file)),
        "task": loaded.job.task,
        "model": str(loaded.job.model.options.get("name", loaded.job.model.name)),
        "method": loaded.job.method.name,
        **(about or {}),
    }
    root = root or runs_root(real_path(job_file).parent)
    frozen = dump(loaded.job, folder=folder_seen_from(root / "run", loaded.job.folder))
    run = create_run(root, frozen, name=name or short, about=known)
    return run, tuple(loaded.warnings)


def resume(
    run: RunFolder, *, worker: Sequence[str] = WORKER, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Let a run go on from its newest good checkpoint, or begin if it has none; see `launch`.

    Raises TunesmithError run.finished, run.no-job, or run.held if a worker is at it.
    """
    check_resumable(run)
    return launch(run, worker=worker, environment=environment)


def check_resumable(run: RunFolder) -> None:
    """Raises TunesmithError run.finished or run.no-job where a run cannot go on."""
    state = run.state()
    if state.status == "finished":
        raise TunesmithError(
            "run.finished",
            f"run {run.id} is finished: there is nothing left to resume",
            place=Place(file=run.path),
            hint=f"tunesmith show {run.id}; for more epochs start a new run with --set training.epochs=...",
        )
    run.job_text()


def launch(
    run: RunFolder, *, worker: Sequence[str] = WORKER, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start the worker of `run` in a session of its own, its output in the run's log, its environment ours and
    `environment`.

    Raises TunesmithError run.held if somebody is at it already.
    """
    from tunesmith.runs.state import ACTIVE, read_launched

    with hold(run, brief=True):
        state = run.state()
        launched = read_launched(run.launched_file)
        if state.status in ACTIVE or (state.status == "queued" and launched is not None):
            process = (state.process if state.status in ACTIVE else launched) or Process(pid=0, started=None, host="")
            who = {"pid": process.pid, "host": process.host, "since": process.started, "command": "its worker"}
            raise lock_held(run.path / "lock", run.id, who)
        run.commands().discard()
        # First of all: with the old note a queued run would look lost.
        run.launched_file.unlink(missing_ok=True)
        if state.status != "queued":
            run.set_state("queued", message="", error=None, eta_s=None, samples_per_second=None)
        whole = without_project(_environment(os.environ, environment or {}), str(run.path.parents[2]))
        started = _spawn([*worker, str(run.path)], run.log_file, whole)
        run.set_launched(Process.of(started.pid))
    return started


def _environment(given: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    left_out = {OWN_NAMES, *given.get(OWN_NAMES, "").split("=")}  # no name contains that sign
    ours = {name: value for name, value in given.items() if name not in left_out}
    # The user's own choice of the workspace stays; the seed of hashing does not, or no two runs would be equal.
    whole = {**ENVIRONMENT, **ENVIRONMENT_OF_LOG, **ours, **own, "PYTHONHASHSEED": "0"}
    return {**whole, OWN_NAMES: "=".join(own)} if own else whole


def _spawn(command: list[str], log_file: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    with os.fdopen(open_handle(log_file, flags, inside=log_file.parent), "ab") as log:
        if sys.platform == "win32":
            flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, creationflags=flags
            )
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
        )
