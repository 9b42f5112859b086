"""Which runs there are, and which of them changed: from their folders alone, at the cost of a few stats a look."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tunesmith.runs.commands import SETTLED_NS
from tunesmith.runs.folder import RunFolder, all_runs
from tunesmith.runs.state import RunState

QUIET_AT_ONCE = 50  # ended runs looked at in one look: a thousand of them cost no more than fifty
ALIVE_S = 1.0  # how often a run with a worker is asked whether that still lives
EXPECTED_S = 10.0

Signature = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A run that appeared, changed or is `gone` (deleted); `state` is the last that was seen of it."""

    run: RunFolder
    state: RunState
    gone: bool = False


class _Known:
    """What was seen of one run at the last look."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self.state: RunState | None = None
        self.signature: tuple[Signature, Signature] | None = None
        self.asked = 0.0


class RunsWatch:
    """Looks at the runs under `root`. Not for several threads at once.

    Runs with a worker, and those that wait for one, are looked at every time; ended ones in turns, so that one which
    was resumed elsewhere shows after a few looks. `clock` counts seconds from any origin.
    """

    def __init__(
        self, root: Path, *, quiet_at_once: int = QUIET_AT_ONCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._root, self._quiet_at_once, self._clock = root, quiet_at_once, clock
        self._root_seen: int | None = None
        self._known: dict[str, _Known] = {}
        self._turn: list[str] = []  # ended runs that are still to be looked at in this round
        self._expected: dict[str, float] = {}

    def states(self) -> dict[str, RunState]:
        """The state of every run as it was last seen, oldest run first."""
        return {name: known.state for name, known in self._known.items() if known.state is not None}

    def expect(self, run_id: str) -> None:
        """Look at this run every time for a while: somebody is about to change it."""
        self._expected[run_id] = self._clock() + EXPECTED_S

    def look(self) -> list[Change]:
        """What changed since the last look; at the first one, every run is new."""
        changes = self._list()
        now = self._clock()
        self._expected = {name: until for name, until in self._expected.items() if until > now}
        for name in self._due():
            known = self._known.get(name)
            if known is not None and self._has_changed(known, now) and known.state is not None:
                changes.append(Change(run=known.run, state=known.state))
        return changes

    def _list(self) -> list[Change]:
        """Runs that are gone; new ones become known, and are due."""
        try:
            changed = self._root.stat().st_mtime_ns
        except OSError:
            changed = 0
        if changed == self._root_seen:
            return []
        runs = {run.id: run for run in all_runs(self._root)}
        # A folder's time may be too coarse to tell two changes apart: only an old one says that nothing is new.
        self._root_seen = changed if time.time_ns() - changed > SETTLED_NS else None
        gone = [known for name, known in self._known.items() if name not in runs]
        self._known = {name: self._known.get(name) or _Known(run) for name, run in runs.items()}
        return [Change(run=known.run, state=known.state, gone=True) for known in gone if known.state is not None]

    def _due(self) -> list[str]:
        awake: list[str] = []
        quiet: list[str] = []
        for name, known in self._known.items():
            lively = known.state is None or not known.state.ended or name in self._expected
            (awake if lively else quiet).append(name)
        if not self._turn:
            self._turn = quiet
        now, self._turn = self._turn[: self._quiet_at_once], self._turn[self._quiet_at_once :]
        asleep = set(quiet)
        return awake + [name for name in now if name in asleep]

    def _has_changed(self, known: _Known, now: float) -> bool:
        signature = (_signature(known.run.state_file), _signature(known.run.path / "launched.json"))
        lives = known.state is not None and not known.state.ended
        if signature == known.signature and not (lives and now - known.asked >= ALIVE_S):
            return False
        known.signature, known.asked = signature, now
        before, known.state = known.state, known.run.state()
        return known.state != before


def _signature(path: Path) -> Signature:
    """Changes whenever the file is replaced or written."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
