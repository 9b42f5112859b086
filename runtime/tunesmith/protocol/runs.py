"""Runs as they stand in their folders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith.protocol.message import Words, field, message
from tunesmith.protocol.method import Method, Request
from tunesmith.protocol.problems import Found

STATUS = Words(
    name="RunStatus",
    open=True,
    meanings={
        "queued": "waits for its turn or for its worker's first word",
        "preparing": "its worker loads model and data",
        "running": "its worker trains",
        "paused": "ended with a checkpoint, to be resumed",
        "finished": "trained to its end",
        "failed": "ended by an error; `message` says which",
        "stopped": "ended on request, with a checkpoint",
        "lost": "its process is gone; `resume` goes on from its last checkpoint",
    },
)

KEPT_AS = Words(
    name="KeptAs",
    open=True,
    meanings={
        "newest": "one of the newest, of which the job's `checkpoints.keep` lets so many stay",
        "best": "that of the best evaluation",
        "user": "a user keeps it, see `tunesmith/keep`",
    },
)


@message
class Best:
    """The best evaluation so far."""

    metric: str = field("Its name.")
    value: float = field("Its value.")
    step: int = field("When.")


@message
class RunSummary:
    """What a line of a table shows of a run. Times are seconds since 1970."""

    id: str = field("Its folder's name.")
    path: str = field("Its folder.")
    status: str = field("What it does now.", words=STATUS)
    name: str = field("For people.", default="")
    job: str = field("The job file it was frozen from; empty where that is not known.", default="")
    task: str = field("What it learns.", default="")
    model: str = field("What it tunes.", default="")
    method: str = field("How it is tuned.", default="")
    tags: tuple[str, ...] = field("Words to find it by.", default=())
    created: float = field("When it was made.", default=0.0, unit="s")
    updated: float = field("When its state changed last.", default=0.0, unit="s")
    duration_s: float | None = field("Training so far, as its newest number says.", default=None, unit="s")
    step: int = field("Updates done.", default=0)
    total_steps: int | None = field("Updates in all.", default=None)
    epoch: float = field("Passes over the training rows done.", default=0.0)
    eta_s: float | None = field("Until its end.", default=None, unit="s")
    best: Best | None = field("The best evaluation so far.", default=None)
    warning_count: int = field("How many warnings about data and training to read beside its figures.", default=0)
    device: str = field("Where it trains.", default="")
    memory_mb: float | None = field("At its peak.", default=None, unit="MB")
    samples_per_second: float | None = field("Speed.", default=None, unit="1/s")
    pid: int | None = field("Its worker's process.", default=None)
    host: str = field("The machine of its worker.", default="")
    message: str = field("What it is about, or why it ended.", default="")
    error: str | None = field("Code of the error that ended it.", default=None)
    remedy: str | None = field("The command that helps, such as `resume` of a lost run.", default=None)
    position: int | None = field("Its place in the queue, from 1.", default=None)


@message
class RunsParams:
    """Which runs."""

    limit: int | None = field("Only the newest so many.", default=None)
    job: str | None = field("Only those of this job file.", default=None)


@message
class Runs:
    """Runs, newest first."""

    runs: tuple[RunSummary, ...] = field("Newest first.", default=())
    root: str = field("The folder they lie in.", default="")


@message
class RunParams:
    """One run."""

    run: str = field("An id, a unique beginning of one, `last`, or a folder.")


@message
class Checkpoint:
    """A saved state of a run."""

    step: int = field("After this step.")
    path: str = field("Its folder.")
    bytes: int = field("Its size.", default=0, unit="B")
    created: float = field("Seconds since 1970.", default=0.0, unit="s")
    best: bool = field("Whether it is that of the best evaluation.", default=False)
    metrics: Mapping[str, float] = field("Of the evaluation at that step.", factory=dict)
    kept: tuple[str, ...] = field(
        "Why it stays; empty: it goes when the run writes its next one.", default=(), words=KEPT_AS
    )


@message
class SeriesInfo:
    """One curve of a run."""

    name: str = field("loss, learning_rate, validation_loss and so on.")
    records: int = field("How many numbers.", default=0)


@message
class RunDetail:
    """Everything about a run but its numbers."""

    run: RunSummary = field("As it stands now.")
    settings: Mapping[str, Any] = field("The frozen job: dotted key to value.", factory=dict)
    job: str = field("The frozen job's text.", default="")
    metrics: Mapping[str, float] = field("Of the report (`test_NAME`: test rows), or of an evaluation.", factory=dict)
    warnings: tuple[str, ...] = field("What to be careful about when reading the metrics.", default=())
    checkpoints: tuple[Checkpoint, ...] = field("Newest first.", default=())
    series: tuple[SeriesInfo, ...] = field("Its curves, sorted by name.", default=())
    environment: Mapping[str, Any] = field("Versions, device, git, data fingerprints.", factory=dict)
    report: bool = field("Whether there is a report.", default=False)
    exports: tuple[str, ...] = field("Folders of exports inside the run.", default=())
    problems: tuple[Found, ...] = field("Damage that was found.", default=())


@message
class EventsParams:
    """Which events."""

    run: str = field("An id, a unique beginning of one, `last`, or a folder.")
    after: int = field("Leave out the first so many.", default=0)
    limit: int = field("At most so many.", default=1000)
    kinds: tuple[str, ...] = field("Only of these kinds; empty: all.", default=())


@message
class Event:
    """Something rare that happened to a run."""

    number: int = field("Its place among the run's events, from 1.")
    kind: str = field("state, evaluation, checkpoint, warning, memory-step-down, non-finite, early-stop, set, ...")
    time: float = field("Seconds since 1970.", default=0.0, unit="s")
    seconds: float | None = field("Since the run began.", default=None, unit="s")
    step: int | None = field("When.", default=None)
    current: bool = field("False where a resume took it back.", default=True)
    fields: Mapping[str, Any] = field("The others, as docs/run-folder.md names them.", factory=dict)


@message
class Events:
    """Events, oldest first."""

    events: tuple[Event, ...] = field("Oldest first.", default=())
    total: int = field("How many the run has.", default=0)


@message
class LogParams:
    """Which part of a log. Without `offset`: its end."""

    run: str = field("An id, a unique beginning of one, `last`, or a folder.")
    offset: int | None = field("Begin here; left out: so that the end is in.", default=None, unit="B")
    limit: int = field("At most so much, 4 MB at the highest.", default=262144, unit="B")
    search: str = field("Only lines that hold this text, in any case.", default="")


@message
class Log:
    """A piece of a log, whole lines."""

    text: str = field("The lines.")
    offset: int = field("Where they begin.", unit="B")
    end: int = field("Where they end: the next `offset`.", unit="B")
    size: int = field("Of the whole log.", unit="B")


@message
class DeleteParams:
    """What to delete."""

    runs: tuple[str, ...] = field("Ids, unique beginnings of them, or folders.")
    purge: bool = field("For good, not into the trash.", default=False)


@message
class DeleteResult:
    """What was deleted."""

    deleted: tuple[str, ...] = field("Ids.", default=())
    trash: tuple[str, ...] = field("Where they lie now, in the same order; empty after a purge.", default=())
    problems: tuple[Found, ...] = field("Why others were not.", default=())


@message
class CompareParams:
    """Runs to lay side by side."""

    runs: tuple[str, ...] = field("Two or more: ids, unique beginnings of them, or folders.")


@message
class Difference:
    """One thing in which runs differ."""

    name: str = field("The dotted key, the metric, the fingerprint.")
    values: tuple[Any, ...] = field("One for each run, in the order asked; null where a run has none.")


@message
class Comparison:
    """Only what differs."""

    runs: tuple[RunSummary, ...] = field("In the order asked.", default=())
    settings: tuple[Difference, ...] = field("Keys of the job.", default=())
    metrics: tuple[Difference, ...] = field("Figures.", default=())
    data: tuple[Difference, ...] = field("Fingerprints of data files.", default=())
    code: tuple[Difference, ...] = field("The commit that the project stood on.", default=())
    environment: tuple[Difference, ...] = field("Versions and device.", default=())


_ID = "20261125-101500-reviews-3fa1"
_RUN = {"id": _ID, "path": f"/project/.tunesmith/runs/{_ID}", "status": "running", "name": "reviews", "step": 400}
_MISSING = ("run.not-found", "run.ambiguous")

METHODS: tuple[Method, ...] = (
    Request(
        name="tunesmith/runs",
        purpose="All runs of the project, those started on a terminal too.",
        params=RunsParams,
        result=Runs,
        example={"limit": 100},
        answer={"runs": [{**_RUN, "totalSteps": 1240, "best": {"metric": "f1_macro", "value": 0.91, "step": 400}}]},
    ),
    Request(
        name="tunesmith/run",
        purpose="Everything about one run but its numbers: settings, metrics, checkpoints, environment, damage.",
        params=RunParams,
        result=RunDetail,
        errors=_MISSING,
        example={"run": _ID},
        answer={"run": _RUN, "settings": {"training.epochs": 3}, "series": [{"name": "loss", "records": 400}]},
    ),
    Request(
        name="tunesmith/events",
        purpose="What happened to a run: evaluations, checkpoints, warnings, resumes.",
        params=EventsParams,
        result=Events,
        errors=_MISSING,
        example={"run": _ID, "kinds": ["evaluation"]},
        answer={
            "events": [
                {"number": 7, "kind": "evaluation", "time": 1764065700.5, "step": 400, "fields": {"metrics": {}}}
            ],
            "total": 9,
        },
    ),
    Request(
        name="tunesmith/log",
        purpose="What the worker printed: a piece of it, or the lines that hold a text.",
        params=LogParams,
        result=Log,
        errors=_MISSING,
        example={"run": _ID},
        answer={"text": "10:15:01 INFO worker began\n", "offset": 0, "end": 27, "size": 27},
    ),
    Request(
        name="tunesmith/delete",
        purpose="Move runs into the trash beside the folder of runs, or remove them for good.",
        params=DeleteParams,
        result=DeleteResult,
        doing="Deleting runs",
        errors=_MISSING,
        example={"runs": [_ID]},
        answer={"deleted": [_ID], "trash": [f"/project/.tunesmith/trash/{_ID}"]},
    ),
    Request(
        name="tunesmith/compare",
        purpose="In what runs differ: settings, metrics, data, code, environment.",
        params=CompareParams,
        result=Comparison,
        errors=_MISSING,
        example={"runs": [_ID, "20261125-113000-reviews-77c0"]},
        answer={
            "runs": [_RUN, {**_RUN, "id": "20261125-113000-reviews-77c0", "status": "finished"}],
            "settings": [{"name": "training.epochs", "values": [3, 5]}],
        },
    ),
)
