"""A real loop in this process over a few rows of numbers, and the batches that it takes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from task_parts import job, rows
from tunesmith.catalog import Catalog
from tunesmith.contracts.model import LoadedModel
from tunesmith.data.features import Features, count
from tunesmith.job.advice import filled
from tunesmith.train.assemble import Assembled
from tunesmith.train.build import build_loop
from tunesmith.train.loop import Loop
from tunesmith.train.null_recorder import NullRecorder
from tunesmith.train.plan import Plan
from tunesmith.train.precision import choose
from tunesmith.train.saving import Saver

CATALOG = Catalog()
CPU = torch.device("cpu")
NAMES = tuple(f"f{place}" for place in range(8))
_FOLDER = tempfile.TemporaryDirectory(prefix="tunesmith-tests-")  # removed with the process


class Recorded(NullRecorder):
    """Keeps the events of a training."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []

    def event(self, kind: str, **fields: Any) -> None:
        self.events.append({"kind": kind, **fields})

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        """The events of one kind, oldest first."""
        return [event for event in self.events if event["kind"] == kind]


def saver_for(recorder: NullRecorder) -> Saver:
    """A real saver, to a folder of its own that goes with the process."""
    return Saver(
        Path(tempfile.mkdtemp(dir=_FOLDER.name)),
        keep=1,
        recorder=recorder,
        sync_recorded=lambda: None,
        disk_full=lambda message: None,
        disk_free=lambda: None,
        behind=False,
    )


def loop_on(assembled: Assembled, features: Features, *, plan: Plan, recorder: NullRecorder | None = None) -> Loop:
    """A loop on the CPU in single precision that is not evaluated; nobody watches it where no recorder is given."""
    recorder = NullRecorder() if recorder is None else recorder
    return build_loop(
        assembled,
        CATALOG,
        plan=plan,
        precision=choose("fp32", CPU, assembled.model.module),
        device=CPU,
        train=features,
        validation=None,
        recorder=recorder,
        commands=recorder,
        saver=saver_for(recorder),
        report_progress=lambda progress: None,
    )


def loop_of(
    model: LoadedModel,
    *,
    count_of_rows: int,
    batch_size: int,
    epochs: float,
    rate: float = 0.1,
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None = None,
    limit: int = 3,
) -> tuple[Loop, list[tuple[torch.Tensor, torch.Tensor]], Recorded]:
    """A loop with SGD over rows of eight numbers with three labels, its batches in their order, and its recorder."""
    numbers = np.random.default_rng(0).normal(size=(count_of_rows, 8))
    labels = [("red", "green", "blue")[number % 3] for number in range(count_of_rows)]
    data = rows(columns=[tuple(row) for row in numbers.tolist()], label=labels)
    asked = job("image-classification", {"columns": NAMES, "label": ("label",)}, normalise="none")
    training = replace(
        asked.training,
        batch_size=batch_size,
        epochs=epochs,
        learning_rate=rate,
        non_finite_limit=limit,
        loss=filled(CATALOG, "losses", "cross-entropy"),
        optimizer=filled(CATALOG, "optimizers", "sgd"),
        schedule=filled(CATALOG, "schedules", "constant"),
    )
    asked = replace(asked, training=training)
    entry = CATALOG.tasks["image-classification"]
    facts = entry.call("facts", asked, data)
    task = entry.call("build", asked, facts)
    features = task.encode(data, model)

    def plan() -> Plan:
        total = np.arange(count(features), dtype=np.int64)
        return Plan(lambda epoch: total, None, batch_size=batch_size, epochs=epochs, max_steps=None, seed=1)

    recorder = Recorded()
    loop = loop_on(Assembled(job=asked, facts=facts, task=task, model=model), features, plan=plan(), recorder=recorder)
    if loss is not None:
        loop._gradients._loss = loss
    taken = [task.collate(features, plan().rows(step)) for step in range(1, loop.plan.total_steps + 1)]
    return loop, [(batch["inputs"], batch["target"]) for batch in taken], recorder
