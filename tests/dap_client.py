"""A client of the Debug Adapter Protocol: launches a program under debugpy as editors do, and looks around in it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import Any

DEADLINE_S = 90.0


@dataclass(frozen=True, kw_only=True)
class Stop:
    """Where the program stands. `frame` is the id of the innermost frame, for `evaluate`."""

    reason: str
    function: str
    file: Path
    line: int
    thread: int
    frame: int


class Debuggee:
    """A program under debugpy. It stops at `lines` (by file) and wherever it calls `breakpoint()`.

    `just_my_code` as editors have it by default: what is installed beside the project counts as a library.
    """

    def __init__(
        self,
        module: str,
        words: Sequence[str],
        *,
        folder: Path,
        lines: Mapping[Path, Sequence[int]] | None = None,
        environment: Mapping[str, str] | None = None,
        just_my_code: bool = True,
        libraries: Sequence[Path] = (),
    ) -> None:
        self._adapter = subprocess.Popen(
            [sys.executable, "-m", "debugpy.adapter"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._received: Queue[dict[str, Any]] = Queue()
        self._events: list[dict[str, Any]] = []
        self._sent = 0
        self.output = ""
        self.exit_code: int | None = None
        threading.Thread(target=self._read, daemon=True).start()
        self._request("initialize", adapterID="test", clientID="test", linesStartAt1=True, columnsStartAt1=True)
        launch = self._send(
            "launch",
            type="python",
            request="launch",
            module=module,
            args=list(words),
            cwd=str(folder),
            env=dict(environment or {}),
            python=[sys.executable],
            console="internalConsole",
            justMyCode=just_my_code,
            rules=[{"path": str(path / "**"), "include": False} for path in libraries],
        )
        self._wait_event("initialized")
        for file, numbers in (lines or {}).items():
            self.break_at(file, numbers)
        self._request("configurationDone")
        self._answer(launch, "launch")

    def break_at(self, file: Path, lines: Sequence[int]) -> None:
        """From now on, stop at these lines of the file and at no others of it."""
        found = self._request(
            "setBreakpoints", source={"path": str(file)}, breakpoints=[{"line": line} for line in lines]
        )
        assert all(point["verified"] for point in found["breakpoints"]), found

    def wait(self) -> Stop | None:
        """Where it stops next; None where it ended instead (then `exit_code` is known)."""
        while True:
            event = self._next_event()
            body = event.get("body", {})
            if event["event"] == "stopped":
                stack = self._request("stackTrace", threadId=body["threadId"])["stackFrames"]
                top = stack[0]
                return Stop(
                    reason=body["reason"],
                    function=top["name"],
                    file=Path(top["source"]["path"]),
                    line=top["line"],
                    thread=body["threadId"],
                    frame=top["id"],
                )
            if event["event"] == "exited":
                self.exit_code = int(body["exitCode"])
            if event["event"] == "terminated":
                return None

    def go_on(self, stop: Stop) -> Stop | None:
        """Let it run to where it stops next; None where it ends."""
        self._request("continue", threadId=stop.thread)
        return self.wait()

    def variables(self, stop: Stop) -> dict[str, str]:
        """The local variables of the innermost frame, as a debugger shows them."""
        scopes = self._request("scopes", frameId=stop.frame)["scopes"]
        reference = next(scope["variablesReference"] for scope in scopes if scope["name"] == "Locals")
        found = self._request("variables", variablesReference=reference)["variables"]
        return {item["name"]: item["value"] for item in found}

    def evaluate(self, stop: Stop, expression: str) -> str:
        """What an expression is worth there; strings come without their quotes."""
        found: str = self._request("evaluate", expression=expression, frameId=stop.frame, context="watch")["result"]
        return found.strip("'\"")

    def close(self) -> None:
        """End the program, if it has not ended, and the adapter."""
        assert self._adapter.stdin is not None
        try:
            self._request("disconnect", terminateDebuggee=True)
            self._adapter.stdin.close()
            self._adapter.wait(DEADLINE_S)
        finally:
            self._adapter.kill()
            self._adapter.wait()

    def __enter__(self) -> Debuggee:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _send(self, command: str, **arguments: Any) -> int:
        self._sent += 1
        message = {"seq": self._sent, "type": "request", "command": command, "arguments": arguments}
        content = json.dumps(message).encode()
        assert self._adapter.stdin is not None
        self._adapter.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        self._adapter.stdin.flush()
        return self._sent

    def _request(self, command: str, **arguments: Any) -> dict[str, Any]:
        return self._answer(self._send(command, **arguments), command)

    def _answer(self, number: int, command: str) -> dict[str, Any]:
        while True:
            message = self._take()
            if message["type"] == "response" and message["request_seq"] == number:
                assert message["success"], f"{command}: {message.get('message')}\n{self.output}"
                body: dict[str, Any] = message.get("body") or {}
                return body
            self._note(message)

    def _next_event(self) -> dict[str, Any]:
        while not self._events:
            self._note(self._take())
        return self._events.pop(0)

    def _wait_event(self, name: str) -> None:
        while self._next_event()["event"] != name:
            continue

    def _note(self, message: dict[str, Any]) -> None:
        if message["type"] != "event":
            return
        if message["event"] == "output" and message["body"].get("category") in ("stdout", "stderr"):
            self.output += message["body"]["output"]
        else:
            self._events.append(message)

    def _take(self) -> dict[str, Any]:
        try:
            return self._received.get(timeout=DEADLINE_S)
        except Empty:
            raise AssertionError(f"the debugger said nothing for {DEADLINE_S} s; the program:\n{self.output}") from None

    def _read(self) -> None:
        stream = self._adapter.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            if not length:
                return
            self._received.put(json.loads(stream.read(length)))
