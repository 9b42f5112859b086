"""A client of a real `tunesmith serve`, as small as a client can be: requests, answers, notifications."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from support import wait_until
from tunesmith.python_process import module_command


class RefusedError(Exception):
    """The server answered with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.number: int = error["code"]
        self.data: dict[str, Any] = error.get("data") or {}
        self.code: str = self.data.get("code", "")


class Client:
    """Speaks over two streams. Everything the server says is kept: answers by id, the rest in order."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self.answers: dict[Any, dict[str, Any]] = {}
        self.told: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.ended = False
        self._count = 0
        self.answer_requests = True
        self._reads = threading.Event()
        self._reads.set()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while self._reads.wait():
            length = None
            while (line := self._incoming.readline().strip()) or length is None:
                if not line and length is None and not self._incoming.peek(1):
                    self.ended = True
                    return
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            message = json.loads(self._incoming.read(length))
            if "method" not in message:
                self.answers[message["id"]] = message
            elif "id" in message:
                self.asked.append(message)
                if self.answer_requests:
                    self.send({"id": message["id"], "result": None})
            else:
                self.told.append(message)

    def stop_reading(self) -> None:
        """Take nothing more than the message that is on its way."""
        self._reads.clear()

    def go_on_reading(self) -> None:
        self._reads.set()

    def raw(self, data: bytes) -> None:
        self._outgoing.write(data)
        self._outgoing.flush()

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def begin(self, method: str, params: Any = None) -> int:
        """Ask, and return the request's number at once."""
        self._count += 1
        self.send({"id": self._count, "method": method, "params": params})
        return self._count

    def answer(self, number: Any, timeout_s: float = 300.0) -> Any:
        """The result of a request. Raises RefusedError."""
        found = wait_until(lambda: self.answers.get(number) or (self.ended and {"error": ENDED}), timeout_s)
        if "error" in found:
            raise RefusedError(found["error"])
        return found["result"]

    def ask(self, method: str, params: Any = None, timeout_s: float = 300.0) -> Any:
        return self.answer(self.begin(method, params), timeout_s)

    def tell(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def heard(self, method: str) -> list[dict[str, Any]]:
        """Parameters of the notifications of this kind, oldest first."""
        return [message["params"] for message in list(self.told) if message["method"] == method]

    def initialize(
        self,
        folder: Path,
        *,
        locale: str | None = None,
        capabilities: dict[str, Any] | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        uri = folder.resolve().as_uri()
        capabilities = MODERN if capabilities is None else capabilities
        params = {"processId": os.getpid(), "rootUri": uri, "capabilities": capabilities, "locale": locale}
        found = self.ask("initialize", {**params, "initializationOptions": options})
        self.tell("initialized", {})
        return found


MARKDOWN = ["markdown", "plaintext"]
MODERN = {
    "window": {"workDoneProgress": True},
    "workspace": {"workspaceEdit": {"documentChanges": True}},
    "textDocument": {
        "hover": {"contentFormat": MARKDOWN},
        "completion": {
            "completionItem": {"documentationFormat": MARKDOWN, "insertTextModeSupport": {"valueSet": [1, 2]}}
        },
        "codeAction": {
            "isPreferredSupport": True,
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
        },
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "publishDiagnostics": {"relatedInformation": True, "codeDescriptionSupport": True},
    },
}
"""What editors of today say that they can do."""

ENDED = {"code": 0, "message": "the server has ended"}


class Server(Client):
    """A client with a server process of its own on standard input and output."""

    def __init__(self, *arguments: str, cwd: Path) -> None:
        self.process = subprocess.Popen(
            module_command("tunesmith", "serve", *arguments),
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        super().__init__(self.process.stdout, self.process.stdin)
        self.complaints: list[str] = []
        self._hearing = threading.Thread(target=self._hear, daemon=True)
        self._hearing.start()

    def _hear(self) -> None:
        for line in self.process.stderr:
            self.complaints.append(line.decode("utf-8", "replace").rstrip())

    def end(self) -> int:
        """Say goodbye; returns the exit status."""
        self.ask("shutdown")
        self.tell("exit")
        return self.wait()

    def wait(self, timeout_s: float = 30.0) -> int:
        status = self.process.wait(timeout_s)
        self._hearing.join(timeout_s)
        return status


@contextmanager
def serving(folder: Path, *, begin: bool = True, quiet: bool = True, **options: Any) -> Iterator[Server]:
    """A server of the workspace `folder` that ends well: exit status 0, and nothing to complain about."""
    server = Server(cwd=folder)
    try:
        if begin:
            server.initialize(folder, **{"trusted": True, "protocolVersion": 1, **options})
        yield server
        assert server.process.poll() is None, server.complaints
        assert server.end() == 0, server.complaints
        assert not quiet or server.complaints == [], server.complaints
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()


def eventually(look: Callable[[], Any], timeout_s: float = 300.0) -> Any:
    return wait_until(look, timeout_s)
