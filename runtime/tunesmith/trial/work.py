"""A trial at work: the job's model, method, loss and optimizer are built and take one step on a few rows.

All of it goes through the code of a run. What is smaller: rows and texts, the device (always the processor), and models
of more than `LARGE_BYTES`, whose shapes alone are gone through.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tunesmith.catalog import Catalog
from tunesmith.contracts.loss import LossFunction
from tunesmith.contracts.task import Batch
from tunesmith.contracts.training import Watch
from tunesmith.data.features import Features, count, select
from tunesmith.data.rows import Rows
from tunesmith.errors import Place, Problem, TunesmithError, is_failure
from tunesmith.estimate.prepared import Material, Request, material_of
from tunesmith.job.job import Job
from tunesmith.job.load import placed_in
from tunesmith.models.load import find_model
from tunesmith.train.assemble import Assembled, assemble, training_texts
from tunesmith.train.batches import map_tensors, sum_of_parts
from tunesmith.train.build import build_passing_loop, class_weights_of, loss_of
from tunesmith.train.device import device_of
from tunesmith.train.diagnosis import explaining
from tunesmith.train.loop import Loop
from tunesmith.train.modes import train_mode
from tunesmith.train.null_recorder import NullRecorder
from tunesmith.train.plan import Plan
from tunesmith.train.precision import choose
from tunesmith.train.select import build_optimizer
from tunesmith.trust import is_callable_name

LOOKED_AT = 32  # rows from which those of the step are taken
TEXTS = 2000  # texts that the tokenizer of a model from scratch is made from
LARGE_BYTES = 800_000_000
CPU = torch.device("cpu")


class _WarningRecorder(NullRecorder):
    """Keeps the warnings of a step."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def event(self, kind: str, **fields: Any) -> None:
        if kind == "warning":
            self.problems.append(
                Problem(
                    code=str(fields["code"]),
                    message=str(fields["message"]),
                    place=Place(key=fields.get("key")),
                    hint=str(fields.get("hint", "")),
                    severity="warning",
                )
            )


class _Outputs:
    """Looks on at a step: whether the outputs that the loss is given are finite."""

    def __init__(self) -> None:
        self.are_finite = True

    def watched(self, loss: LossFunction) -> LossFunction:
        def watched_loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
            self.are_finite = self.are_finite and bool(torch.isfinite(prediction.detach()).all())
            return loss(prediction, target)

        return watched_loss

    def begin(self) -> None:
        self.are_finite = True

    def part(self, rows: NDArray[np.int64], batch: Batch) -> None:
        """Not looked at."""

    def before_update(self, step: int, loss: torch.Tensor) -> None:
        """Not looked at."""


def try_here(request: Request) -> list[Problem]:
    """What a run of the job would fail of, and what it would warn of. Raises the errors that a run would end with."""
    catalog = Catalog()
    material = material_of(request, catalog)
    found: list[Problem] = []
    device: torch.device | None = None
    try:
        device = device_of(material.job.device)
    except TunesmithError as error:  # the model may be wrong as well
        found += error.problems
    try:
        found += _tried(material, catalog, device, trusted=request.trusted)
    except TunesmithError as error:
        comes_later = error.code == "model.not-found" and material.downloads
        found += [_not_here(error.problem)] if comes_later else error.problems
    return [placed_in(material.places, problem, request.file, material.job.file) for problem in found]


def _tried(material: Material, catalog: Catalog, device: torch.device | None, *, trusted: bool) -> list[Problem]:
    job, facts = material.job, material.facts
    texts = list(islice(training_texts(job, material.data.train, catalog), TEXTS))

    def assembled(*, weights: bool) -> Assembled:
        return assemble(job, facts, catalog, texts=texts, trusted=trusted, weights=weights)

    if _is_large(job, catalog):
        return _shapes(assembled(weights=False), material, catalog)
    whole = assembled(weights=True)
    if device is not None:
        choose(job.training.precision, device, whole.model.module)
    features = _few(whole, material.train)
    rows = count(features)
    training = replace(job.training, batch_size=rows, micro_batch_size=None, precision="fp32", max_steps=1)
    small = replace(whole, job=replace(job, training=training))
    warnings = _WarningRecorder()
    outputs = _Outputs()
    loop = _loop(small, catalog, features, warnings, outputs)
    train_mode(loop.model.module)
    try:
        loss = float(loop.step())
    except BaseException as error:
        named = loop.explained(error) if is_failure(error) else None
        if named is None:
            raise
        raise named from error
    loop.learning.check_gradients(is_sure=True)
    loop.tell_lost()
    return [*warnings.problems, *_not_finite(loss, job, outputs)]


