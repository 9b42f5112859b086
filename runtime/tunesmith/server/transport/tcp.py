"""The server on the loopback interface, for clients that have the token.

Any program of this machine, and any web page in a browser, can open a connection to a local port. So the first message
must be `initialize` with the token, which stands in a file that only the user can read. A browser cannot send that: it
begins with a line of HTTP, and a connection that begins with anything but our headers is dropped without a word.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import secrets
from pathlib import Path
from typing import Any

from tunesmith.server.hub import Hub
from tunesmith.server.transport.connection import TunesmithServer
from tunesmith.server.transport.outbox import Outbox
from tunesmith.server.transport.token_file import make_room, withdraw, write_token_file
from tunesmith.server.transport.wire import Fault, Frames

log = logging.getLogger(__name__)
HANDSHAKE_S = 10.0
LARGEST_HANDSHAKE = 1 << 20
CHUNK = 1 << 16
MOST_CLIENTS = 32
MOST_WAITING = 64
"""Connections that have not said yet who they are. One more takes the place of the oldest: a web page can open many,
and must keep nobody out."""


async def serve_tcp(hub: Hub, *, port: int, token_file: Path, stop: asyncio.Event) -> int:
    """Serve any number of clients until `stop` is set. `port` 0 takes a free one; it is in the token file.

    Raises TunesmithError server.token-file-in-use.
    """
    make_room(token_file)
    token = secrets.token_urlsafe(32)
    waiting: dict[asyncio.Task[None], None] = {}  # in the order in which they came
    clients: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # asyncio makes one for each connection
        if len(waiting) >= MOST_WAITING:
            next(iter(waiting)).cancel()
        waiting[task] = None
        try:
            first = await _first_message(reader, token)
            del waiting[task]
            if not first or len(clients) >= MOST_CLIENTS:
                log.warning("a connection was dropped: %s", "too many clients" if first else "it had no token")
                return
            clients.add(task)
            await _serve_one(hub, first, reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            log.info("a client went away")
        finally:
            waiting.pop(task, None)
            clients.discard(task)
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    write_token_file(token_file, server.sockets[0].getsockname()[1], token)
    try:
        await stop.wait()
    finally:
        withdraw(token_file, token)
        server.close()
        tasks = [*waiting, *clients]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return 0


async def _first_message(reader: asyncio.StreamReader, token: str) -> bytes:
    """What `_handshake` gives; nothing where it takes too long."""
    try:
        return await asyncio.wait_for(_handshake(reader, token), HANDSHAKE_S)
    except asyncio.TimeoutError:
        return b""


async def _serve_one(hub: Hub, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    loop = asyncio.get_running_loop()

    def write(data: bytes) -> None:
        asyncio.run_coroutine_threadsafe(_write(writer, data), loop).result()

    connection = TunesmithServer(hub, Outbox(write))
    await connection.serve(lambda: reader.read(CHUNK), first)


async def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def _handshake(reader: asyncio.StreamReader, token: str) -> bytes:
    """The first message and what came with it, if it has the token; else nothing."""
    seen = b""
    frames = Frames(largest_body=LARGEST_HANDSHAKE)
    while True:
        data = await reader.read(CHUNK)
        seen += data
        if not data or len(seen) > LARGEST_HANDSHAKE or not _begins_like_ours(seen):
            return b""
        for found in frames.feed(data):
            return seen if not isinstance(found, Fault) and _has_token(found, token) else b""


def _begins_like_ours(seen: bytes) -> bool:
    head = b"content-"
    return seen[: len(head)].lower() == head[: len(seen)]


def _has_token(body: bytes, token: str) -> bool:
    try:
        message: Any = json.loads(body)
        given = message["params"]["initializationOptions"]["token"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    good = isinstance(message, dict) and message.get("method") == "initialize" and isinstance(given, str)
    return good and hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
