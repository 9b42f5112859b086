"""The door of the process that estimates: a request on standard input, an estimate a line on standard output."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


def main() -> int:
    """0: estimated; 2: the job cannot run, and the one line says why."""
    import psutil

    from tunesmith.errors import TunesmithError, problem_fields
    from tunesmith.estimate.figures import Estimate
    from tunesmith.estimate.run import request_from
    from tunesmith.files import finite

    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries and the project's own code print is no answer

    def say(fields: dict[str, Any]) -> None:
        answers.write(json.dumps(finite(fields), allow_nan=False) + "\n")
        answers.flush()

    def tell(result: Estimate) -> None:
        say(result.as_fields())

    request = request_from(sys.stdin.readline())
    try:
        from tunesmith.estimate.work import estimate_here

        began_s = max(0.0, time.time() - psutil.Process().create_time())
        tell(estimate_here(request, tell, began_s=began_s))
    except TunesmithError as error:
        say({"problems": [problem_fields(problem) for problem in error.problems]})
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
