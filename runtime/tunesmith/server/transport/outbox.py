"""What the server sends. Sending never waits; a sender of much looks first at how much has not gone out yet."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import Callable

FULL = 16 << 20
"""Bytes. With so much waiting the server reads no further request of this client."""
READY = 256 << 10
"""Bytes. With less than this waiting the client keeps up."""


class Outbox:
    """Bytes on their way to one client, written in order by a thread of its own, so that a client that does not read
    stops nobody. `write` is a blocking call that sends all it is given, and raises OSError where the client is gone.
    """

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Condition()
        self._waiting: deque[bytes] = deque()
        self._pending = 0
        self._closed = False
        self._changed = asyncio.Event()
        self.gone = False  # the client does not take anything any more
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)
        self._thread.start()

    @property
    def pending(self) -> int:
        """Bytes that the client has not taken yet."""
        return self._pending

    def send(self, data: bytes) -> None:
        """Queue `data`. Dropped where the client is gone."""
        with self._lock:
            if self._closed or self.gone:
                return
            self._waiting.append(data)
            self._pending += len(data)
            self._lock.notify()

    async def below(self, size: int) -> None:
        """Wait until fewer than `size` bytes are pending, or the client is gone."""
        while self._pending >= size and not self.gone:
            self._changed.clear()
            if self._pending >= size and not self.gone:
                await self._changed.wait()

    async def close(self, *, patience_s: float) -> None:
        """Send what is queued, for so long at most, and take nothing more."""
        try:
            await asyncio.wait_for(self.below(1), patience_s)
        except asyncio.TimeoutError:
            self.gone = True
        with self._lock:
            self._closed = True
            self._lock.notify()

    def _work(self) -> None:
        while True:
            with self._lock:
                while not self._waiting and not self._closed:
                    self._lock.wait()
                if not self._waiting:
                    return
                data = b"".join(self._waiting)
                self._waiting.clear()
            try:
                self._write(data)
            except (OSError, ValueError):
                self.gone = True
            with self._lock:
                self._pending = 0 if self.gone else self._pending - len(data)
            if not self._tell():
                return

    def _tell(self) -> bool:
        try:
            self._loop.call_soon_threadsafe(self._changed.set)
        except RuntimeError:  # the loop has ended
            return False
        return not self.gone


def to_descriptor(handle: int) -> Callable[[bytes], None]:
    """Writing to a file descriptor, whole."""

    def write(data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(handle, left[: 1 << 20]) :]

    return write
