"""Small jobs, rows and models for the tests of tasks, models and methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from tunesmith.catalog import Catalog
from tunesmith.contracts.model import LoadedModel, ModelRequest
from tunesmith.data.rows import Rows
from tunesmith.job.job import CheckpointsPart, DataPart, EvaluationPart, Job, Pick, TrainingPart
from tunesmith.models.load import load_model
from tunesmith.options import Interval

CATALOG = Catalog()
NOTHING = Pick(name="none", options={})


def job(task: str, columns: Mapping[str, tuple[str, ...]] | None = None, **options: Any) -> Job:
    every = Interval(1, "epochs")
    metric = CATALOG.tasks[task].member.default_metric
    return Job(
        task=task,
        model=NOTHING,
        data=DataPart(
            train="rows.csv",
            validation=None,
            test=None,
            columns=columns or {},
            imbalance="none",
            bad_rows="error",
            duplicates="keep",
            options=options,
        ),
        method=NOTHING,
        training=TrainingPart(
            epochs=1.0,
            max_steps=None,
            batch_size=8,
            micro_batch_size=None,
            optimizer=NOTHING,
            learning_rate=1e-3,
            schedule=NOTHING,
            warmup=0.0,
            loss=NOTHING,
            clip_norm=None,
            ema=None,
            precision="float32",
            activation_checkpointing=False,
            compile=False,
            non_finite_limit=3,
            why={},
        ),
        evaluation=EvaluationPart(every=every, metric=metric, patience=None, batch_size=8),
        checkpoints=CheckpointsPart(every=every, keep=1),
        seed=1,
        device="cpu",
        network=False,
        file=Path("a.job.yaml"),
        folder=Path(),
    )


def rows(**columns: Sequence[Any]) -> Rows:
    count = len(next(iter(columns.values())))
    return Rows(columns=columns, files=(Path("rows.csv"),), file_of=[0] * count, lines=list(range(2, count + 2)))


def tuned_from(folder: Path, task: str, data: Rows, **options: Any) -> tuple[Any, LoadedModel]:
    """The task of these rows, and the model in `folder` with the head that it wants."""
    started, entry = job(task, **options), CATALOG.tasks[task]
    built = entry.call("build", started, entry.call("facts", started, data))
    request = ModelRequest(name=str(folder), options={}, head=built.head(), folder=Path(), seed=5)
    return built, load_model("transformers", request, CATALOG)


def cross_entropy(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(prediction, target, reduction="none")


def binary(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.binary_cross_entropy_with_logits(prediction, target, reduction="none")


def squared(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return (prediction - target) ** 2
