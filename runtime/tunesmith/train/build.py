"""From the parts of a job to the loop that trains it: the same way for a run, its replay and its estimate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tunesmith.catalog import Catalog
from tunesmith.contracts.loss import LossFunction
from tunesmith.contracts.task import Outputs, Untuned
from tunesmith.contracts.training import Commands, Recorder, Watch
from tunesmith.data.cache import cached, cached_in_parts
from tunesmith.data.features import Features, numbered_from, rows_of
from tunesmith.data.fingerprint import Fingerprints, rows_digest
from tunesmith.data.resampling import class_weights, resampled
from tunesmith.data.rows import Rows
from tunesmith.errors import Place, TunesmithError
from tunesmith.job.write import to_mapping
from tunesmith.train.assemble import Assembled, project_cache
from tunesmith.train.base import untuned_weights
from tunesmith.train.embedding_rows import write_rows_only
from tunesmith.train.evaluate import answers_of, outputs_of
from tunesmith.train.loop import Loop
from tunesmith.train.memory import save_memory
from tunesmith.train.null_recorder import NullRecorder
from tunesmith.train.own_state import AroundState, ModuleState
from tunesmith.train.plan import Plan
from tunesmith.train.precision import Precision
from tunesmith.train.project_code import project_modules
from tunesmith.train.saving import Saver
from tunesmith.train.seeding import generators_apart
from tunesmith.train.select import OwnLoss, build_loss, build_optimizer, rate_factor


def features_key(assembled: Assembled, rows: Rows, fingerprint: Mapping[str, str]) -> dict[str, Any]:
    """Everything that decides the features of `rows`: their key in the project's cache."""
    prints = Fingerprints(project_cache(assembled.job.folder) / "fingerprints.json")
    return {
        "task": assembled.job.task,
        "rows": rows_digest(rows, prints),
        "files": dict(fingerprint),
        "encoding": assembled.task.encoding_key(assembled.model),
    }


def features_of(
    assembled: Assembled,
    rows: Rows,
    fingerprint: Mapping[str, str],
    *,
    made: Callable[[int], None] = lambda rows: None,
) -> Features:
    """The rows' features, from the project's cache where they have been made before.

    Of many rows they are made in parts, and none that is there is made again; `made` is called with the rows so far.
    """
    task, model = assembled.task, assembled.model
    if not assembled.job.folder.is_dir():  # moved away while the run trained: nothing is made there again
        return task.encode(rows, model)

    def build(begin: int, end: int) -> Features:
        some = rows if end - begin == len(rows) else rows.part(begin, end)
        return numbered_from(begin, task.encode(some, model))

    key = features_key(assembled, rows, fingerprint)
    cache = project_cache(assembled.job.folder)
    return cached_in_parts(cache, key, len(rows), build, left_out=task.left_out, made=made)


def with_untuned(
    assembled: Assembled,
    features: Features,
    rows: Rows,
    fingerprint: Mapping[str, str],
    *,
    learnt: bool,
    device: torch.device,
    written: Callable[[int], None] = lambda rows: None,
) -> Features:
    """The features, and beside them what the task asks of the model before it is tuned, which it must be yet.

    `written` is called with the number of rows that the model has written an answer for, where it does.
    """
    task, job = assembled.task, assembled.job
    if not task.asks_untuned(learnt=learnt):
        return features

    def outputs(some: Features) -> Outputs:
        size = job.evaluation.batch_size
        return outputs_of(task, assembled.model, some, batch_size=size, device=device, autocast=nullcontext)

    def answers(some: Rows) -> list[Any]:
        with generators_apart(job.seed, "evaluation"):
            return answers_of(task, assembled.model, some, autocast=nullcontext, between=written)

    def build() -> Features:
        return task.untuned(features, Untuned(rows=rows, outputs=outputs, answers=answers), learnt=learnt)

    assembled.model.module.to(device)
    if job.model.name == "python" or not job.folder.is_dir():  # code may change where weights do not
        return {**features, **build()}
    key = untuned_key(assembled, rows, fingerprint, learnt=learnt)
    return {**features, **cached(project_cache(job.folder), key, build)}


def untuned_key(assembled: Assembled, rows: Rows, fingerprint: Mapping[str, str], *, learnt: bool) -> dict[str, Any]:
    """Everything that decides what the untuned model says of `rows`: its key in the project's cache."""
    job = assembled.job
    return {
        **features_key(assembled, rows, fingerprint),
        "untuned": untuned_weights(assembled),
        "data": to_mapping(job)["data"],
        "seed": job.seed,
        "learnt": learnt,
    }


