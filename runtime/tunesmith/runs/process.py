"""Who runs: a process is known by its id, the moment it started (ids are used again) and its host.

The moment in seconds since 1970 is worked out from the clock, and moves where the clock is set: by the network, or
after a sleep of the machine. Linux also reports it in a way that stays, the `mark`.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

MOST_PID = 1 << 32
CLOCK_TOLERANCE_S = 2.0  # the kernel's notion of the boot time moves by up to a second when the clock is set


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """`started` is seconds since 1970, None where the system does not say; `mark` is the same moment by a clock that
    nobody sets: which boot, and how many ticks after it. It is empty where the system has none."""

    pid: int
    started: float | None
    host: str
    mark: str = ""

    @staticmethod
    def current() -> Process:
        """The calling process."""
        return Process.of(os.getpid())

    @staticmethod
    def of(pid: int) -> Process:
        """Another process of this machine."""
        started, mark = _start(pid) or (None, "")
        return Process(pid=pid, started=started, host=socket.gethostname(), mark=mark)

    @staticmethod
    def from_mapping(found: Mapping[str, Any]) -> Process:
        """The inverse of `to_mapping`. Raises KeyError, TypeError or ValueError for what is none."""
        started, pid = found["started"], found["pid"]
        if not is_pid(pid):
            raise ValueError(f"{pid!r:.40} is no process id")
        return Process(
            pid=pid,
            started=None if started is None else float(started),
            host=str(found["host"]),
            mark=str(found.get("mark", "")),
        )

    def to_mapping(self) -> dict[str, Any]:
        """JSON, for files that say who is at it."""
        return {"pid": self.pid, "started": self.started, "host": self.host, "mark": self.mark}

    def is_here(self) -> bool:
        """Whether it would run on this machine: of others nothing can be known."""
        return self.host == socket.gethostname()

    def is_alive(self) -> bool:
        """Whether this very process still runs here (a zombie, dead but not yet collected, does not)."""
        found = _start(self.pid)
        if found is None:
            return False
        started, mark = found
        if self.mark and mark:
            return self.mark == mark
        return self.started is None or abs(started - self.started) <= CLOCK_TOLERANCE_S


def is_pid(value: Any) -> bool:
    """Whether a process of any system could have that id."""
    return type(value) is int and 0 < value < MOST_PID


def _start(pid: int) -> tuple[float, str] | None:
    """When process `pid` started, as `started` and `mark`, or None where there is none (any more)."""
    if sys.platform == "linux":
        return _start_on_linux(pid)
    import psutil

    try:
        process = psutil.Process(pid)
        started = float(process.create_time())
        return None if process.status() == psutil.STATUS_ZOMBIE else (started, "")
    except psutil.Error:
        return None


def _start_on_linux(pid: int) -> tuple[float, str] | None:
    """What psutil says, without its import, which costs a worker 40 ms before its first step."""
    try:
        # The name, in brackets, may hold anything; the state is the first field behind it, the start the 20th.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        booted = next(line for line in Path("/proc/stat").read_bytes().splitlines() if line.startswith(b"btime "))
    except (OSError, StopIteration):
        return None
    if fields[0] in (b"Z", b"X"):
        return None
    ticks, boot = int(fields[19]), _boot()
    return int(booted[6:]) + ticks / os.sysconf("SC_CLK_TCK"), f"{boot}:{ticks}" if boot else ""


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""
