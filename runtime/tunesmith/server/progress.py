"""`$/progress` for what takes longer than half a second, on the client's token or on one that the server creates."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol
from uuid import uuid4

AFTER_S = 0.5
EVERY_S = 1.0


class Client(Protocol):
    """What progress needs of a client's connection."""

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        ...

    async def create_progress(self, token: str) -> bool:
        """Ask the client for a place to show progress; False where it has none."""
        ...

    def keep_up(self) -> bool:
        """Whether the client takes what it is sent."""
        ...


class Progress:
    """The progress of one request. `say` may be called from the loop at any time; nothing is sent before it is due."""

    def __init__(self, client: Client, title: str, token: str | int | None) -> None:
        self._client, self._title, self._token = client, title, token
        self._message = ""
        self._begun = False

    def say(self, message: str) -> None:
        """What is being done now."""
        self._message = message

    async def watch(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Show the progress until cancelled: begin, a message every second."""
        began = clock()
        await asyncio.sleep(AFTER_S)
        if self._token is None:
            token = f"tunesmith-{uuid4()}"
            if not await self._client.create_progress(token):
                return
            self._token = token
        self._send({"kind": "begin", "title": self._title, "cancellable": True})
        self._begun = True
        while True:
            await asyncio.sleep(EVERY_S)
            if self._client.keep_up():
                prefix = f"{self._message} " if self._message else ""
                self._send({"kind": "report", "message": f"{prefix}{clock() - began:.0f} s", "cancellable": True})

    def end(self, message: str) -> None:
        """Take the display away, where there is one."""
        if self._begun:
            self._send({"kind": "end", "message": message})

    def _send(self, value: dict[str, Any]) -> None:
        self._client.notify("$/progress", {"token": self._token, "value": value})

    @property
    def token(self) -> str | int | None:
        """The token under which the client knows it."""
        return self._token
