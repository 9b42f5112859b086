"""Notifications of the server, and how a client subscribes to them."""

from __future__ import annotations

from tunesmith.protocol.message import field, message
from tunesmith.protocol.method import Method, Notification, Request
from tunesmith.protocol.queue import Queue
from tunesmith.protocol.runs import Event, RunSummary


@message
class Seen:
    """How much of a series a client has."""

    name: str = field("Of the series.")
    records: int = field("So many, from its beginning.")


@message
class SubscribeParams:
    """What to hear of a run from now on. A second subscription to the same run replaces the first."""

    run: str = field("An id, a unique beginning of one, `last`, or a folder.")
    series: tuple[str, ...] = field("Which curves; `*` is all. Empty: none.", default=("*",))
    seen: tuple[Seen, ...] = field(
        "What the client has of them: it is sent what came after. Curves not named here begin at their end.", default=()
    )
    log: bool = field("Whether to send what the worker prints.", default=False)
    log_offset: int | None = field("Begin of the log to send; left out: its end.", default=None, unit="B")
    events: bool = field("Whether to send events.", default=True)
    after_event: int | None = field("The number of the last event known; left out: only new ones.", default=None)


@message
class Subscribed:
    """Where the subscription begins."""

    run: str = field("The run's id.")
    series: tuple[Seen, ...] = field("Records that are there and will not be sent.", default=())
    log_offset: int = field("Where the log will go on.", default=0, unit="B")
    event: int = field("Number of the last event that will not be sent.", default=0)


@message
class UnsubscribeParams:
    """Of which run nothing more is wanted (but runChanged)."""

    run: str = field("An id, a unique beginning of one, `last`, or a folder.")


@message
class Unsubscribed:
    """Done."""

    run: str = field("The run's id.")


@message
class RunChanged:
    """A run appeared, changed or went."""

    run: RunSummary = field("As it stands now.")
    gone: bool = field("Whether its folder is no longer there (deleted).", default=False)


@message
class SeriesPart:
    """New records of one curve, all lists of one length. Either each point is a record and `low`, `high`, `count` are
    empty; or, where a client reads more slowly than a worker writes, points are stretches with their least and greatest
    value, so that no spike is lost."""

    name: str = field("Of the series.")
    first: int = field(
        "How many records lie before these. Where that is less than the client has: the run was resumed, "
        "and what the client has from there on no longer holds."
    )
    records: int = field("How many the series has with these.")
    step: tuple[int, ...] = field("First step of each point.", default=())
    seconds: tuple[float, ...] = field("Since the run began.", default=(), unit="s")
    value: tuple[float, ...] = field("The value, or the mean of the stretch's finite values.", default=())
    low: tuple[float, ...] = field("Least finite value of each stretch; NaN where there is none.", default=())
    high: tuple[float, ...] = field("Greatest finite value of each stretch; NaN where there is none.", default=())
    count: tuple[int, ...] = field("Finite values of each stretch.", default=())
    nan: tuple[int, ...] = field("Values of each stretch that are NaN; empty where there are none.", default=())
    plus: tuple[int, ...] = field("Values that are +infinity; empty where there are none.", default=())
    minus: tuple[int, ...] = field("Values that are -infinity; empty where there are none.", default=())


@message
class SeriesAppended:
    """New numbers of a run, all its curves together."""

    run: str = field("The run's id.")
    parts: tuple[SeriesPart, ...] = field("One for each curve that grew.", default=())


@message
class LogAppended:
    """New lines of a log."""

    run: str = field("The run's id.")
    text: str = field("The lines; the last may be unfinished.")
    offset: int = field("Where they begin.", unit="B")
    end: int = field("Where they end.", unit="B")
    skipped: int = field("Bytes left out before them, where a client reads slowly.", default=0, unit="B")


@message
class EventsAppended:
    """New events of a run."""

    run: str = field("The run's id.")
    events: tuple[Event, ...] = field("Oldest first.", default=())


@message
class QueueChanged:
    """Who waits now."""

    queue: Queue = field("The whole queue.")


_ID = "20261125-101500-reviews-3fa1"

METHODS: tuple[Method, ...] = (
    Request(
        name="tunesmith/subscribe",
        purpose="Hear of a run's numbers, events and log as they come.",
        params=SubscribeParams,
        result=Subscribed,
        errors=("run.not-found", "run.ambiguous"),
        example={"run": _ID, "series": ["*"], "seen": [{"name": "loss", "records": 380}], "log": True},
        answer={"run": _ID, "series": [{"name": "loss", "records": 380}], "logOffset": 2048, "event": 9},
    ),
    Request(
        name="tunesmith/unsubscribe",
        purpose="Hear no more of a run's numbers, events and log.",
        params=UnsubscribeParams,
        result=Unsubscribed,
        example={"run": _ID},
        answer={"run": _ID},
    ),
    Notification(
        name="tunesmith/runChanged",
        purpose="A run appeared, changed or went. Several changes of a run in one tick are one message.",
        params=RunChanged,
        example={"run": {"id": _ID, "path": f"/project/.tunesmith/runs/{_ID}", "status": "running", "step": 410}},
    ),
    Notification(
        name="tunesmith/seriesAppended",
        purpose="New numbers of a subscribed run, at most `updatesPerSecond` times a second.",
        params=SeriesAppended,
        example={
            "run": _ID,
            "parts": [
                {"name": "loss", "first": 400, "records": 401, "step": [401], "seconds": [80.6], "value": [0.31]}
            ],
        },
    ),
    Notification(
        name="tunesmith/logAppended",
        purpose="New lines of a subscribed run's log.",
        params=LogAppended,
        example={"run": _ID, "text": "10:16:20 INFO checkpoint at step 400\n", "offset": 2048, "end": 2085},
    ),
    Notification(
        name="tunesmith/eventsAppended",
        purpose="New events of a subscribed run.",
        params=EventsAppended,
        example={"run": _ID, "events": [{"number": 10, "kind": "checkpoint", "time": 1764065780.0, "step": 400}]},
    ),
    Notification(
        name="tunesmith/queueChanged",
        purpose="The queue of runs changed.",
        params=QueueChanged,
        example={"queue": {"parallel": 1, "waiting": [], "running": [_ID]}},
    ),
)
