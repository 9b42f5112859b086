"""Which checkpoints stay: the newest, the best, and those that a user keeps.

A user's mark is an empty file, `checkpoints/step-N.keep`: beside the checkpoint, so that one which is written anew has
it still. Whoever marks, and the worker while it prunes, shut each other out: a mark that was set holds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from tunesmith.errors import Place, TunesmithError
from tunesmith.files import is_folder, names_in, open_handle, sync_folder
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.lock import exclusive

MARK = re.compile(r"step-(\d{1,18})\.keep")
LOCK = "lock"
WAIT_S = 0.2  # a worker waits so long for somebody who is just marking; then it prunes with its next checkpoint
NEWEST, BEST, USER = "newest", "best", "user"


def keep(run: RunFolder, step: int) -> None:
    """From now on the checkpoint at `step` is not deleted, however many newer ones are written. Durable at return.

    Raises TunesmithError run.no-such-checkpoint, or run.held where somebody else has been marking for seconds.
    """
    folder = run.checkpoints_folder
    mark = folder / f"step-{step}.keep"
    run.refuse_odd_folders()
    with _alone(run):
        if not is_folder(mark.with_suffix("")):
            raise no_such_checkpoint(run, f"step-{step}")
        handle = open_handle(mark, os.O_RDWR | os.O_CREAT, inside=run.path)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    sync_folder(folder)


def release(run: RunFolder, step: int) -> None:
    """The checkpoint at `step` goes like any other again. Durable at return.

    Raises TunesmithError run.no-such-checkpoint where there is neither a checkpoint nor a mark.
    """
    run.refuse_odd_folders()
    folder = run.checkpoints_folder
    mark = folder / f"step-{step}.keep"
    if not os.path.lexists(mark) and not mark.with_suffix("").is_dir():
        raise no_such_checkpoint(run, f"step-{step}")
    mark.unlink(missing_ok=True)
    sync_folder(folder)


def marked(run: RunFolder) -> frozenset[int]:
    """The steps that a user keeps."""
    names = map(MARK.fullmatch, names_in(run.checkpoints_folder, inside=run.path))
    return frozenset(int(name[1]) for name in names if name)


@contextmanager
def pruning(run: RunFolder) -> Iterator[frozenset[int] | None]:
    """The steps that a user keeps, and until the block ends nobody marks another one.

    None where somebody is marking for long, or the folder cannot be read: nothing may be deleted then.
    """
    with ExitStack() as stack:
        kept = None
        with suppress(OSError):
            stack.enter_context(exclusive(run.checkpoints_folder / LOCK, wait_s=WAIT_S))
            kept = marked(run)
        yield kept


@contextmanager
def _alone(run: RunFolder) -> Iterator[None]:
    try:
        with exclusive(run.checkpoints_folder / LOCK):
            yield
    except TimeoutError:
        raise TunesmithError(
            "run.held",
            f"another process has been marking checkpoints of run {run.id} for seconds",
            place=Place(file=run.checkpoints_folder / LOCK),
            hint="try again",
        ) from None


def reasons(
    run: RunFolder, *, settings: Mapping[str, Any], best: Mapping[str, Any] | None
) -> dict[int, tuple[str, ...]]:
    """Why each checkpoint stays, by step, newest first: some of NEWEST, BEST, USER.

    One without a reason goes with the next that is written. `settings` are those of the frozen job.
    """
    steps = [int(folder.name[5:]) for folder in run.checkpoints()]
    count = settings.get("checkpoints.keep")
    newest = steps[: max(0, count)] if isinstance(count, int) else []
    kept = marked(run) if steps else frozenset()
    best_step = best.get("step") if best else None

    def why(step: int) -> tuple[str, ...]:
        holds = {NEWEST: step in newest, BEST: step == best_step, USER: step in kept}
        return tuple(reason for reason, is_so in holds.items() if is_so)

    return {step: why(step) for step in steps}


def step_named(run: RunFolder, text: str) -> int:
    """The step that a user means by `400`, `step-400`, `best` or `newest`.

    Raises TunesmithError run.no-such-checkpoint where that is none of these, or there is no best or newest one.
    """
    there = run.checkpoints()
    if text == NEWEST and there:
        return int(there[0].name[5:])
    best = run.state().best
    if text == BEST and best:
        return int(best["step"])
    number = text.removeprefix("step-")
    if number.isascii() and number.isdecimal() and len(number) <= 18:
        return int(number)
    raise no_such_checkpoint(run, text)


def no_such_checkpoint(run: RunFolder, wanted: str) -> TunesmithError:
    """The error that names the checkpoints there are."""
    there = tuple(folder.name for folder in run.checkpoints())
    return TunesmithError(
        "run.no-such-checkpoint",
        f"run {run.id} has no such checkpoint" if there else f"run {run.id} has no checkpoint yet",
        place=Place(file=run.path),
        found=wanted,
        allowed=there,
    )
