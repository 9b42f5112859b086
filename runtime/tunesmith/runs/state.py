"""`state.json`: what a run is doing, replaced as a whole, with a checksum against flipped bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from math import isfinite
from pathlib import Path
from typing import Any, Literal, cast, get_args

from tunesmith import guarded
from tunesmith.files import read_regular
from tunesmith.runs.process import Process, is_pid

Status = Literal["queued", "preparing", "running", "paused", "finished", "failed", "stopped", "lost"]
ACTIVE: frozenset[str] = frozenset({"preparing", "running"})
ENDED: frozenset[str] = frozenset({"paused", "finished", "failed", "stopped", "lost"})
MOST_BYTES = 1 << 20  # of a state, or of a note on a process
MOST_COUNT = 1 << 53
MOST_MOMENT_S = 253_402_000_000  # in the year 9999
SILENT_S = 600.0  # a run of another machine that said nothing for so long counts as lost


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """One moment of a run. Times are seconds since 1970, `best` is {"metric", "value", "step"} or None. `number` grows
    by one with every state that is written, whatever the clock says.

    `lost` is never stored: readers conclude it from a process that is gone. `extra` holds fields that this version
    does not know; `damage` says, where state.json was damaged, how, and that the state came from the events instead.
    """

    status: Status
    name: str = ""
    pid: int | None = None
    process_started: float | None = None
    process_mark: str = ""
    host: str = ""
    created: float = 0.0
    updated: float = 0.0
    number: int = 0
    step: int = 0
    total_steps: int | None = None
    epoch: float = 0.0
    best: Mapping[str, Any] | None = None
    message: str = ""
    device: str = ""
    memory_mb: float | None = None
    samples_per_second: float | None = None
    eta_s: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    damage: str = ""

    @property
    def nothing_learnt(self) -> str:
        """Why a training that went to its end changed nothing; empty where it did, or did not end."""
        found = self.extra.get("nothing_learnt")
        return found if isinstance(found, str) else ""

    @property
    def doubts(self) -> tuple[str, ...]:
        """What readers of the run's figures must know about its training."""
        found = self.extra.get("doubts")
        return tuple(text for text in found if isinstance(text, str)) if isinstance(found, (list, tuple)) else ()

    @property
    def warning_count(self) -> int:
        """How many warnings about its data and its training must be read beside its figures."""
        of_data = self.extra.get("data_warnings")
        return (of_data if isinstance(of_data, int) and _is_count(of_data) else 0) + len(self.doubts)

    @property
    def process(self) -> Process | None:
        """The worker, where there is or was one."""
        if self.pid is None:
            return None
        return Process(pid=self.pid, started=self.process_started, host=self.host, mark=self.process_mark)

    @property
    def ended(self) -> bool:
        """Whether no worker is at it (any more); `queued` is before the end."""
        return self.status in ENDED

    def to_mapping(self) -> dict[str, Any]:
        """All fields, JSON-able, unknown ones included."""
        known = {item.name: getattr(self, item.name) for item in fields(self) if item.name not in ("extra", "damage")}
        return {**known, **self.extra}

    def changed(self, status: Status, changes: Mapping[str, Any]) -> RunState:
        """This state with `changes`; names that are no field go to `extra`."""
        known = {key: value for key, value in changes.items() if key in CHANGING}
        extra = {**self.extra, **{key: value for key, value in changes.items() if key not in CHANGING}}
        return replace(self, status=status, damage="", extra=extra, **known)


def at_work(process: Process) -> dict[str, Any]:
    """The fields that say which worker is at it."""
    return {
        "pid": process.pid,
        "process_started": process.started,
        "process_mark": process.mark,
        "host": process.host,
    }


CHANGING = frozenset(item.name for item in fields(RunState)) - {"extra", "damage", "status"}
STATUSES = frozenset(get_args(Status))


def is_moment(value: Any) -> bool:
    """Whether `value` is seconds since 1970 that a calendar knows."""
    return _is_real(value) and 0 <= value <= MOST_MOMENT_S