def judging_features(
    assembled: Assembled,
    rows: Rows,
    fingerprint: Mapping[str, str],
    *,
    device: torch.device,
    made: Callable[[int], None] = lambda rows: None,
    written: Callable[[int], None] = lambda rows: None,
) -> Features:
    """The features of rows that judge a model: with what the task asks of it untuned, as which it is given here.

    `made` as in `features_of`, `written` as in `with_untuned`.
    """
    features = features_of(assembled, rows, fingerprint, made=made)
    return with_untuned(assembled, features, rows, fingerprint, learnt=False, device=device, written=written)


def plan_of(assembled: Assembled, train: Features) -> Plan:
    """Which of the training rows make which step.

    Raises TunesmithError data.no-trainable-token where no row has anything to learn from: no step could be taken.
    """
    job = assembled.job
    if not any(weights.any() for weights in assembled.task.denominators(train, None).values()):
        raise TunesmithError(
            "data.no-trainable-token",
            "no training row has a token to learn within the window",
            place=Place(file=job.file, key="data.train"),
            hint="tunesmith check says which rows; raise data.window, or look whether the conversations have answers",
        )
    labels: Any = train["target"] if "target" in train and job.data.imbalance != "none" else None

    def samples_of(epoch: int) -> NDArray[np.int64]:
        if labels is None:
            return assembled.task.samples(train, seed=job.seed, epoch=epoch)
        return resampled(labels, job.data.imbalance, job.seed, epoch)

    training = job.training
    return Plan(
        samples_of,
        assembled.task.lengths(train),
        batch_size=training.batch_size,
        epochs=training.epochs,
        max_steps=training.max_steps,
        seed=job.seed,
    )


def loss_of(assembled: Assembled, catalog: Catalog) -> LossFunction:
    """The job's loss of what the model gives and learns. Raises what `build_loss` raises."""
    job = assembled.job
    return build_loss(job.training.loss, catalog, job.folder, deviation=assembled.facts.values.get("deviation", ()))


def class_weights_of(assembled: Assembled) -> list[float] | None:
    """What each label counts in the loss, where the job balances them so."""
    return class_weights(assembled.facts.counts) if assembled.job.data.imbalance == "weighted-loss" else None


def build_loop(
    assembled: Assembled,
    catalog: Catalog,
    *,
    plan: Plan,
    precision: Precision,
    device: torch.device,
    train: Features,
    validation: Features | None,
    recorder: Recorder,
    commands: Commands,
    saver: Saver,
    report_progress: Callable[[Mapping[str, Any]], None],
    base: Mapping[str, str] | None = None,
    train_rows: Rows | None = None,
    validation_rows: Rows | None = None,
    watch: Watch | None = None,
) -> Loop:
    """The loop over a settled job's parts; the model is on `device` already. `base`: see `base_of`."""
    job, model = assembled.job, assembled.model
    save_memory(assembled, precision)
    training = job.training
    if not training.compile:  # which would not see through it
        write_rows_only(model.module)
    loss = loss_of(assembled, catalog)
    optimizer = build_optimizer(training.optimizer, model.module, training.learning_rate, catalog, job.folder)
    own_loss = loss.own if isinstance(loss, OwnLoss) else None
    return Loop(
        job=job,
        task=assembled.task,
        metric=catalog.tasks[job.task].member.metric(job.evaluation.metric),
        model=model,
        loss=loss if watch is None else watch.watched(loss),
        optimizer=optimizer,
        module_state=ModuleState(model.module),
        base=base or {},
        around=AroundState(module=model.module, loss=own_loss, optimizer=optimizer, modules=project_modules(job)),
        rate=lambda step: rate_factor(training.schedule, training.warmup, step - 1, plan.total_steps, catalog),
        plan=plan,
        precision=precision,
        device=device,
        train=train,
        validation=validation,
        named=None if train_rows is None else lambda samples: train_rows.named(rows_of(train, samples).tolist()),
        validation_rows=validation_rows,
        class_weights=class_weights_of(assembled),
        recorder=recorder,
        commands=commands,
        saver=saver,
        report_progress=report_progress,
        watch=watch,
    )


def build_passing_loop(
    assembled: Assembled,
    catalog: Catalog,
    *,
    plan: Plan,
    precision: Precision,
    device: torch.device,
    train: Features,
    validation: Features | None = None,
    recorder: NullRecorder | None = None,
    watch: Watch | None = None,
) -> Loop:
    """The same for a few steps of which nothing is kept; it must not be asked to save."""
    null = NullRecorder() if recorder is None else recorder
    saver = Saver(
        Path(),
        keep=1,
        recorder=null,
        sync_recorded=lambda: None,
        disk_full=lambda message: None,
        disk_free=lambda: None,
    )
    return build_loop(
        assembled,
        catalog,
        plan=plan,
        precision=precision,
        device=device,
        train=train,
        validation=validation,
        recorder=null,
        commands=null,
        saver=saver,
        report_progress=lambda progress: None,
        watch=watch,
    )
