"""What is wrong, as a message: the same object whether a check found it or a request failed."""

from __future__ import annotations

from collections.abc import Mapping

from tunesmith.errors import Problem
from tunesmith.protocol.message import Words, field, message

SEVERITY = Words(
    name="Severity",
    open=True,
    meanings={"error": "must be mended", "warning": "should be looked at", "info": "good to know"},
)

ERRORS: Mapping[int, str] = {
    -32700: "the message is not JSON",
    -32600: "the message is no request, notification or answer",
    -32601: "there is no such method",
    -32602: "the parameters are not what the method takes; `data.key` names the field",
    -32603: "a mistake of the server's own; the message names the log with the traceback",
    -32002: "the server was not initialized yet",
    -32800: "the client cancelled the request",
    -32803: "the request was understood but cannot be done; `data` says why and what helps",
}
"""The numbers of JSON-RPC and LSP, and when the server uses them."""


@message
class Found:
    """One finding, or why a request failed (then it is the error's `data`)."""

    code: str = field("Stable; docs/errors.md has an entry for it.")
    message: str = field("A sentence for the user.")
    severity: str = field("How bad it is.", default="error", words=SEVERITY)
    file: str | None = field("The file it is in, an absolute path or as the user gave it.", default=None)
    line: int | None = field("Counted from 1.", default=None)
    column: int | None = field("Counted from 1.", default=None)
    key: str | None = field("The dotted key in the file, or the field of the request.", default=None)
    found: str = field("What stands there.", default="")
    allowed: tuple[str, ...] = field("What may stand there.", default=())
    hint: str = field("What helps: one command or one sentence.", default="")


@message
class ErrorData:
    """The `data` of an error: the first problem's fields, and all of them."""

    code: str = field("Of the first problem; stable; docs/errors.md has an entry for it.")
    message: str = field("A sentence for the user.")
    problems: tuple[Found, ...] = field("Everything found, the first included.", default=())
    hint: str = field("What helps: one command or one sentence.", default="")
    log: str | None = field("The file with the traceback, where it was a mistake of the server's own.", default=None)


def found(problem: Problem) -> Found:
    """A problem as a message."""
    place = problem.place
    return Found(
        code=problem.code,
        message=problem.message,
        severity=problem.severity,
        file=None if place.file is None else str(place.file),
        line=place.line,
        column=place.column,
        key=place.key,
        found=problem.found,
        allowed=tuple(problem.allowed),
        hint=problem.hint,
    )
