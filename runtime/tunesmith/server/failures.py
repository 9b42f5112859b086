"""One object for every failure: what an exception becomes in the answer to a request."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from pygls.exceptions import JsonRpcException

from tunesmith.errors import TunesmithError
from tunesmith.protocol.codec import InvalidParams, encode
from tunesmith.protocol.problems import ErrorData, found
from tunesmith.shortages import refusal

log = logging.getLogger(__name__)

CANCELLED, FAILED, INTERNAL, INVALID, NOT_INITIALIZED = -32800, -32803, -32603, -32602, -32002


def failure(error: BaseException, *, doing: str, log_file: Path | None) -> dict[str, Any]:
    """The `error` of an answer: code, message, data. Unexpected errors go to the log with its traceback."""
    if isinstance(error, asyncio.CancelledError):
        return {"code": CANCELLED, "message": "the request was cancelled"}
    if isinstance(error, TunesmithError):
        code = INVALID if isinstance(error, InvalidParams) else FAILED
        problem = error.problem
        details = ErrorData(
            code=problem.code,
            message=problem.message,
            problems=tuple(found(each) for each in error.problems),
            hint=problem.hint,
        )
        return {"code": code, "message": str(error), "data": encode(details)}
    if isinstance(error, JsonRpcException) and error.code != INTERNAL:
        return {"code": error.code, "message": error.message}
    if (lacking := refusal(error)) is not None:
        return failure(lacking, doing=doing, log_file=log_file)
    log.error("%s failed", doing, exc_info=error)
    where = str(log_file) if log_file else "the server's standard error"
    message = (
        f"{doing} failed: {type(error).__name__}: {error} (a mistake of the server's; the traceback is in {where})"
    )
    data = ErrorData(code="server.internal", message=message, log=str(log_file) if log_file else None)
    return {"code": INTERNAL, "message": message, "data": encode(data)}
