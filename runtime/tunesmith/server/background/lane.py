"""One helper process and the calls that wait for it.

A lane starts its process with the first call, does one call at a time and starts another process after a crash. Each
call has a deadline and can be cancelled; a process that goes on after its caller is gone is ended and replaced.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunesmith.errors import InvalidJob, TunesmithError, problem_from
from tunesmith.python_process import OWN_FOLDER, module_command
from tunesmith.server.background.frames import LARGEST, LENGTH, frame, message

log = logging.getLogger(__name__)

ENDING_S = 1.0  # a process that has closed its pipe ends by itself within this time


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a lane behaves.

    `queue`: calls that may wait; one more, and the oldest is refused as busy. `grace_s`: how long a call
    that nobody waits for any more may go on (its process has costly memories). `idle_s`: the process ends after so much
    idleness; None keeps it.
    """

    queue: int = 16
    grace_s: float = 5.0
    idle_s: float | None = None


@dataclass(slots=True)
class _Call:
    function: str
    arguments: Mapping[str, Any]
    answer: asyncio.Future[Any]


class Lane:
    """A queue with one process behind it. All methods belong to one event loop."""

    def __init__(self, name: str, habits: Habits) -> None:
        self.name = name
        self._habits = habits
        self._waiting: deque[_Call] = deque()
        self._process: asyncio.subprocess.Process | None = None
        self._worker: asyncio.Task[None] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._count = 0
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process that serves this lane now; None before the first call and after a crash."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def ask(self, function: str, arguments: Mapping[str, Any], *, timeout_s: float) -> Any:
        """What `module:function(**arguments)` returns in the helper process (JSON values in and out).

        Raises the function's own TunesmithError, and server.busy, server.timeout, server.background-ended (the process
        died, or the server ends) and server.background-failed (a bug).
        """
        if self._closed:
            raise self._error("server.background-ended", "the server is ending")
        if len(self._waiting) >= self._habits.queue:
            busy = self._error("server.busy", "newer requests took the place of this one", function)
            _fail(self._waiting.popleft().answer, busy)
        call = _Call(function, arguments, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name=f"lane {self.name}")
        try:
            return await asyncio.wait_for(call.answer, timeout_s)
        except asyncio.TimeoutError:
            raise self._error("server.timeout", f"no answer within {timeout_s:g} seconds", function) from None
        finally:
            if call in self._waiting:
                self._waiting.remove(call)

    async def close(self) -> None:
        """End the process and fail what waits."""
        self._closed = True
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        while self._waiting:
            _fail(self._waiting.popleft().answer, self._error("server.background-ended", "the server is ending"))
        await self._end()

    async def _work(self) -> None:
        """Do what waits, one call after the other; then let the process rest."""
        if self._idle is not None:
            self._idle.cancel()
        while self._waiting:
            call = self._waiting.popleft()
            if call.answer.done():
                continue
            try:
                await self._do(call)
            except asyncio.CancelledError:
                _fail(call.answer, self._error("server.background-ended", "the server is ending"))
                raise
        if self._habits.idle_s is not None:
            self._idle = asyncio.get_running_loop().call_later(self._habits.idle_s, self._rest)

    def _rest(self) -> None:
        if self._worker is not None and self._worker.done():
            self._worker = asyncio.create_task(self._end_idle(), name=f"lane {self.name} ends")

    async def _end_idle(self) -> None:
        await self._end()
        await self._work()

    async def _do(self, call: _Call) -> None:
        """One call: its answer, or the end of the process that gave none."""
        self._count += 1
        try:
            asked = frame({"id": self._count, "function": call.function, "arguments": dict(call.arguments)})
            process = await self._running()
        except (OSError, ValueError, TypeError) as error:
            _fail(call.answer, self._error("server.background-failed", f"{error}", call.function))
            return
        talk = asyncio.create_task(_talk(process, asked))
        try:
            await asyncio.wait((talk, call.answer), return_when=asyncio.FIRST_COMPLETED)
            if not talk.done():  # nobody waits for the answer any more
                await asyncio.wait((talk,), timeout=self._habits.grace_s)
        finally:
            if not talk.done():
                talk.cancel()
                await asyncio.gather(talk, return_exceptions=True)
                await self._end()
        if talk.cancelled():
            return
        if (broken := talk.exception()) is not None:
            code = await self._end(ENDING_S)
            log.warning("the helper process for %s ended with status %s: %s", self.name, code, broken)
            reason = f"the helper process for {self.name} ended with status {code}"
            _fail(call.answer, self._error("server.background-ended", reason, call.function))
        elif not call.answer.done():
            self._settle(call, talk.result())

    def _settle(self, call: _Call, answer: Mapping[str, Any]) -> None:
        if "failed" in answer:
            _fail(call.answer, self._error("server.background-failed", answer["failed"], call.function))
        elif "problems" in answer:
            _fail(call.answer, InvalidJob([problem_from(fields) for fields in answer["problems"]]))
        else:
            call.answer.set_result(answer["result"])

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *module_command("tunesmith.server.background"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                cwd=OWN_FOLDER,
            )
        return self._process

    async def _end(self, by_itself_s: float = 0.0) -> int | None:
        """Wait until the process, if there is one, is gone, and kill it where it is not `by_itself_s` from now.

        Returns its status. A kill may take that of a process that has just ended before asyncio reads it: then it is
        lost, and asyncio says 255.
        """
        process, self._process = self._process, None
        if process is None:
            return None
        try:
            return await asyncio.wait_for(process.wait(), by_itself_s)
        except asyncio.TimeoutError:
            try:
                process.kill()
            except ProcessLookupError:
                log.debug("the helper process for %s was gone already", self.name)
        return await process.wait()

    def _error(self, code: str, reason: str, function: str = "") -> TunesmithError:
        return TunesmithError(code, reason, found=function)


async def _talk(process: asyncio.subprocess.Process, asked: bytes) -> dict[str, Any]:
    """Send a call and wait for its answer. Raises OSError or EOFError where the process ends before."""
    if process.stdin is None or process.stdout is None:
        raise ConnectionError("the process has no pipes")
    process.stdin.write(asked)
    await process.stdin.drain()
    length = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))[0]
    if length > LARGEST:
        raise ConnectionError(f"an answer of {length} bytes is too large")
    return message(await process.stdout.readexactly(length))


def _fail(answer: asyncio.Future[Any], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
