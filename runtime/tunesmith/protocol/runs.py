"""Runs as they stand in their folders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith.protocol.message import Words, message, told
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

    metric: str = told("Its name.")
    value: float = told("Its value.")
    step: int = told("When.")


@message
class RunSummary:
    """What a line of a table shows of a run. Times are seconds since 1970."""

    id: str = told("Its folder's name.")
    path: str = told("Its folder.")
    status: str = told("What it does now.", words=STATUS)
    name: str = told("For people.", default="")
    job: str = told("The job file it was frozen from; empty where that is not known.", default="")
    task: str = told("What it learns.", default="")
    model: str = told("What it tunes.", default="")
    method: str = told("How it is tuned.", default="")
    tags: tuple[str, ...] = told("Words to find it by.", default=())
    created: float = told("When it was made.", default=0.0, unit="s")
    updated: float = told("When its state changed last.", default=0.0, unit="s")
    duration_s: float | None = told("Training so far, as its newest number says.", default=None, unit="s")
    step: int = told("Updates done.", default=0)
    total_steps: int | None = told("Updates in all.", default=None)
    epoch: float = told("Passes over the training rows done.", default=0.0)
    eta_s: float | None = told("Until its end.", default=None, unit="s")
    best: Best | None = told("The best evaluation so far.", default=None)
    warning_count: int = told("How many warnings about data and training to read beside its figures.", default=0)
    device: str = told("Where it trains.", default="")
    memory_mb: float | None = told("At its peak.", default=None, unit="MB")
    samples_per_second: float | None = told("Speed.", default=None, unit="1/s")
    pid: int | None = told("Its worker's process.", default=None)
    host: str = told("The machine of its worker.", default="")
    message: str = told("What it is about, or why it ended.", default="")
    error: str | None = told("Code of the error that ended it.", default=None)
    remedy: str | None = told("The command that helps, such as `resume` of a lost run.", default=None)
    position: int | None = told("Its place in the queue, from 1.", default=None)


@message
class RunsParams:
    """Which runs."""

    limit: int | None = told("Only the newest so many.", default=None)
    job: str | None = told("Only those of this job file.", default=None)


@message
class Runs:
    """Runs, newest first."""

    runs: tuple[RunSummary, ...] = told("Newest first.", default=())
    root: str = told("The folder they lie in.", default="")


@message
class RunParams:
    """One run."""

    run: str = told("An id, a unique beginning of one, `last`, or a folder.")


@message
class Checkpoint:
    """A saved state of a run."""

    step: int = told("After this step.")
    path: str = told("Its folder.")
    bytes: int = told("Its size.", default=0, unit="B")
    created: float = told("Seconds since 1970.", default=0.0, unit="s")
    best: bool = told("Whether it is that of the best evaluation.", default=False)
    metrics: Mapping[str, float] = told("Of the evaluation at that step.", factory=dict)
    kept: tuple[str, ...] = told(
        "Why it stays; empty: it goes when the run writes its next one.", default=(), words=KEPT_AS
    )


@message
class SeriesInfo:
    """One curve of a run."""

    name: str = told("loss, learning_rate, validation_loss and so on.")
    records: int = told("How many numbers.", default=0)


@message
class RunDetail:
    """Everything about a run but its numbers."""

    run: RunSummary = told("As it stands now.")
    settings: Mapping[str, Any] = told("The frozen job: dotted key to value.", factory=dict)
    job: str = told("The frozen job's text.", default="")
    metrics: Mapping[str, float] = told("Of the report (`test_NAME`: test rows), or of an evaluation.", factory=dict)
    warnings: tuple[str, ...] = told("What to be careful about when reading the metrics.", default=())
    checkpoints: tuple[Checkpoint, ...] = told("Newest first.", default=())
    series: tuple[SeriesInfo, ...] = told("Its curves, sorted by name.", default=())
    environment: Mapping[str, Any] = told("Versions, device, git, data fingerprints.", factory=dict)
    report: bool = told("Whether there is a report.", default=False)
    exports: tuple[str, ...] = told("Folders of exports inside the run.", default=())
    problems: tuple[Found, ...] = told("Damage that was found.", default=())


@message
class EventsParams:
    """Which events."""

    run: str = told("An id, a unique beginning of one, `last`, or a folder.")
    after: int = told("Leave out the first so many.", default=0)
    limit: int = told("At most so many.", default=1000)
    kinds: tuple[str, ...] = told("Only of these kinds; empty: all.", default=())


@message
class Event:
    """Something rare that happened to a run."""

    number: int = told("Its place among the run's events, from 1.")
    kind: str = told("state, evaluation, checkpoint, warning, memory-step-down, non-finite, early-stop, set, ...")
    time: float = told("Seconds since 1970.", default=0.0, unit="s")
    seconds: float | None = told("Since the run began.", default=None, unit="s")
    step: int | None = told("When.", default=None)
    current: bool = told("False where a resume took it back.", default=True)
    fields: Mapping[str, Any] = told("The others, as docs/run-folder.md names them.", factory=dict)


@message
class Events:
    """Events, oldest first."""

    events: tuple[Event, ...] = told("Oldest first.", default=())
    total: int = told("How many the run has.", default=0)


@message
class LogParams:
    """Which part of a log. Without `offset`: its end."""

    run: str = told("An id, a unique beginning of one, `last`, or a folder.")
    offset: int | None = told("Begin here; left out: so that the end is in.", default=None, unit="B")
    limit: int = told("At most so much, 4 MB at the highest.", default=262144, unit="B")
    search: str = told("Only lines that hold this text, in any case.", default="")


@message
class Log:
    """A piece of a log, whole lines."""

    text: str = told("The lines.")
    offset: int = told("Where they begin.", unit="B")
    end: int = told("Where they end: the next `offset`.", unit="B")
    size: int = told("Of the whole log.", unit="B")


@message
class DeleteParams:
    """What to delete."""

    runs: tuple[str, ...] = told("Ids, unique beginnings of them, or folders.")
    purge: bool = told("For good, not into the trash.", default=False)


@message
class DeleteResult:
    """What was deleted."""

    deleted: tuple[str, ...] = told("Ids.", default=())
    trash: tuple[str, ...] = told("Where they lie now, in the same order; empty after a purge.", default=())
    problems: tuple[Found, ...] = told("Why others were not.", default=())


@message
class CompareParams:
    """Runs to lay side by side."""

    runs: tuple[str, ...] = told("Two or more: ids, unique beginnings of them, or folders.")


@message
class Difference:
    """One thing in which runs differ."""

    name: str = told("The dotted key, the metric, the fingerprint.")
    values: tuple[Any, ...] = told("One for each run, in the order asked; null where a run has none.")


@message
class Comparison:
    """Only what differs."""

    runs: tuple[RunSummary, ...] = told("In the order asked.", default=())
    settings: tuple[Difference, ...] = told("Keys of the job.", default=())
    metrics: tuple[Difference, ...] = told("Figures.", default=())
    data: tuple[Difference, ...] = told("Fingerprints of data files.", default=())
    code: tuple[Difference, ...] = told("The commit that the project stood on.", default=())
    environment: tuple[Difference, ...] = told("Versions and device.", default=())


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
