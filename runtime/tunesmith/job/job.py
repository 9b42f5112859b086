"""The job, parsed: what every later part reads. Made by `load.py`, described key by key in `schema.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunesmith.files import resolved
from tunesmith.options import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A catalog member with its options, every default filled in. `name` may be `package.module:callable`."""

    name: str
    options: Mapping[str, Any]


AUTO = Pick(name="auto", options={})
"""Left to the task and the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPart:
    """`train` and, where they are files, `validation` and `test` are as written; resolve them with `Job.resolve`.

    `validation` and `test` are a share (0 < share < 1), a file, or None. `columns` maps a task's role to the column
    names that play it. `options` holds the task's own options, `split` how shares are taken.
    """

    train: str
    validation: str | float | None
    test: str | float | None
    columns: Mapping[str, tuple[str, ...]]
    duplicates: str
    imbalance: str
    bad_rows: str
    options: Mapping[str, Any]
    limits: str = "usual"
    encoding: str = "auto"
    decimal: str = "."
    sheet: str | None = None
    header_row: int | None = None
    split: Pick = AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPart:
    """Once settled (see advice.py), `loss.name` and `optimizer.name` are never `auto`, nor is `learning_rate` 0, which
    stands for it: `why` keeps the reasons for what `auto` chose, by dotted key."""

    epochs: float
    max_steps: int | None
    batch_size: int
    micro_batch_size: int | None
    optimizer: Pick
    learning_rate: float
    schedule: Pick
    warmup: float
    loss: Pick
    clip_norm: float | None
    ema: float | None
    precision: str
    activation_checkpointing: bool
    compile: bool
    non_finite_limit: int
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPart:
    """How progress is judged. `metric` is a name of the task's, never `auto`; `patience` counts evaluations."""

    every: Interval
    metric: str
    patience: int | None
    batch_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointsPart:
    """What is kept on disk: the newest `keep` checkpoints, and the best besides."""

    every: Interval
    keep: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`file` is the job file (or the frozen copy in a run), `folder` what its relative paths start from."""

    task: str
    model: Pick  # name: a model source of the catalog; options["name"]: what the job says
    data: DataPart
    method: Pick
    training: TrainingPart
    evaluation: EvaluationPart
    checkpoints: CheckpointsPart
    seed: int
    device: str
    network: bool
    file: Path
    folder: Path

    def resolve(self, path: str) -> Path:
        """A path of the job as an absolute one."""
        return resolved(self.folder, path)
