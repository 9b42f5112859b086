"""The server on standard input and output, which belong to the protocol alone."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

from tunesmith.server.hub import Hub
from tunesmith.server.transport.connection import TunesmithServer
from tunesmith.server.transport.outbox import Outbox, to_descriptor

CHUNK = 1 << 16


def take_stdio() -> tuple[int, int]:
    """Descriptors of the client's two pipes. From now on whoever prints, prints to standard error, and whoever reads
    standard input, in this process or in a child, finds it empty."""
    sys.stdout.flush()
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    if sys.platform == "win32":  # where text would have its line ends changed
        import msvcrt

        for handle in (incoming, outgoing):
            msvcrt.setmode(handle, os.O_BINARY)
    return incoming, outgoing


async def serve_stdio(hub: Hub, incoming: int, outgoing: int) -> int:
    """Serve the one client; returns the exit code."""
    server = TunesmithServer(hub, Outbox(to_descriptor(outgoing)))
    pipe = _Pipe(incoming)
    return await server.serve(pipe.read)


class _Pipe:
    """Reads a descriptor in a thread of its own, one chunk ahead at most."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._loop = asyncio.get_running_loop()
        self._chunks: asyncio.Queue[bytes] = asyncio.Queue(maxsize=2)
        threading.Thread(target=self._work, name="stdin", daemon=True).start()

    async def read(self) -> bytes:
        """The next bytes; none at the end."""
        return await self._chunks.get()

    def _work(self) -> None:
        while True:
            try:
                data = os.read(self._handle, CHUNK)
            except OSError:
                data = b""
            try:
                asyncio.run_coroutine_threadsafe(self._chunks.put(data), self._loop).result()
            except (RuntimeError, asyncio.CancelledError):  # the loop has ended
                return
            if not data:
                return