def _loop(small: Assembled, catalog: Catalog, features: Features, recorder: NullRecorder, watch: Watch) -> Loop:
    rows = count(features)
    plan = Plan(
        lambda epoch: np.arange(rows, dtype=np.int64),
        small.task.lengths(features),
        batch_size=rows,
        epochs=1,
        max_steps=1,
        seed=small.job.seed,
    )
    precision = choose("fp32", CPU, small.model.module)
    return build_passing_loop(
        small, catalog, plan=plan, precision=precision, device=CPU, train=features, recorder=recorder, watch=watch
    )


def _few(assembled: Assembled, rows: Rows) -> Features:
    """A few training rows with something to learn; one more than the model has outputs where these are as many."""
    places = np.unique(np.linspace(0, len(rows) - 1, min(LOOKED_AT, len(rows))).round().astype(np.int64))
    features = assembled.task.encode(rows.select(places.tolist()), assembled.model)
    weights = np.sum(list(assembled.task.denominators(features, None).values()), axis=0)
    useful: NDArray[np.int64] = np.flatnonzero(weights > 0)
    if not len(useful):
        useful = np.arange(count(features))
    wanted = 4 if assembled.task.head().outputs != 4 else 5
    few = select(features, useful[np.unique(np.linspace(0, len(useful) - 1, min(wanted, len(useful))).astype(int))])
    return {**few, **assembled.task.like_untuned(few)}


def _shapes(assembled: Assembled, material: Material, catalog: Catalog) -> list[Problem]:
    """A large model without its bytes: this only finds whether shapes fit."""
    job, module = assembled.job, assembled.model.module
    batch = assembled.task.collate(features := _few(assembled, material.train), np.arange(count(features)))
    batch = map_tensors(batch, lambda tensor: tensor.to("meta"))
    loss = loss_of(assembled, catalog)
    build_optimizer(job.training.optimizer, module, job.training.learning_rate, catalog, job.folder)
    weights = class_weights_of(assembled)
    balance = torch.tensor(weights, device="meta") if weights is not None else None
    module.to("meta")

    def forward() -> torch.Tensor:
        return sum_of_parts(assembled.task.loss_sums(assembled.model, batch, loss, balance))

    extent = "its shapes were tried, its numbers were not"
    try:
        with explaining(module, forward, job):
            forward().backward()  # type: ignore[no-untyped-call]
    except TunesmithError as error:
        if error.code not in ("model.forward-failed", "train.loss-failed", "train.backward-failed"):
            raise
        extent = "it was not tried: its code cannot work on shapes alone"
    millions = sum(parameter.numel() for parameter in module.parameters()) / 1e6
    return [
        Problem(
            code="train.trial-of-shapes",
            message=f"the model has {millions:,.0f} million weights: {extent}",
            place=Place(key="model"),
            severity="info",
        )
    ]


def _not_here(problem: Problem) -> Problem:
    """The finding where the run would download the model."""
    return Problem(
        code="train.trial-without-model",
        message="the model is not on this machine yet, and a check downloads nothing: the job was not tried",
        place=Place(key="model"),
        found=problem.found,
        severity="info",
    )


def _is_large(job: Job, catalog: Catalog) -> bool:
    """Whether the model's files hold more than a small machine loads in a moment."""
    folder = find_model(job, catalog)
    return folder is not None and sum(file.stat().st_size for file in folder.glob("*.safetensors")) > LARGE_BYTES


def _not_finite(loss: float, job: Job, outputs: _Outputs) -> list[Problem]:
    if np.isfinite(loss):
        return []
    key = "model"
    hint = "look in the model for log, sqrt or a division of what may be 0, and in the data for huge numbers"
    if outputs.are_finite and is_callable_name(job.training.loss.name):
        key = "training.loss"
        hint = "look in the loss for log, sqrt or a division of what may be 0: the model's outputs are finite"
    message = "the loss of the first batch is not finite"
    return [Problem(code="train.not-finite", message=message, place=Place(key=key), found=str(loss), hint=hint)]
