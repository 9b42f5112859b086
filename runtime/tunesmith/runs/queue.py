"""`.tunesmith/queue.json`: which runs wait for the device, in which order, and how many may train at a time.

Waiting runs are ordinary runs that nobody has launched yet. Whoever is there launches them: the server, the worker that
ends, the command line; one at a time, under a lock, so that none is launched twice.

The file is obeyed only where this user wrote it at this place (see `seal`): one that came with a project launches
nothing. Whether somebody acted on a run since it was added is known from the number of its state, never from a clock.
"""

from __future__ import annotations

import json
import logging
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any

from tunesmith.errors import Place, Problem, TunesmithError
from tunesmith.files import read_regular, remove_stale, write_atomic
from tunesmith.runs.cached import CachedRuns
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.launch import WORKER, resume
from tunesmith.runs.lock import exclusive, hold
from tunesmith.runs.seal import is_sealed, seal
from tunesmith.runs.state import ACTIVE, RunState, read_launched
from tunesmith.trust import NO_CODE

log = logging.getLogger(__name__)

MOST_PARALLEL = 64
MOST_BYTES = 16 << 20
# In the environment of a worker of a project that is not trusted: it launches no other run when it ends, and imports
# nothing of the project.
UNTRUSTED = {"TUNESMITH_HANDS_ON": "0", **NO_CODE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A run that waits since `added` (seconds since 1970), when its state had the number `at`; its worker gets
    `environment` beside our own."""

    run: str
    added: float
    at: int
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What the file holds: how many runs may train at a time, and who waits, the next one first. `problem`: why the
    file that is there is not obeyed, and counts as empty."""

    parallel: int = 1
    waiting: tuple[Entry, ...] = ()
    problem: Problem | None = None

    @property
    def ids(self) -> list[str]:
        return [entry.run for entry in self.waiting]


class RunQueue:
    """The queue of the runs under `root`. Every method may be called by several processes at once; where another one
    holds the queue for long, those that change it raise TunesmithError run.queue-held."""

    def __init__(
        self,
        root: Path,
        *,
        known: CachedRuns | None = None,
        worker: Sequence[str] = WORKER,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._root, self._worker, self._now = root, worker, now
        self._known = known or CachedRuns(root)
        self._file = root.parent / "queue.json"
        self._own: set[str] = set()  # what was added here
        self._problem: Problem | None = None  # what was wrong with the file at the last look
        self._launched: list[subprocess.Popen[bytes]] = []
        self._lock = Lock()

    @property
    def file(self) -> Path:
        """Changes whenever the queue does."""
        return self._file

    def read(self) -> Queue:
        """Who waits. A file that cannot be read, or that this user did not write here, counts as an empty queue; the
        next change puts it aside."""
        try:
            content = read_regular(self._file, most=MOST_BYTES, inside=self._file.parent)
            return _decode(self._file, content)
        except FileNotFoundError:
            return Queue()
        except _ForeignError:
            problem = Problem(
                code="run.foreign-queue",
                message="this queue was not written by you, on this machine and at this place: none of it is started",
                place=Place(file=self._file),
                hint="tunesmith queue --add RUN lets a run of yours wait; the file is put aside then",
                severity="warning",
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
            problem = Problem(
                code="run.damaged-queue",
                message=f"the queue cannot be read and counts as empty: {error}",
                place=Place(file=self._file),
                hint="the next change of the queue puts the file aside",
                severity="warning",
            )
        if problem != self._problem:  # once, not at every look
            log.warning("%s", problem)
        self._problem = problem
        return Queue(problem=problem)

    def add(self, run: RunFolder, *, environment: Mapping[str, str] | None = None) -> int:
        """Let `run`, new or to be resumed, wait for its turn. Returns its place, from 1; a run that waits keeps its."""
        with self._alone():
            queue = self.read()
            at = run.stored_state().state.number
            entry = Entry(run=run.id, added=self._now(), at=at, environment=environment or {})
            self._own.add(run.id)
            if run.id not in queue.ids:
                queue = replace(queue, waiting=(*queue.waiting, entry))
                self._write(queue)
            return queue.ids.index(run.id) + 1

    def move(self, run_id: str, position: int) -> Queue:
        """Give a waiting run another place, from 1; beyond the end is the end. Raises TunesmithError run.not-queued."""
        with self._alone():
            queue = self.read()
            entry = self._entry(queue, run_id)
            others = [other for other in queue.waiting if other is not entry]
            others.insert(max(0, position - 1), entry)
            queue = replace(queue, waiting=tuple(others))
            self._write(queue)
        return queue

    def cancel(self, run_id: str) -> Queue:
        """Take a waiting run out; one that never began counts as stopped. Raises TunesmithError run.not-queued."""
        with self._alone():
            queue = self.read()
            entry = self._entry(queue, run_id)
            queue = replace(queue, waiting=tuple(other for other in queue.waiting if other is not entry))
            self._write(queue)
            run = RunFolder(self._root / run_id)
            state = run.state() if run.job_file.exists() else None
            if state is not None and state.status == "queued" and _waits(entry, run, state):
                with hold(run, brief=True):
                    run.set_state("stopped", message="taken out of the queue before it began")
        return queue

    def set_parallel(self, parallel: int) -> Queue:
        """From now on let so many runs train at a time (1 to 64)."""
        with self._alone():
            queue = replace(self.read(), parallel=min(max(1, parallel), MOST_PARALLEL))
            self._write(queue)
        return queue

    def occupying(self) -> list[RunFolder]:
        """The runs whose worker is at it, whoever launched it; oldest first.

        One that paused because the disk is full still is. A run that has not changed since the last call costs a stat.
        """
        return [run for run in self._known.all() if is_at_it(run, run.state())]

    def launch_next(self, *, leaving: str = "", only_own: bool = False) -> list[RunFolder]:
        """Launch waiting runs while there is room for them; returns which. `leaving` is a run whose worker ends now.

        `only_own`: of a project that is not trusted, only what was added through this object, and its workers launch
        no other run in their turn. Runs that are gone, or that somebody acted on since they were added, leave the
        queue.
        """
        with self._lock:
            self._launched = [worker for worker in self._launched if worker.poll() is None]  # none stays a zombie
        if not self.read().waiting:
            return []
        launched: list[RunFolder] = []
        with self._alone():
            queue = self.read()
            room = queue.parallel - sum(1 for run in self.occupying() if run.id != leaving)
            left = list(queue.waiting)
            try:
                for entry in queue.waiting:
                    run = RunFolder(self._root / entry.run)
                    if not run.job_file.exists() or not _waits(entry, run, run.state()):
                        left.remove(entry)
                    elif len(launched) < room and (entry.run in self._own or not only_own):
                        # Written behind the launch: killed in between, the next one finds the run launched.
                        if self._launch(run, entry, UNTRUSTED if only_own else {}):
                            launched.append(run)
                        left.remove(entry)
            finally:
                if len(left) < len(queue.waiting):
                    self._write(replace(queue, waiting=tuple(left)))
        return launched

    def _launch(self, run: RunFolder, entry: Entry, environment: Mapping[str, str]) -> bool:
        try:
            launched = resume(run, worker=self._worker, environment={**entry.environment, **environment})
            with self._lock:
                self._launched.append(launched)
        except (OSError, TunesmithError) as error:  # somebody holds it, or it is damaged: then it does not wait
            log.warning("%s", error)
            return False
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with exclusive(self._file.with_suffix(".lock")):
                yield
        except TimeoutError:
            raise TunesmithError(
                "run.queue-held",
                "another process has been changing the queue for seconds",
                place=Place(file=self._file),
                hint="try again; if that does not help, end the process that holds queue.lock",
            ) from None

    def _entry(self, queue: Queue, run_id: str) -> Entry:
        for entry in queue.waiting:
            if entry.run == run_id:
                return entry
        raise TunesmithError(
            "run.not-queued",
            f"run {run_id} does not wait",
            place=Place(file=self._file),
            allowed=queue.ids[:10],
            hint="tunesmith queue lists the runs that wait",
        )

    def _write(self, queue: Queue) -> None:
        """Write what was made of the queue that was read just now; what cannot be obeyed is put aside."""
        if queue.problem is not None:
            name = "queue.foreign.json" if queue.problem.code == "run.foreign-queue" else "queue.damaged.json"
            self._file.replace(self._file.with_name(name))
        body = {
            "parallel": queue.parallel,
            "waiting": [
                {"run": entry.run, "added": entry.added, "at": entry.at, "environment": dict(entry.environment)}
                for entry in queue.waiting
            ],
        }
        remove_stale(self._file.parent)
        whole = {**body, "seal": seal(self._file, body)}
        write_atomic(self._file, json.dumps(whole, indent=2) + "\n", private=True)


def is_at_it(run: RunFolder, state: RunState) -> bool:
    """Whether a worker of `run` is alive, or about to be, so that it needs the device."""
    if state.status in ACTIVE:
        return True
    if state.status == "queued":
        return read_launched(run.launched_file) is not None
    process = state.process
    return state.status == "paused" and process is not None and process.is_here() and process.is_alive()


def _waits(entry: Entry, run: RunFolder, state: RunState) -> bool:
    """Whether nobody has acted on the run since it was added."""
    return not is_at_it(run, state) and state.status != "finished" and state.number == entry.at


class _ForeignError(Exception):
    """A queue that somebody else wrote, or that was written elsewhere."""


def _decode(file: Path, content: bytes) -> Queue:
    """Raises _ForeignError, and for what is no queue ValueError, TypeError, KeyError and their like."""
    found: Any = json.loads(content)
    if not is_sealed(file, {key: value for key, value in found.items() if key != "seal"}, found.get("seal")):
        raise _ForeignError
    return Queue(
        parallel=min(max(1, int(found["parallel"])), MOST_PARALLEL),
        waiting=tuple(
            Entry(
                run=str(item["run"]),
                added=float(item["added"]),
                at=int(item["at"]),
                environment={str(key): str(value) for key, value in item["environment"].items()},
            )
            for item in found["waiting"]
        ),
    )
