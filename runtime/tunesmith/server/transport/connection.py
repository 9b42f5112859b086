"""One client's connection: bytes in through the frames to the dispatch, answers out through the outbox."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from lsprotocol import types

from tunesmith.errors import TunesmithError
from tunesmith.server.client_server import ClientServer
from tunesmith.server.dispatch import Dispatch
from tunesmith.server.document_features import watch_files
from tunesmith.server.editor.features import register
from tunesmith.server.hub import Hub
from tunesmith.server.transport.outbox import FULL, Outbox
from tunesmith.server.transport.wire import Fault, Frames

log = logging.getLogger(__name__)
PATIENCE_S = 2.0


class TunesmithServer(ClientServer):
    """The server for one client, with everything declared that it can do."""

    protocol: Dispatch

    def __init__(self, hub: Hub, outbox: Outbox) -> None:
        super().__init__(hub, outbox, answering=Dispatch)
        _declare(self)
        self.documents = register(self)
        self.session.at_trust(self.documents.again)

    # --- life

    async def take(self, frames: Frames, data: bytes) -> bool:
        """Handle what these bytes complete; False where the connection must end. Waits where nothing is read."""
        for found in frames.feed(data):
            if isinstance(found, Fault):
                self.protocol.refuse(None, found.code, found.text)
                if found.fatal:
                    return False
                continue
            self.protocol.receive(found)
            if self.ended.is_set():
                return False
            # Lets what was begun go on, and a flood of messages not starve everything else.
            await asyncio.sleep(0)
            await self.outbox.below(FULL)
        return not self.outbox.gone

    async def serve(self, read: Callable[[], Awaitable[bytes]], first: bytes = b"") -> int:
        """Handle messages until the client says exit or is gone; returns the exit code."""
        frames = Frames()
        ended = asyncio.create_task(self.ended.wait(), name="end of the connection")
        try:
            data = first
            while True:
                if data and not await self.take(frames, data):
                    break
                reading = asyncio.ensure_future(read())
                await asyncio.wait((reading, ended), return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    reading.cancel()
                    break
                data = reading.result()
                if not data:
                    break
        finally:
            ended.cancel()
            await self.finish()
        code = self.protocol.exit_code
        return code if code is not None else int(not self.protocol.shut_down)

    async def finish(self) -> None:
        """End what is still being answered, and the session."""
        for future in list(self.protocol.requests()):
            future.cancel()
        tasks = [future for future in self.protocol.requests() if isinstance(future, asyncio.Task)]
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.session.close()
        await self.outbox.close(patience_s=PATIENCE_S)


def _declare(server: TunesmithServer) -> None:
    """What pygls must know of LSP's own methods (it marks the functions themselves, so they cannot be methods)."""

    @server.feature(types.INITIALIZED)
    async def begin(params: types.InitializedParams) -> None:
        with suppress(TunesmithError):  # runs outside of the workspace: the first request about them says so
            _ = server.session.live  # from here on
        await watch_files(server)
