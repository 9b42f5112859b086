"""A process that has torch imported and forks a real worker on request, so that forty kills cost forty forks.

Reads one JSON line a worker from standard input: {"run": FOLDER, "kill_at": N or null, "file_limit": BYTES or null};
answers with the worker's pid, and with how it ended once it has. It is reaped with the next order only, so that its
pid stays its own for whoever kills it late. `kill_at` N: the worker gets SIGKILL from
itself at its N-th write, fsync or rename of a file (counted over all threads).
"""

from __future__ import annotations

import builtins
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    import matplotlib.pyplot  # noqa: F401
    import peft  # noqa: F401
    import sklearn.metrics  # noqa: F401
    import torch
    import torch._dynamo
    import transformers.models.bert.modeling_bert  # noqa: F401

    import tunesmith.explain.report
    import tunesmith.worker.training  # noqa: F401
    from tunesmith.worker.__main__ import main as work

    torch.set_num_threads(1)
    ended: os.waitid_result | None = None
    for line in sys.stdin:
        if ended is not None:
            os.waitpid(ended.si_pid, 0)
        order: dict[str, Any] = json.loads(line)
        pid = os.fork()
        if pid == 0:
            log = os.open(Path(order["run"]) / "log.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.dup2(log, 1)
            os.dup2(log, 2)
            if order.get("kill_at"):
                kill_at(order["kill_at"])
            if order.get("file_limit"):
                resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_limit"], order["file_limit"]))
            os._exit(work([order["run"]]))
        print(json.dumps({"pid": pid}), flush=True)
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        print(json.dumps({"signal": ended.si_code != os.CLD_EXITED, "status": ended.si_status}), flush=True)


def kill_at(number: int) -> None:
    """Arrange that this process kills itself at its `number`-th file operation."""
    left = [number]

    def count() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(function: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            count()
            return function(*arguments, **options)

        return call

    os.fsync = counted(os.fsync)
    os.write = counted(os.write)
    sys.addaudithook(lambda event, arguments: count() if event in ("os.rename", "os.truncate", "os.remove") else None)
    opened = builtins.open

    def watched(*arguments: Any, **options: Any) -> Any:
        count()
        return opened(*arguments, **options)

    builtins.open = watched


if __name__ == "__main__":
    main()
