"""The server's process, from its first to its last moment."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.server.logs import start_log

if TYPE_CHECKING:
    from tunesmith.server.hub import Hub


def over_stdio(*, verbose: bool) -> int:
    """Serve the client on standard input and output; returns the exit status."""
    with _imports():
        from tunesmith.server.transport.stdio import serve_stdio, take_stdio
        from tunesmith.server.transport.token_file import USUAL, remove_stale

    incoming, outgoing = take_stdio()
    remove_stale(Path.cwd() / USUAL)

    async def serve(hub: Hub) -> int:
        return await serve_stdio(hub, incoming, outgoing)

    return _run(serve, verbose=verbose)


def over_tcp(*, port: int, token_file: Path, verbose: bool) -> int:
    """Serve clients on the loopback interface until the process gets a signal to end; returns the exit status."""
    with _imports():
        from tunesmith.server.transport.tcp import serve_tcp

    async def serve(hub: Hub) -> int:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as KeyboardInterrupt
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
        return await serve_tcp(hub, port=port, token_file=token_file, stop=stop)

    return _run(serve, verbose=verbose)


def _run(serve: Callable[[Hub], Awaitable[int]], *, verbose: bool) -> int:
    log_file = start_log(verbose=verbose)

    from tunesmith.server.hub import Hub

    async def whole() -> int:
        hub = Hub(log_file=log_file)
        try:
            return await serve(hub)
        finally:
            await hub.close()

    if sys.platform == "win32":  # the other loop of Windows knows no subprocesses
        asyncio.set_event_loop_policy(asyncio.WindowsProactorEventLoopPolicy())
    return asyncio.run(whole())


@contextlib.contextmanager
def _imports() -> Iterator[None]:
    """Classes by the thousand are made here. Looking for garbage less often takes a tenth off the start; what is here
    to stay is not looked at again."""
    gc.set_threshold(20_000, 20, 20)
    yield
    gc.freeze()
