"""Runs that wait for the device."""

from __future__ import annotations

from tunesmith.protocol.message import field, message
from tunesmith.protocol.method import Method, Request
from tunesmith.protocol.problems import Found


@message
class QueueParams:
    """Without fields: look. With `parallel`: change it."""

    parallel: int | None = field("From now on, so many runs at a time, 1 to 64; kept with the project.", default=None)


@message
class MoveParams:
    """Another place for a waiting run."""

    run: str = field("An id or a unique beginning of one.")
    position: int = field("From 1; beyond the end is the end.")


@message
class CancelParams:
    """A waiting run that is not to be started; its folder stays, as stopped."""

    run: str = field("An id or a unique beginning of one.")


@message
class Waiting:
    """One run that waits."""

    run: str = field("Its id.")
    position: int = field("From 1.")
    why: str = field("What it waits for, a sentence.", default="")


@message
class Queue:
    """Who waits, who is at it."""

    parallel: int = field("So many runs at a time.", default=1)
    waiting: tuple[Waiting, ...] = field("In the order in which they will start.", default=())
    running: tuple[str, ...] = field("Ids of the runs whose worker is alive.", default=())
    problem: Found | None = field("Why the project's file of waiting runs counts as empty.", default=None)


_ID = "20261125-101500-reviews-3fa1"
_QUEUE = {"parallel": 1, "waiting": [{"run": _ID, "position": 1, "why": "one run is at it"}], "running": []}

METHODS: tuple[Method, ...] = (
    Request(
        name="tunesmith/queue",
        purpose="Who waits for the device, in which order; and how many runs may train at a time.",
        params=QueueParams,
        result=Queue,
        errors=("protocol.wrong-value",),
        example={"parallel": 2},
        answer=_QUEUE,
    ),
    Request(
        name="tunesmith/queueMove",
        purpose="Give a waiting run another place.",
        params=MoveParams,
        result=Queue,
        errors=("run.not-found", "run.ambiguous", "run.not-queued"),
        example={"run": _ID, "position": 1},
        answer=_QUEUE,
    ),
    Request(
        name="tunesmith/queueCancel",
        purpose="Take a waiting run out of the queue.",
        params=CancelParams,
        result=Queue,
        errors=("run.not-found", "run.ambiguous", "run.not-queued"),
        example={"run": _ID},
        answer={"parallel": 1, "waiting": [], "running": []},
    ),
)
