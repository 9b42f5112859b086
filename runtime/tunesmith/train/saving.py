"""When checkpoints are written, which of them stay, and what happens when the disk is full."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from tunesmith.contracts.training import Recorder
from tunesmith.errors import Place, TunesmithError
from tunesmith.shortages import is_disk_full
from tunesmith.train.checkpoint import State, name_of, step_of
from tunesmith.train.snapshot import Writer

RETRY_S = 1.0

Kept = Callable[[], AbstractContextManager[Collection[int] | None]]


class Saver:
    """Writes a run's checkpoints under `folder`, keeping the newest `keep`, the best, and those that a user keeps.

    `kept()` says which steps a user keeps, and nobody changes that while its block lasts; None: it cannot tell now.
    `sync_recorded()` makes the run's numbers durable, on the writing thread, before a checkpoint counts.
    `disk_full(message)` and `disk_free()` are called when the run waits for room, and when it goes on. `behind`
    the training, or while it waits.
    """

    def __init__(
        self,
        folder: Path,
        *,
        keep: int,
        recorder: Recorder,
        sync_recorded: Callable[[], None],
        disk_full: Callable[[str], None],
        disk_free: Callable[[], None],
        kept: Kept = lambda: nullcontext(()),
        behind: bool = True,
    ) -> None:
        self._folder, self._keep, self._kept, self._recorder = folder, keep, kept, recorder
        self._disk_full, self._disk_free = disk_full, disk_free
        self._writer = Writer(sync_recorded, behind=behind)
        self._pending: tuple[int, str, int | None] | None = None
        self._best_step: int | None = None

    def save(
        self,
        state: Callable[[], State],
        reason: str,
        best: Mapping[str, Any] | None,
        give_up: Callable[[], bool],
        *,
        stays: bool = False,
    ) -> None:
        """Take the `state` now; it is written in the background. Waits for the write before this one as `finish` does.

        `stays`: nothing changes the state until `finish` has returned, so that it need not be copied.
        """
        self.finish(give_up)
        taken = state()
        self._best_step = int(best["step"]) if best else None
        self._pending = (taken.step, reason, self._best_step)
        self._writer.take(self._folder / name_of(taken.step), taken, stays=stays)

    def finish(self, give_up: Callable[[], bool]) -> None:
        """Until the checkpoint under way is on the disk; waits for room where the disk is full.

        `give_up` is asked about once a second while waiting. Raises TunesmithError run.disk-full when it says so, and
        train.spoilt-weights where a weight was not finite: no checkpoint is made of that.
        """
        if self._pending is None:
            return
        self._writer.wait()
        step, reason, best_step = self._pending
        try:
            written = self._writer.done()
        except TunesmithError:
            self._pending = None
            raise
        except OSError as error:
            if not is_disk_full(error):
                raise
            self.guard(lambda: self._writer.retry(self._folder / name_of(step)), give_up, error)
            written = self._writer.done()
        self._pending = None
        self._recorder.event("checkpoint", step=step, bytes=written[1], reason=reason)
        self._forget({best_step, self._best_step})

    def wait(self) -> None:
        """Until the checkpoint under way is on the disk, or could not be written; raises nothing."""
        self._writer.wait()

    def tend(self, give_up: Callable[[], bool]) -> None:
        """Between two steps: report a checkpoint that has been written in the meantime, as `finish` does."""
        if self._pending is not None and not self._writer.busy:
            self.finish(give_up)

    def guard(self, write: Callable[[], None], give_up: Callable[[], bool], error: OSError | None = None) -> None:
        """Call `write`; while the disk is full, wait for room and call it again.

        Raises TunesmithError run.disk-full when `give_up` says so, and other OSErrors as they are.
        """
        waited = False
        while True:
            try:
                if error is None:
                    write()
                    break
                raise error
            except OSError as failed:
                if not is_disk_full(failed):
                    raise
                error = None
                if not waited:
                    waited = True
                    self._disk_full(_message(self._folder, failed))
                if give_up():
                    raise TunesmithError(
                        "run.disk-full",
                        _message(self._folder, failed),
                        place=Place(file=self._folder),
                        hint="make room, then `tunesmith resume`: everything up to the last checkpoint is kept",
                    ) from failed
                time.sleep(RETRY_S)
        if waited:
            self._disk_free()

    def _forget(self, needed: set[int | None]) -> None:
        """Delete what is older than the newest `keep`, but neither the best nor what a user keeps.

        Where nobody can tell what that is, all of it stays until the next checkpoint.
        """
        folders = sorted(
            (folder for folder in self._folder.glob("step-*") if folder.name[5:].isdigit()), key=step_of, reverse=True
        )
        old = [folder for folder in folders[self._keep :] if step_of(folder) not in needed]
        if not old:
            return
        with self._kept() as kept:
            going = [folder for folder in old if kept is not None and step_of(folder) not in kept]
            # Out of sight first: a kill in the middle must not leave half a checkpoint under its name.
            hidden = [folder.rename(folder.with_name(f".{folder.name}.tmp")) for folder in going]
        for folder in hidden:
            shutil.rmtree(folder, ignore_errors=True)

    def clean(self) -> None:
        """Remove what a killed process left half written or half deleted."""
        for folder in self._folder.glob(".*.tmp"):
            shutil.rmtree(folder, ignore_errors=True)


def _message(folder: Path, error: OSError) -> str:
    try:
        free = f"{shutil.disk_usage(folder).free / 1e6:.0f} MB are free there"
    except OSError:
        free = "how much is free there cannot be read"
    return f"the disk is full: {error.strerror or error} under {folder} ({free}); the run waits for room"