def is_figure(value: Any) -> bool:
    """Whether `value` is a number, or the word for one that JSON cannot carry (see `files.finite`)."""
    return _is_real(value) or value in ("NaN", "Infinity", "-Infinity")


def _is_real(value: Any) -> bool:
    return type(value) in (int, float) and isfinite(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MOST_COUNT


def _is_best(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    return _is_text(value.get("metric")) and _is_count(value.get("step")) and is_figure(value.get("value"))


# What a field may hold beside None, where that is its default.
_FITS: Mapping[str, Callable[[Any], bool]] = {
    "name": _is_text,
    "pid": is_pid,
    "process_started": _is_real,
    "process_mark": _is_text,
    "host": _is_text,
    "created": is_moment,
    "updated": is_moment,
    "number": _is_count,
    "step": _is_count,
    "total_steps": _is_count,
    "epoch": _is_real,
    "best": _is_best,
    "message": _is_text,
    "device": _is_text,
    "memory_mb": _is_real,
    "samples_per_second": _is_real,
    "eta_s": _is_real,
}
_MAY_BE_NONE = frozenset(item.name for item in fields(RunState) if item.default is None)


def from_mapping(found: Mapping[str, Any]) -> RunState:
    """The inverse of `to_mapping`. Raises guarded.DamagedFileError where a field holds what it cannot."""
    status = found.get("status")
    if not isinstance(status, str) or status not in STATUSES:
        raise guarded.DamagedFileError(f"unknown status {status!r:.40}")
    known: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for key, value in found.items():
        fits = _FITS.get(key)
        if fits is None:
            extra[key] = value
        elif (value is None and key in _MAY_BE_NONE) or fits(value):
            known[key] = value
        else:
            raise guarded.DamagedFileError(f"{key} cannot be {value!r:.40}")
    extra.pop("status")
    return RunState(status=cast(Status, status), extra=extra, **known)


def encode(state: RunState) -> bytes:
    """The file's content: indented JSON whose last field is the checksum of the others."""
    return guarded.encode(state.to_mapping())


def decode(content: bytes) -> RunState:
    """The inverse of `encode`. Raises guarded.DamagedFileError."""
    return from_mapping(guarded.decode(content, required=True))


def from_events(events: list[dict[str, Any]], damage: str) -> RunState:
    """The last state in the events, for a run whose state.json is damaged."""
    for number in range(len(events) - 1, -1, -1):
        event = events[number]
        if event.get("kind") == "state":
            known = {key: value for key, value in event.items() if key not in ("kind", "time", "seconds")}
            steps = [later["step"] for later in events[number:] if isinstance(later.get("step"), int)]
            known |= {"step": max(steps, default=0), "updated": event.get("time", 0.0)}
            try:
                return replace(from_mapping(known), damage=damage)
            except guarded.DamagedFileError:
                continue
    return RunState(status="lost", message="nothing says what this run was doing", damage=damage)


def as_seen(state: RunState, launched: Process | None, now: float) -> RunState:
    """What a reader shows: `lost` where state says that a worker is at it, but that worker is gone.

    `launched` is the worker that the last `run` or `resume` started, which counts until it has said itself who it is.
    """
    process = launched if state.status == "queued" else state.process
    if state.status == "queued" and process is None:
        return state  # waits for somebody to launch it
    if state.status not in ACTIVE and state.status != "queued":
        return state
    if process is None:
        return replace(state, status="lost", message="no process is known to run it")
    if process.is_here():
        gone = not process.is_alive()
    else:
        gone = now - state.updated > SILENT_S
    if not gone:
        return state
    where = "" if process.is_here() else f" on {process.host}"
    return replace(state, status="lost", message=f"its process {process.pid}{where} is gone")


def read_launched(path: Path) -> Process | None:
    """Who was launched last (`launched.json`), or None."""
    try:
        return Process.from_mapping(guarded.decode(read_regular(path, inside=path.parent, most=MOST_BYTES)))
    except (OSError, ValueError, KeyError, TypeError):
        return None
