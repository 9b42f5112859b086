"""The door of the process that tries a job: a request on standard input, one line with what it found on the output."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> int:
    """0 when there is an answer, whatever it says."""
    from tunesmith.errors import TunesmithError, problem_fields
    from tunesmith.estimate.run import request_from

    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries and the project's own code print is no answer
    request = request_from(sys.stdin.readline())
    limit_memory()
    try:
        from tunesmith.trial.work import try_here

        found = try_here(request)
    except TunesmithError as error:
        found = list(error.problems)
    answer: dict[str, Any] = {"problems": [problem_fields(problem) for problem in found]}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
    return 0


def limit_memory() -> None:
    """Let this process have what is free on the machine now, and no more: it must not bring others down."""
    try:
        import resource
    except ImportError:  # Windows
        return
    import psutil

    resource.setrlimit(resource.RLIMIT_DATA, (psutil.virtual_memory().available, resource.RLIM_INFINITY))


if __name__ == "__main__":
    sys.exit(main())
