"""A pygls server for one client, as those know it who declare features on it and answer requests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol

from tunesmith import __version__
from tunesmith.runs.process import Process
from tunesmith.server.client_support import Client
from tunesmith.server.documents import Documents
from tunesmith.server.hub import Hub
from tunesmith.server.progress import Progress
from tunesmith.server.session import Session
from tunesmith.server.transport.outbox import READY, Outbox

log = logging.getLogger(__name__)
PARENT_S = 5.0  # how often the server looks whether its parent is there


class ClientServer(LanguageServer):
    """Features of the editor are declared on it; ours come from `methods/`, through `answering`.

    `documents` are the texts that the client has open; whoever makes the server sets them.
    """

    documents: Documents

    def __init__(self, hub: Hub, outbox: Outbox, *, answering: type[LanguageServerProtocol]) -> None:
        super().__init__("tunesmith", __version__, protocol_cls=answering)
        self.outbox = outbox
        self.ended = asyncio.Event()
        self.raw_options: Any = None
        self.working: dict[Progress, asyncio.Task[Any]] = {}
        self.session = Session(hub, notify=self.notify, keep_up=self.keep_up)

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

    async def end_with_parent(self, parent: Process) -> None:
        """End where the process that started us is gone. Its pipes may be held open by others that it left behind."""
        while parent.is_alive():
            await asyncio.sleep(PARENT_S)
        log.info("the process %s that started the server is gone", parent.pid)
        self.ended.set()
