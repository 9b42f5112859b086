"""Starting runs and acting on them."""

from __future__ import annotations

from collections.abc import Mapping

from tunesmith.protocol.message import Words, field, message
from tunesmith.protocol.method import Method, Request
from tunesmith.protocol.problems import Found
from tunesmith.protocol.runs import Checkpoint, RunSummary

MODE = Words(
    name="StartMode",
    meanings={
        "queue": "as soon as the device is free and the runs before it are done",
        "now": "at once, whatever else is running",
        "prepare": "not by the server: the client starts the command of the answer itself, such as under a debugger",
    },
)
COMMAND = Words(
    name="Command",
    meanings={
        "stop": "end with a checkpoint; a run that waits leaves the queue",
        "pause": "end with a checkpoint, to be resumed later; its memory is free",
        "resume": "go on from the newest good checkpoint",
        "checkpoint": "write a checkpoint now and go on",
        "set": "change live values",
        "kill": "end the worker's process at once; what came after its last checkpoint is lost",
    },
)


@message
class From:
    """A checkpoint of another run to begin from."""

    run: str = field("An id, a unique beginning of one, `last`, or a folder.")
    step: int | None = field("The checkpoint's step; left out: the newest good one.", default=None)


@message
class StartParams:
    """A job to run."""

    job: str = field("Path or file URI of the job file, absolute or from the workspace's folder.")
    overrides: tuple[str, ...] = field("KEY=VALUE, such as training.epochs=5.", default=())
    name: str | None = field("A name for the run; left out: the job's.", default=None)
    mode: str = field("When and by whom it is launched.", default="queue", words=MODE)
    start_from: From | None = field("Go on from a checkpoint in a new run; left out: from the beginning.", default=None)
    environment: Mapping[str, str] = field("More environment variables for the worker.", factory=dict)
    tags: tuple[str, ...] = field("Words to find the run by.", default=())


@message
class StartResult:
    """The new run."""

    run: RunSummary = field("As it stands now.")
    warnings: tuple[Found, ...] = field("What is doubtful about the job.", default=())
    position: int | None = field("Its place in the queue, from 1; left out where it does not wait.", default=None)
    command: tuple[str, ...] = field("With `prepare`: the command line of the worker.", default=())
    environment: Mapping[str, str] = field("With `prepare`: what the worker's environment must have.", factory=dict)
    folder: str | None = field("With `prepare`: the folder to start the worker in.", default=None)


@message
class CommandParams:
    """What to do with a run."""

    run: str = field("An id, a unique beginning of one, `last`, or a folder.")
    command: str = field("What to do.", words=COMMAND)
    values: Mapping[str, float] = field('With `set`: new values, such as {"learning_rate": 1e-4}.', factory=dict)
    mode: str = field("With `resume`: when and by whom it is launched.", default="queue", words=MODE)


@message
class CommandResult:
    """The run after the command was left for its worker, which takes it between two steps."""

    run: RunSummary = field("As it stands now.")
    position: int | None = field("Its place in the queue, from 1; left out where it does not wait.", default=None)
    command: tuple[str, ...] = field("With `prepare`: the command line of the worker.", default=())
    environment: Mapping[str, str] = field("With `prepare`: what the worker's environment must have.", factory=dict)
    folder: str | None = field("With `prepare`: the folder to start the worker in.", default=None)


@message
class KeepParams:
    """Which checkpoint, and whether it is to stay."""

    run: str = field("An id, a unique beginning of one, `last`, or a folder.")
    step: int = field("The checkpoint's step.")
    keep: bool = field("False: no longer; it goes like any other again.", default=True)


@message
class KeepResult:
    """The run's checkpoints after that."""

    run: str = field("The run's id.")
    checkpoints: tuple[Checkpoint, ...] = field("Newest first, each with why it stays.", default=())


_RUN = {"id": "20261125-101500-reviews-3fa1", "path": "/project/.tunesmith/runs/20261125-101500-reviews-3fa1"}

METHODS: tuple[Method, ...] = (
    Request(
        name="tunesmith/start",
        purpose="Freeze a job in a new run and launch its worker, at once or when its turn comes.",
        params=StartParams,
        result=StartResult,
        doing="Starting the run",
        errors=("job.unknown-key", "job.missing-file", "job.untrusted", "run.not-found", "server.outside-workspace"),
        example={"job": "reviews.job.yaml", "overrides": ["training.epochs=5"], "name": "five epochs"},
        answer={"run": {**_RUN, "status": "queued", "name": "five epochs"}, "position": 1, "warnings": []},
    ),
    Request(
        name="tunesmith/command",
        purpose="Stop, pause, resume, checkpoint, kill a run, or change a live value.",
        params=CommandParams,
        result=CommandResult,
        errors=("run.not-found", "run.ambiguous", "run.not-active", "run.finished", "run.held", "run.no-such-value"),
        example={"run": "20261125-101500-reviews-3fa1", "command": "set", "values": {"learning_rate": 0.0001}},
        answer={"run": {**_RUN, "status": "running", "step": 400, "totalSteps": 1240}},
    ),
    Request(
        name="tunesmith/keep",
        purpose="Keep a checkpoint, so that newer ones do not push it out; or let it go again.",
        params=KeepParams,
        result=KeepResult,
        errors=("run.not-found", "run.ambiguous", "run.no-such-checkpoint"),
        example={"run": "20261125-101500-reviews-3fa1", "step": 400},
        answer={
            "run": _RUN["id"],
            "checkpoints": [
                {"step": 800, "path": f"{_RUN['path']}/checkpoints/step-800", "kept": ["newest", "best"]},
                {"step": 400, "path": f"{_RUN['path']}/checkpoints/step-400", "kept": ["user"]},
            ],
        },
    ),
)
