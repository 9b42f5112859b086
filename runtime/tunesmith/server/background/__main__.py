"""A helper process: answers one call after the other until the server is gone.

It imports nothing but what the calls need, so that a helper for completion stays small.
"""

from __future__ import annotations

import importlib
import logging
import os
import queue
import signal
import sys
import threading
from typing import Any, BinaryIO

from tunesmith.errors import TunesmithError, is_failure, problem_fields
from tunesmith.server.background.frames import frame, read_frame
from tunesmith.shortages import refusal

log = logging.getLogger(__name__)


def main() -> None:
    """Serve calls from standard input on standard output."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server, which ends this process with itself
    calls, answers = _own_pipes()
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(calls, waiting), daemon=True).start()
    while True:
        answers.write(_answer(waiting.get()))
        answers.flush()


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the server, out of reach of anything that reads standard input or prints."""
    calls, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return os.fdopen(calls, "rb"), os.fdopen(answers, "wb")


def _listen(calls: BinaryIO, waiting: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Hand calls on. Where the server is gone, even by a kill, this process ends in the middle of its work."""
    while (call := read_frame(calls)) is not None:
        waiting.put(call)
    os._exit(0)


def _answer(call: dict[str, Any]) -> bytes:
    number = call["id"]
    try:
        return frame({"id": number, "result": _result(call)})
    except TunesmithError as error:
        return frame({"id": number, "problems": [problem_fields(problem) for problem in error.problems]})
    except BaseException as error:  # a door: what is no TunesmithError is a bug, which the log and the caller get
        if not is_failure(error):
            raise
        if (lacking := refusal(error)) is not None:
            return frame({"id": number, "problems": [problem_fields(lacking.problem)]})
        log.exception("%s failed", call["function"])
        return frame({"id": number, "failed": f"{type(error).__name__}: {error}"})


def _result(call: dict[str, Any]) -> Any:
    module, _, name = call["function"].partition(":")
    return getattr(importlib.import_module(module), name)(**call["arguments"])


if __name__ == "__main__":
    main()
