"""A process of its own for what others wrote: bounded in time and memory, and ended when it goes beyond.

Chat templates and the files of a tokenizer are data, but reading them is a computation that their author chose: a
template may loop for ever or fill the memory. Such work is done here, where it can be killed.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import threading
import time
import weakref
from typing import IO, Any, Literal

from tunesmith.errors import is_failure
from tunesmith.python_process import OWN_FOLDER, code_command

Limit = Literal["time", "memory", "crash"]

LOOK_S = 0.05
"""How often the process's memory is looked at; where the system can limit it, that holds at once."""
START = "from tunesmith.confined import serve; serve({function!r}, {memory!r})"


class BeyondLimits(Exception):
    """The process was ended: it took longer or more memory than it may, or it died by itself (`crash`)."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(limit)
        self.limit: Limit = limit


class RefusedRequest(Exception):
    """The function raised: `kind` is the exception's class, the text its message."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Confined:
    """Calls `module:function` (one JSON value in, one out) in a process that starts with the first call and stays.

    `time_s` is the most that one call may take, start included; `memory_bytes` the most that the process may hold.
    """

    def __init__(self, function: str, *, time_s: float, memory_bytes: int) -> None:
        self._function, self._time_s, self._memory = function, time_s, memory_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def ask(self, request: Any) -> Any:
        """The function's answer. Raises RefusedRequest for what it raises, BeyondLimits where it had to be ended."""
        with self._lock:
            process = self._started()
            watch = _Watch(process, time_s=self._time_s, memory_bytes=self._memory)
            try:
                answer = _exchange(process, request)
            finally:
                limit = watch.end()
            if answer is None:
                self._end()
                raise BeyondLimits(limit or "crash")
        if "error" in answer:
            raise RefusedRequest(*answer["error"])
        return answer["value"]

    def close(self) -> None:
        """End the process; a later call starts another."""
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._end()  # somebody else ended it, such as a Ctrl-C that reached every process of the terminal
        if self._process is None:
            code = START.format(function=self._function, memory=self._memory)
            self._process = subprocess.Popen(
                code_command(code),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=OWN_FOLDER,
                env={**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONIOENCODING": "utf-8"},
            )
            weakref.finalize(self, _stop, self._process)
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            _stop(self._process)
            self._process = None


def _exchange(process: subprocess.Popen[bytes], request: Any) -> dict[str, Any] | None:
    """What the process answers; None where it died over it."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        line = process.stdout.readline()
        found: dict[str, Any] = json.loads(line)
    except (OSError, ValueError):
        return None
    return found


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            pipe.close()  # type: ignore[union-attr]
    process.wait()


class _Watch:
    """Kills the process once a call lasts too long or its memory grows too large."""

    def __init__(self, process: subprocess.Popen[bytes], *, time_s: float, memory_bytes: int) -> None:
        self._process, self._memory = process, memory_bytes
        self._deadline = time.monotonic() + time_s
        self._limit: Limit | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> Limit | None:
        """Stop watching; the limit that was passed, if one was."""
        self._over.set()
        self._thread.join()
        return self._limit

    def _look(self) -> None:
        import psutil

        while not self._over.wait(LOOK_S):
            if time.monotonic() > self._deadline:
                self._limit = "time"
            else:
                with contextlib.suppress(psutil.Error):
                    if psutil.Process(self._process.pid).memory_info().rss > self._memory:
                        self._limit = "memory"
            if self._limit is not None:
                self._process.kill()
                return


def serve(function: str, memory_bytes: int) -> None:
    """The process: answers one JSON line a request, until its standard input ends."""
    _limit_memory(memory_bytes)
    module, _, name = function.partition(":")
    call = getattr(importlib.import_module(module), name)
    answers: IO[bytes] = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints must not stand among the answers
    for line in sys.stdin.buffer:
        try:
            answer: dict[str, Any] = {"value": call(json.loads(line))}
        except BaseException as error:  # the caller gets it
            if not is_failure(error):
                raise
            answer = {"error": [type(error).__name__, " ".join(str(error).split())]}
        try:
            answers.write(json.dumps(answer).encode() + b"\n")
        except MemoryError:
            answers.write(b'{"error": ["MemoryError", ""]}\n')
        answers.flush()


def _limit_memory(memory_bytes: int) -> None:
    """Let the system refuse what is beyond the limit, where it can (not on macOS and Windows)."""
    if sys.platform != "linux":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
