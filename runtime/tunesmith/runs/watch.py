"""Which runs there are, and which of them changed: from their folders alone, at the cost of a few stats a look."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tunesmith.runs.cached import CachedRun, CachedRuns, Stamp, is_settled, stamp_of
from tunesmith.runs.folder import RunFolder, StoredState
from tunesmith.runs.state import RunState

QUIET_AT_ONCE = 50  # ended runs looked at in one look: a thousand of them cost no more than fifty
ALIVE_S = 1.0  # how often a run with a worker is asked whether that still lives
EXPECTED_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A run that appeared, changed or is `gone` (deleted); `state` is the last that was seen of it. `turns`: it is new,
    gone, or its status is another one."""

    run: RunFolder
    state: RunState
    gone: bool = False
    turns: bool = True


class _Watched:
    """What was seen of one run at the last look."""

    def __init__(self, run: CachedRun) -> None:
        self.run = run
        self.stored: StoredState | None = None
        self.state: RunState | None = None
        self.asked = 0.0

    def has_changed(self, now: float) -> bool:
        stored = self.run.stored_state()
        if stored == self.stored and (stored.state.ended or now - self.asked < ALIVE_S):
            return False
        self.stored, self.asked = stored, now
        before, self.state = self.state, self.run.as_seen(stored)
        return self.state != before


class RunsWatch:
    """Looks at `runs`. Not for several threads at once.

    Runs with a worker, and those that wait for one, are looked at every time; ended ones in turns, so that one which
    was resumed elsewhere shows after a few looks. `clock` counts seconds from any origin.
    """

    def __init__(
        self, runs: CachedRuns, *, quiet_at_once: int = QUIET_AT_ONCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._runs, self._quiet_at_once, self._clock = runs, quiet_at_once, clock
        self._listed: Stamp | None = None
        self._watched: dict[str, _Watched] = {}
        self._turn: list[str] = []  # ended runs that are still to be looked at in this round
        self._expected: dict[str, float] = {}

    def state(self, run_id: str) -> RunState | None:
        """The state of a run as it was last seen."""
        watched = self._watched.get(run_id)
        return None if watched is None else watched.state

    def expect(self, run_id: str) -> None:
        """Look at this run every time for a while: somebody is about to change it."""
        self._expected[run_id] = self._clock() + EXPECTED_S

    def look(self) -> list[Change]:
        """What changed since the last look; at the first one, every run is new."""
        changes = self._list()
        now = self._clock()
        self._expected = {name: until for name, until in self._expected.items() if until > now}
        for watched in self._due():
            before = watched.state
            if watched.has_changed(now) and watched.state is not None:
                turns = before is None or before.status != watched.state.status
                changes.append(Change(run=watched.run, state=watched.state, turns=turns))
        return changes

    def _list(self) -> list[Change]:
        """Runs that are gone; new ones become known, and are due."""
        listed = stamp_of(str(self._runs.root))
        if listed == self._listed:
            return []
        now_ns = time.time_ns()
        runs = {run.id: run for run in self._runs.all()}
        self._listed = listed if is_settled([listed], now_ns) else None
        gone = [watched for name, watched in self._watched.items() if name not in runs]
        self._watched = {name: self._watched_one(run) for name, run in runs.items()}
        return [Change(run=watched.run, state=watched.state, gone=True) for watched in gone if watched.state]

    def _watched_one(self, run: CachedRun) -> _Watched:
        """Where the folder of runs was replaced by another one, all of it is new."""
        known = self._watched.get(run.id)
        return known if known is not None and known.run == run else _Watched(run)

    def _due(self) -> list[_Watched]:
        awake: list[_Watched] = []
        quiet: list[str] = []
        for name, watched in self._watched.items():
            if watched.state is None or not watched.state.ended or name in self._expected:
                awake.append(watched)
            else:
                quiet.append(name)
        if not self._turn:
            self._turn = quiet
        now, self._turn = self._turn[: self._quiet_at_once], self._turn[self._quiet_at_once :]
        asleep = set(quiet)
        return awake + [self._watched[name] for name in now if name in asleep]
