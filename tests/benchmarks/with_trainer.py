"""transformers' Trainer as a peer: what every benchmark that compares with it has in common."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from common import Figures, add_precision, batches, cpu_s, parser, peak_mb
from ours import Measured

GROUPED = {"train_sampling_strategy": "group_by_length"}
"""Arguments by which rows of like length come together."""


PASSED = ["loss", "rows", "epochs", "batch", "rate", "precision"]
"""What `options_of` gives that every peer gets."""


def options_of(
    arguments: list[str], description: str, peers: Sequence[str], *, rows: int, of: str, rate: float
) -> argparse.Namespace:
    """The options of a benchmark of speed, or of the losses of equal steps; `rows` and `rate` are defaults, `of` what a
    row is."""
    made = parser(description, peers)
    made.add_argument("--loss", action="store_true", help="compare the losses of equal steps, not speed")
    made.add_argument("--rows", type=int, default=rows, help=f"{of} to train on")
    made.add_argument("--epochs", type=int, help="default 2; with --loss 1")
    made.add_argument("--batch", type=int, default=16, help="rows a step")
    made.add_argument("--rate", type=float, default=rate, help="learning rate")
    add_precision(made)
    options = made.parse_args(arguments)
    options.epochs = options.epochs or (1 if options.loss else 2)
    return options


@dataclass(slots=True)
class Steps:
    """When each step ended, and its loss."""

    ended: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)


def train(
    options: argparse.Namespace,
    model: Any,
    rows: Sequence[dict[str, Any]],
    collate: Callable[[list[dict[str, Any]]], Any],
    *,
    kind: str = "",
    ordered: bool = False,
    **arguments: Any,
) -> Steps:
    """Train `model` with transformers.Trainer (`kind`: "Seq2Seq" for that one) as it comes, but for saving and its
    progress bar. `rows` are given to `collate`; `arguments` are those of TrainingArguments.

    `ordered`: the rows are those of all epochs and are taken as they stand, and the loss of each step is kept.
    """
    import transformers

    steps = Steps()

    class Mark(transformers.TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            steps.ended.append(time.perf_counter())

        def on_log(self, *_: Any, logs: dict[str, float], **__: Any) -> None:
            steps.losses.extend([logs["loss"]] if "loss" in logs else [])

    if ordered:
        arguments |= {"train_sampling_strategy": "sequential", "logging_steps": 1}
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-trainer-") as folder:
        given = getattr(transformers, f"{kind}TrainingArguments")(
            folder,
            num_train_epochs=1 if ordered else options.epochs,
            per_device_train_batch_size=options.batch,
            learning_rate=options.rate,
            save_strategy="no",
            report_to=[],
            use_cpu=True,
            disable_tqdm=True,
            seed=options.seed,
            **arguments,
        )
        trainer = getattr(transformers, f"{kind}Trainer")
        trainer(model=model, args=given, train_dataset=rows, data_collator=collate, callbacks=[Mark()]).train()
    return steps


def in_order(
    options: argparse.Namespace, rows: Sequence[dict[str, Any]], length: Callable[[dict[str, Any]], int]
) -> list[dict[str, Any]]:
    """The rows of all epochs as `tunesmith run` takes them, each step's together. There must be whole batches."""
    if len(rows) % options.batch:
        sys.exit(f"{len(rows)} rows are no multiple of {options.batch}, so others would cut them into other batches")
    lengths = [length(row) for row in rows]
    return [
        rows[number]
        for epoch in range(options.epochs)
        for batch in batches(options, len(rows), epoch, lengths)
        for number in batch
    ]


def measured(
    options: argparse.Namespace, model: Any, steps: Steps, rows: Sequence[dict[str, Any]], *, tokens: int
) -> Figures:
    """Figures of a peer that has just trained `model` in this process."""
    parameters = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    found = figures(options, steps.ended, steps.losses if options.loss else ())
    used = {"peak_mb": peak_mb(), "cpu_s": cpu_s()}
    return {**found, **used, "rows": len(rows), "tokens": tokens, "parameters": parameters}


def of_ours(options: argparse.Namespace, run: Measured, *, rows: int, tokens: int) -> Figures:
    """The same of a run of Tunesmith."""
    found = figures(options, list(run.seconds), list(run.losses) if options.loss else ())
    used = {"peak_mb": run.peak_mb, "cpu_s": run.cpu_s, "precision": run.precision()}
    return {**found, **used, "rows": rows, "tokens": tokens, "parameters": run.parameters()}


def figures(options: argparse.Namespace, ended: Sequence[float], losses: Sequence[float]) -> Figures:
    """`ended` are the times at which the steps ended; speed is that of the last epoch. `losses` may be left out."""
    found: Figures = {"steps": len(ended)}
    if options.epochs > 1:
        steps = round(len(ended) / options.epochs)
        found["samples_per_s"] = round(options.rows / (ended[-1] - ended[-1 - steps]), 2)
    return found | first_and_last(losses)


def first_and_last(losses: Sequence[float]) -> Figures:
    """The losses of the first and of the last step, and the mean of all; nothing where they were not kept."""
    if not losses:
        return {}
    mean = sum(map(float, losses)) / len(losses)
    return {"first_loss": float(losses[0]), "mean_loss": mean, "last_loss": float(losses[-1])}
