"""One client's connection: bytes in through the frames to the dispatch, answers out through the outbox."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from tunesmith import __version__
from tunesmith.errors import TunesmithError
from tunesmith.runs.process import Process
from tunesmith.server.client_support import Client
from tunesmith.server.dispatch import Dispatch
from tunesmith.server.documents import watch_files
from tunesmith.server.editor.features import register
from tunesmith.server.hub import Hub
from tunesmith.server.progress import Progress
from tunesmith.server.session import Session
from tunesmith.server.transport.outbox import FULL, READY, Outbox
from tunesmith.server.transport.wire import Fault, Frames

log = logging.getLogger(__name__)
PATIENCE_S = 2.0
PARENT_S = 5.0  # how often the server looks whether its parent is there


class TunesmithServer(LanguageServer):
    """A pygls server for one client. Features of the editor are declared on it; ours come from `methods/`."""

    protocol: Dispatch

    def __init__(self, hub: Hub, outbox: Outbox) -> None:
        super().__init__("tunesmith", __version__, protocol_cls=Dispatch)
        self.outbox = outbox
        self.ended = asyncio.Event()
        self.raw_options: Any = None
        self.working: dict[Progress, asyncio.Task[Any]] = {}
        self.session = Session(hub, notify=self.notify, keep_up=self.keep_up)
        _declare(self)
        self.documents = register(self)
        self.session.at_trust(self.documents.again)

    @cached_property
    def client(self) -> Client:
        """What the client can read; asked for once it is initialized."""
        return Client(self.client_capabilities)

    # --- what progress needs

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self.protocol.notify(method, params)

    def publish(self, uri: str, version: int | None, diagnostics: Sequence[dict[str, Any]]) -> None:
        """Show these findings of a document, and no others."""
        params = {"uri": uri, "version": version, "diagnostics": self.client.diagnostics(diagnostics)}
        self.notify(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)

    def keep_up(self) -> bool:
        """Whether the client takes what it is sent."""
        return self.outbox.pending < READY

    async def create_progress(self, token: str) -> bool:
        """Ask the client for a place to show progress."""
        window = self.client_capabilities.window
        if window is None or not window.work_done_progress:
            return False
        try:
            await self.window_work_done_progress_create_async(types.WorkDoneProgressCreateParams(token=token))
        except Exception as error:  # noqa: BLE001 - the client's refusal; there is simply no progress then
            log.debug("no progress: %s", error)
            return False
        return True

    def cancel_progress(self, token: str | int) -> None:
        """The user pressed cancel beside a progress bar."""
        for progress, task in self.working.items():
            if progress.token == token:
                task.cancel()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """To the log; the client gets its answer anyway."""
        log.error("pygls: %s", error, exc_info=error)

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

    async def end_with_parent(self, parent: Process) -> None:
        """End where the process that started us is gone. Its pipes may be held open by others that it left behind."""
        while parent.is_alive():
            await asyncio.sleep(PARENT_S)
        log.info("the process %s that started the server is gone", parent.pid)
        self.ended.set()

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
