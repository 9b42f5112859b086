"""Who runs: a process is known by its id, the moment it started (ids are used again) and its host."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

CLOCK_TOLERANCE_S = 2.0  # the kernel's notion of the boot time moves by up to a second when the clock is set


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """`started` is seconds since 1970; None where the system does not say."""

    pid: int
    started: float | None
    host: str

    @staticmethod
    def current() -> Process:
        """The calling process."""
        return Process(pid=os.getpid(), started=_started(os.getpid()), host=socket.gethostname())

    @staticmethod
    def of(pid: int) -> Process:
        """Another process of this machine."""
        return Process(pid=pid, started=_started(pid), host=socket.gethostname())

    def is_here(self) -> bool:
        """Whether it would run on this machine: of others nothing can be known."""
        return self.host == socket.gethostname()

    def is_alive(self) -> bool:
        """Whether this very process still runs here (a zombie, dead but not yet collected, does not)."""
        found = _started(self.pid)
        if found is None:
            return False
        return self.started is None or abs(found - self.started) <= CLOCK_TOLERANCE_S


def _started(pid: int) -> float | None:
    """When process `pid` started, in seconds since 1970, or None where there is none (any more)."""
    if sys.platform == "linux":
        return _started_linux(pid)
    import psutil

    try:
        process = psutil.Process(pid)
        started = float(process.create_time())
        return None if process.status() == psutil.STATUS_ZOMBIE else started
    except psutil.Error:
        return None


def _started_linux(pid: int) -> float | None:
    """What psutil says, without its import, which costs a worker 40 ms before its first step."""
    try:
        # The name, in brackets, may hold anything; the state is the first field behind it, the start the 20th.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        booted = next(line for line in Path("/proc/stat").read_bytes().splitlines() if line.startswith(b"btime "))
    except (OSError, StopIteration):
        return None
    if fields[0] in (b"Z", b"X"):
        return None
    return int(booted[6:]) + int(fields[19]) / os.sysconf("SC_CLK_TCK")
