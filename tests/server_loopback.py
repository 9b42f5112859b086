"""A real server on the loopback interface, and clients of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server_client import Client, eventually
from tunesmith.python_process import module_command


class Caller(Client):
    """A client over a socket, which may be misused."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        stream: Any = connection.makefile("rwb")
        super().__init__(stream, stream)

    def _listen(self) -> None:
        try:
            super()._listen()
        except (OSError, ValueError):
            self.ended = True

    def vanish(self) -> None:
        """Be gone without a goodbye: the connection is reset, as by a crash."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.shutdown(socket.SHUT_RD)
        os.close(self.socket.detach())


@dataclass
class Listening:
    """A server's process and what its token file says."""

    process: subprocess.Popen[bytes]
    token_file: Path
    told: dict[str, Any]
    patience: float

    def connect(self) -> socket.socket:
        return socket.create_connection((self.told["host"], self.told["port"]), timeout=self.patience)

    def client(self, folder: Path, **options: Any) -> Caller:
        """A client that has shaken hands."""
        made = Caller(self.connect())
        made.initialize(folder, token=self.told["token"], **options)
        return made


def _told_by(token_file: Path) -> int | None:
    """The process whose token stands there; a killed one may have left its own."""
    return json.loads(token_file.read_text())["pid"] if token_file.exists() else None


@contextmanager
def listening(folder: Path, patience: float = 30) -> Iterator[Listening]:
    """A server that ends well on SIGTERM within `patience` seconds: exit status 0, no traceback, token file gone."""
    token_file = folder / "server.json"
    process = subprocess.Popen(
        module_command("tunesmith", "serve", "--tcp", "0", "--token-file", str(token_file)),
        cwd=folder,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    complaints: list[bytes] = []
    hearing = threading.Thread(target=lambda: complaints.extend(process.stderr or ()), daemon=True)
    hearing.start()
    try:
        eventually(lambda: _told_by(token_file) == process.pid or process.poll() is not None)
        assert process.poll() is None, complaints
        yield Listening(process, token_file, json.loads(token_file.read_text()), patience)
        assert process.poll() is None, complaints
        process.send_signal(signal.SIGTERM)
        assert process.wait(patience) == 0
        hearing.join(10)
        assert [line for line in complaints if b"Traceback" in line or b"ERROR" in line] == []
        assert not token_file.exists()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
