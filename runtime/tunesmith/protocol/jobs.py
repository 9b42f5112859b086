"""Before a run: check a job, estimate it, look at data, make a project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith.protocol.message import field, message
from tunesmith.protocol.method import Method, Request
from tunesmith.protocol.problems import Found


@message
class JobParams:
    """A job: a file, and what is changed about it."""

    job: str = field("Path or file URI of the job file, absolute or from the workspace's folder.")
    text: str | None = field("The job's text where it is not (yet) what the file holds.", default=None)
    overrides: tuple[str, ...] = field("KEY=VALUE, such as training.epochs=5.", default=())


@message
class LabelCount:
    """One label of the training rows."""

    label: str = field("As it stands in the data.")
    rows: int = field("How often.", unit="rows")
    after: float | None = field("Weighted sum or rows an epoch, after the job's remedy for imbalance.", default=None)


@message
class CheckResult:
    """What is wrong or doubtful, and what was found as far as the job could be read."""

    ok: bool = field("Whether the job can run.")
    problems: tuple[Found, ...] = field("Errors first.", default=())
    job: Mapping[str, Any] = field("The job with every default written out.", factory=dict)
    rows: Mapping[str, int | None] = field("Rows of train, validation and test.", factory=dict, unit="rows")
    skipped: int = field("Rows that cannot be used.", default=0, unit="rows")
    columns: Mapping[str, tuple[str, ...]] = field("Columns by role.", factory=dict)
    labels: tuple[LabelCount, ...] = field("Labels of the training rows.", default=())
    chosen: Mapping[str, str] = field("What `auto` chose, by key, with the reason.", factory=dict)


@message
class EstimateParams:
    """A job, and how exactly to look."""

    job: str = field("Path or file URI of the job file, absolute or from the workspace's folder.")
    text: str | None = field("The job's text where it is not (yet) what the file holds.", default=None)
    overrides: tuple[str, ...] = field("KEY=VALUE, such as training.epochs=5.", default=())
    measure: bool = field(
        "Also take some real steps, for time and energy: some seconds. Needs a trusted workspace for code of its own.",
        default=True,
    )


@message
class MemoryEstimate:
    """At the peak, by what holds it; on a GPU of the device. The parts add up to `total_bytes`."""

    total_bytes: int = field("Everything together.", unit="B")
    weights_bytes: int = field("The model.", default=0, unit="B")
    gradients_bytes: int = field("Of what is tuned.", default=0, unit="B")
    optimizer_bytes: int = field("The optimizer's own state.", default=0, unit="B")
    average_bytes: int = field("The moving average of the weights.", default=0, unit="B")
    activations_bytes: int = field("What a step of the longest batch needs besides.", default=0, unit="B")
    checkpoint_bytes: int = field("The copy that a checkpoint is written from.", default=0, unit="B")
    process_bytes: int = field("Python, libraries, data, the allocator's slack.", default=0, unit="B")


@message
class DiskEstimate:
    """What will lie on the disk."""

    one_checkpoint_bytes: int = field("One checkpoint.", default=0, unit="B")
    kept_bytes: int = field("All checkpoints that are kept.", default=0, unit="B")
    most_bytes: int = field("The most at any time, one half written included.", default=0, unit="B")
    series_bytes: int = field("The curves.", default=0, unit="B")
    free_bytes: int = field("Room where runs are written.", default=0, unit="B")


@message
class TimeEstimate:
    """By what it is spent on; the parts but `step_s` add up to `total_s`."""

    total_s: float = field("The whole run.", unit="s")
    loading_s: float = field("Data and model.", default=0.0, unit="s")
    training_s: float = field("All steps.", default=0.0, unit="s")
    evaluation_s: float = field("All evaluations.", default=0.0, unit="s")
    checkpoints_s: float = field("All checkpoints.", default=0.0, unit="s")
    report_s: float = field("The report at the end.", default=0.0, unit="s")
    step_s: float = field("One step, the mean.", default=0.0, unit="s")


@message
class Remedy:
    """A change of the job under which the run fits."""

    overrides: tuple[str, ...] = field("KEY=VALUE, as `start` takes them.")
    message: str = field("A sentence for the user.", default="")
    memory_bytes: int = field("What the run then needs.", default=0, unit="B")


@message
class Estimate:
    """What a run will need. Where something is not known, it is left out, and `notes` say why."""

    device: str = field("Where it would train: cpu, cuda:0, mps.")
    precision: str = field("The number format of the forward pass.", default="")
    fits: bool | None = field("Whether it fits into the memory that is free now.", default=None)
    free_bytes: int | None = field("Memory that is free now.", default=None, unit="B")
    memory: MemoryEstimate | None = field("At the peak.", default=None)
    host_bytes: int | None = field("Main memory of the process, where the device is a GPU.", default=None, unit="B")
    disk: DiskEstimate | None = field("Checkpoints and curves.", default=None)
    time: TimeEstimate | None = field("How long.", default=None)
    energy_wh: float | None = field("The whole run.", default=None, unit="Wh")
    parameters: int | None = field("Of the model.", default=None)
    trainable_parameters: int | None = field("That are tuned.", default=None)
    rows: int = field("Training rows, before any remedy for imbalance.", default=0, unit="rows")
    labels: int = field("Different labels, where there are classes.", default=0)
    steps: int = field("Updates in the whole run.", default=0)
    steps_per_epoch: int = field("Updates in one pass over the rows.", default=0)
    evaluations: int = field("How many.", default=0)
    checkpoints: int = field("How many are written.", default=0)
    measured: bool = field("Whether time and memory come from steps that were really taken.", default=False)
    notes: tuple[str, ...] = field("How it was found and what was left out, in sentences.", default=())
    problems: tuple[Found, ...] = field("What will go wrong, such as memory that is too small.", default=())
    remedies: tuple[Remedy, ...] = field("What would help.", default=())


@message
class PreviewParams:
    """A data file to look into before there is a job."""

    path: str = field("File or folder of images, absolute or from the workspace's folder.")
    task: str | None = field("For which task; left out: the one that fits best is guessed.", default=None)
    columns: Mapping[str, tuple[str, ...]] = field("Columns by role that the user has chosen.", factory=dict)
    rows: int = field("How many rows to show.", default=20, unit="rows")


@message
class PreviewColumn:
    """One column of a data file."""

    name: str = field("From the header.")
    kind: str = field("text, number, label, image or list.", default="text")
    distinct: int = field("Different values among the rows that were read.", default=0)
    empty: int = field("Empty cells among the rows that were read.", default=0, unit="rows")
    role: str | None = field("The role it would play; left out where it would play none.", default=None)


@message
class Preview:
    """What a data file holds."""

    task: str = field("The task these columns are for: the one asked for, or a guess.")
    rows: int = field("Rows that were read.", unit="rows")
    complete: bool = field("Whether that is all of the file.", default=True)
    columns: tuple[PreviewColumn, ...] = field("All columns, in the file's order.", default=())
    cells: tuple[tuple[str, ...], ...] = field("The first rows; long cells are cut.", default=())
    roles: Mapping[str, tuple[str, ...]] = field("Columns by role.", factory=dict)
    model: str | None = field(
        "What stands under `model` in a new job for them; left out where only the template has it.", default=None
    )
    labels: tuple[LabelCount, ...] = field("Counts of the label column, most frequent first.", default=())
    problems: tuple[Found, ...] = field("What is missing or doubtful.", default=())


@message
class NewProjectParams:
    """What to make."""

    folder: str = field("The new or empty folder, an absolute path.")
    task: str = field("What the model is to learn; a template's name. Left out: the most usual one.", default="")
    data: str | None = field("The user's own file or folder; left out: the template's own data.", default=None)
    columns: Mapping[str, tuple[str, ...]] = field("Columns by role; others are guessed.", factory=dict)
    model: str | None = field("What stands under `model`; left out: the template's.", default=None)
    method: str | None = field("What stands under `method`; left out: the template's.", default=None)
    split: str | None = field(
        "What stands under `data.split`, such as `{group: {column: patient}}`; left out: the template's.", default=None
    )
    name: str | None = field("Name of the job file, without .job.yaml.", default=None)


@message
class NewProjectResult:
    """What was made."""

    folder: str = field("The project.")
    job: str = field("Its job file.")
    notes: tuple[str, ...] = field("What was chosen, in sentences.", default=())


_JOB_ERRORS = ("job.missing-file", "job.unreadable-file", "server.outside-workspace", "server.busy")

METHODS: tuple[Method, ...] = (
    Request(
        name="tunesmith/check",
        purpose="Everything that is wrong or doubtful about a job and its data, and what `auto` would choose.",
        params=JobParams,
        result=CheckResult,
        doing="Checking the job",
        errors=("server.outside-workspace", "server.busy"),
        example={"job": "reviews.job.yaml"},
        answer={
            "ok": True,
            "problems": [],
            "rows": {"train": 7200, "validation": 800, "test": None},
            "labels": [{"label": "good", "rows": 5200}, {"label": "bad", "rows": 2000}],
            "chosen": {"training.loss": "cross-entropy: the target is one class of several"},
        },
    ),
    Request(
        name="tunesmith/estimate",
        purpose="Memory, disk, time and energy that a run of the job would need.",
        params=EstimateParams,
        result=Estimate,
        doing="Estimating the run",
        errors=_JOB_ERRORS,
        example={"job": "reviews.job.yaml", "overrides": ["training.batch_size=64"]},
        answer={
            "device": "cpu",
            "fits": True,
            "memory": {"totalBytes": 1900000000, "weightsBytes": 91000000},
            "steps": 1240,
            "time": {"totalS": 2280.0, "stepS": 1.8},
            "measured": True,
        },
    ),
    Request(
        name="tunesmith/preview",
        purpose="Look into a data file: columns, roles they would play, counts of labels, first rows.",
        params=PreviewParams,
        result=Preview,
        doing="Reading the data",
        errors=("data.missing-file", "data.unknown-format", "data.unreadable", "server.busy"),
        example={"path": "data/messages.csv", "rows": 2},
        answer={
            "task": "text-classification",
            "rows": 8482,
            "columns": [{"name": "message", "kind": "text", "role": "text"}],
            "cells": [["Where is my parcel?"], ["It broke."]],
            "roles": {"text": ["message"], "label": ["category"]},
        },
    ),
    Request(
        name="tunesmith/newProject",
        purpose="Make a project from a template, for its own real data or for the user's.",
        params=NewProjectParams,
        result=NewProjectResult,
        doing="Making the project",
        errors=("new.unknown-template", "new.folder-in-use", "new.data-failed", "server.outside-workspace"),
        example={"folder": "/home/me/reviews", "task": "text-classification", "data": "/home/me/messages.csv"},
        answer={
            "folder": "/home/me/reviews",
            "job": "/home/me/reviews/packages.job.yaml",
            "notes": ["text: message", "label: category"],
        },
    ),
)
