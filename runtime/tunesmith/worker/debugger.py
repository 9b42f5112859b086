"""Whether there is a debugger to stop in, and how to keep out of its way."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from types import FrameType

from tunesmith.errors import TunesmithError


def is_debugged() -> bool:
    """Whether a debugger follows this thread: pdb, debugpy or PyCharm's."""
    if sys.gettrace() is not None or sys.breakpointhook is not sys.__breakpointhook__ or _is_run_by_bdb():
        return True
    monitoring = getattr(sys, "monitoring", None)  # from Python 3.12 on, debuggers may trace without settrace
    return monitoring is not None and monitoring.get_tool(monitoring.DEBUGGER_ID) is not None


def _is_run_by_bdb() -> bool:
    """pdb, and what is made of it, traces only as long as there are breakpoints; but it called us."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_globals.get("__name__") != "bdb":
        frame = frame.f_back
    return frame is not None


def need_debugger() -> None:
    """Raises TunesmithError run.no-debugger where `breakpoint()` would reach nobody, or wait for input for ever."""
    chosen = os.environ.get("PYTHONBREAKPOINT", "")
    if chosen == "0":
        found = "PYTHONBREAKPOINT=0, which turns breakpoint() off"
    elif is_debugged() or chosen or (sys.stdin is not None and sys.stdin.isatty()):
        return
    else:
        found = "no debugger follows this process, and its input is not a terminal, where pdb could ask"
    raise TunesmithError(
        "run.no-debugger",
        "there is nobody to stop for",
        found=found,
        hint="use Debug in PyCharm, type the command in a terminal, or put `python -m pdb -m` or "
        "`python -m debugpy --listen 5678 --wait-for-client -m` before `tunesmith`",
    )


def unfollowed(work: Callable[[], None]) -> None:
    """Do `work` where no breakpoint stops it and tracing does not slow it: in a thread that debuggers leave alone.

    Raises what `work` raises.
    """
    raised: list[BaseException] = []

    def caught() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is raised again where it belongs
            raised.append(error)

    thread = threading.Thread(target=caught, name="unfollowed", daemon=True)
    # sys.settrace is a matter of each thread; debugpy's and PyCharm's debugger follow all but those that say this.
    thread.pydev_do_not_trace = True  # type: ignore[attr-defined]
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
