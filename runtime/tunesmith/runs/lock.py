"""`lock`: one process at a time acts on a run. The system frees the lock of a dead process; the file only says who."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import Place, TunesmithError
from tunesmith.files import open_handle, read_regular
from tunesmith.guarded import parse
from tunesmith.runs.process import Process
from tunesmith.runs.state import MOST_BYTES, is_moment

if TYPE_CHECKING:
    from tunesmith.runs.folder import RunFolder

BRIEF_S = 5.0  # how long to wait for a holder who only hands the run over
LOCKED_BYTE = 1 << 30  # Windows locks ranges, and locked ones cannot be read: lock one that is far behind the text


@contextmanager
def hold(run: RunFolder, *, command: str = "", brief: bool = False) -> Iterator[None]:
    """Be the only one that acts on `run` until the block ends or the process does.

    `command` says what for. `brief` holders finish within moments (a launcher that hands over to its worker): others
    wait for them. Raises TunesmithError run.held with who holds it.
    """
    run.refuse_odd_folders()
    path = run.path / "lock"
    handle = open_handle(path, os.O_RDWR | os.O_CREAT, inside=run.path)
    released = _Held(handle)
    try:
        _take(path, handle, run.id)
        _write_holder(handle, command or _this_command(), brief=brief)
        yield
    finally:
        released.release()


@contextmanager
def exclusive(path: Path, *, wait_s: float = BRIEF_S) -> Iterator[None]:
    """Be the only one, of all processes and threads, inside of the lock file `path`; for moments only.

    Raises TimeoutError where another one stays for longer than `wait_s`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = open_handle(path, os.O_RDWR | os.O_CREAT, inside=path.parent)
    try:
        deadline = time.monotonic() + wait_s
        while not _try(handle):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} is held by another process")
            time.sleep(0.01)
        yield
    finally:
        os.close(handle)


class _Held:
    """The open lock file. A forked child closes its copy, else it would keep a dead worker's lock."""

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._close)

    def release(self) -> None:
        if self._handle is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, 0)
        self._close()

    def _close(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


def _take(path: Path, handle: int, run_id: str) -> None:
    deadline = time.monotonic() + BRIEF_S
    while not _try(handle):
        who = holder(path)
        if who and _is_here(who) and not Process.from_mapping(who).is_alive():
            who = None  # the text of one who died: the new holder is about to write its own
        if time.monotonic() < deadline and (who is None or who.get("brief")):
            time.sleep(0.01)
            continue
        raise lock_held(path, run_id, who or {})


def lock_held(path: Path, run_id: str, who: dict[str, Any]) -> TunesmithError:
    """The error for a second process, with who holds the lock."""
    since = who.get("since") if is_moment(who.get("since")) else None
    holder = f"process {who['pid']}" if who.get("pid") else "another process"
    holder += f" on {who['host']}" if who.get("host") and not _is_here(who) else ""
    holder += f" ({who['command']})" if who.get("command") else ""
    holder += f" since {datetime.fromtimestamp(since):%Y-%m-%d %H:%M:%S}" if since is not None else ""
    return TunesmithError(
        "run.held",
        f"run {run_id} is held by {holder}",
        place=Place(file=path),
        hint=f"wait for it, or end it first: tunesmith stop {run_id}",
    )


def _is_here(who: dict[str, Any]) -> bool:
    return Process(pid=0, started=None, host=str(who.get("host"))).is_here()


def holder(path: Path) -> dict[str, Any] | None:
    """Who wrote that they hold it: pid, host, command, since. They may have died since then."""
    try:
        found: dict[str, Any] = parse(read_regular(path, inside=path.parent, most=MOST_BYTES))
        Process.from_mapping(found)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found


def _write_holder(handle: int, command: str, *, brief: bool) -> None:
    text = json.dumps({**Process.current().to_mapping(), "command": command, "since": time.time(), "brief": brief})
    # A full disk must not keep anyone from holding a run: the lock holds without the text.
    with contextlib.suppress(OSError):
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, text.encode() + b"\n")


def _this_command() -> str:
    program = Path(sys.argv[0])
    is_worker = "worker" in (program.stem, program.parent.name)
    return "its worker" if is_worker else " ".join(["tunesmith", *sys.argv[1:]])


def _system_lock() -> Callable[[int], bool]:
    if sys.platform == "win32":
        import msvcrt

        def lock_byte(handle: int) -> bool:
            os.lseek(handle, LOCKED_BYTE, os.SEEK_SET)
            try:
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            except OSError:
                return False
            return True

        return lock_byte

    import fcntl

    def lock_file(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    return lock_file


_try = _system_lock()
