"""From an edit of a Python file to its findings, through a real server: wall clock, as an editor sees it.

    python inspections_live.py [--lines 1000] [--edits 100]

The file is made of the rules' own examples, one after the other, so that it is full of findings. Each edit changes one
line in its middle and waits for the findings of that version.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, BinaryIO

import psutil

from tunesmith.catalog import Catalog

TARGET_MS = 300


def training_code(lines: int) -> str:
    """At least so many lines of examples, good and bad, as one file."""
    examples = [
        code
        for entry in Catalog().inspections.values()
        for code in (*(mistake.code for mistake in entry.member.bad), *entry.member.good)
    ]
    text = ""
    while text.count("\n") < lines:
        text += "\n".join(examples)
    return "\n".join(text.split("\n")[:lines]) + "\n"


class Server:
    """A server process and the few messages that are needed here."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tunesmith", "serve"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tempfile.gettempdir()
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self._out: BinaryIO = self.process.stdin  # type: ignore[assignment]
        self._in: BinaryIO = self.process.stdout  # type: ignore[assignment]

    def send(self, method: str, params: Any, number: int | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        body = json.dumps(message if number is None else {**message, "id": number}).encode()
        self._out.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._out.flush()

    def next(self) -> dict[str, Any]:
        length = 0
        while line := self._in.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        found: dict[str, Any] = json.loads(self._in.read(length))
        return found

    def findings(self, version: int) -> int:
        """How many findings the version has; waits for them."""
        while True:
            message = self.next()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["version"] == version:
                return len(message["params"]["diagnostics"])

    def processor_s(self) -> float:
        """What the server and its helper processes have computed so far."""
        whole = psutil.Process(self.process.pid)
        times = [each.cpu_times() for each in (whole, *whole.children(recursive=True))]
        return sum(each.user + each.system for each in times)

    def answer(self, number: int) -> None:
        while self.next().get("id") != number:
            pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--edits", type=int, default=100)
    options = parser.parse_args()
    text = training_code(options.lines)
    server = Server()
    capabilities: dict[str, Any] = {}
    server.send("initialize", {"processId": os.getpid(), "rootUri": None, "capabilities": capabilities}, 1)
    server.answer(1)
    server.send("initialized", {})
    uri = (Path(tempfile.gettempdir()) / "edited.py").as_uri()
    began = time.perf_counter()
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    server.send("textDocument/didOpen", {"textDocument": document})
    count = server.findings(1)
    first_ms = (time.perf_counter() - began) * 1000
    took_ms = []
    work_s = server.processor_s()
    place = {"line": options.lines // 2, "character": 0}
    for version in range(2, options.edits + 2):
        began = time.perf_counter()
        change = {"range": {"start": place, "end": place}, "text": f"# edit {version}\n"}
        server.send(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]},
        )
        assert server.findings(version) == count, "an edit of a comment changed the findings"
        took_ms.append((time.perf_counter() - began) * 1000)
    work_ms = (server.processor_s() - work_s) * 1000 / options.edits
    server.send("shutdown", None, 2)
    server.answer(2)
    server.send("exit", None)
    assert server.process.wait(30) == 0
    ordered = sorted(took_ms)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    print(f"{options.lines} lines with {count} findings; first {first_ms:.0f} ms; load {os.getloadavg()[0]:.1f}")
    print(f"edit to findings, {options.edits} edits: p50 {statistics.median(took_ms):.0f} ms, p95 {p95:.0f} ms")
    print(f"processor time of the server and its helper: {work_ms:.0f} ms an edit")
    print(f"p95, wanted at most {TARGET_MS} ms: {'reached' if p95 <= TARGET_MS else 'NOT reached'}")


if __name__ == "__main__":
    main()
