"""One training, from the frozen job to the report."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import torch

from tunesmith.catalog import Catalog
from tunesmith.checks.usable_rows import with_usable_rows
from tunesmith.contracts.task import Facts
from tunesmith.contracts.training import Commands, Recorder
from tunesmith.data.features import Features
from tunesmith.data.load import load_data
from tunesmith.data.rows import Rows
from tunesmith.data.split_folders import with_split_folders
from tunesmith.data.time_left import TimeLeft
from tunesmith.errors import TunesmithError, is_failure
from tunesmith.files import remove_stale, sync_file, write_atomic
from tunesmith.guarded import digest_of, write_guarded
from tunesmith.job.job import Job
from tunesmith.job.write import dump
from tunesmith.runs.comparison import data_warnings
from tunesmith.runs.folder import FOLDERS, TOKENIZER, RunFolder
from tunesmith.runs.frozen import folder_seen_from, read_frozen, require_project
from tunesmith.runs.kept import pruning
from tunesmith.runs.recorder import RunRecorder
from tunesmith.train import checkpoint
from tunesmith.train.assemble import (
    Assembled,
    assemble,
    facts_to_json,
    project_cache,
    settled_job,
    training_texts,
)
from tunesmith.train.base import base_of
from tunesmith.train.build import build_loop, features_of, judging_features, plan_of, with_untuned
from tunesmith.train.data_warnings import warnings_of_data
from tunesmith.train.device import device_of
from tunesmith.train.loop import Ending
from tunesmith.train.precision import choose
from tunesmith.train.project_code import code_changed, sources
from tunesmith.train.saving import Saver
from tunesmith.train.seeding import seed_generators
from tunesmith.use.load import read_facts
from tunesmith.worker.environment import TRAINING_VERSION, differences, environment, make_deterministic
from tunesmith.worker.prepared import Training
from tunesmith.worker.stopping import Stopper

log = logging.getLogger("tunesmith.worker")
RESERVE_BYTES = 256 << 10  # set free when the disk is full, so that the run can still say so
PROGRESS_S = 1.0


def prepare(
    run: RunFolder,
    commands: Commands,
    recorder: Recorder,
    report_progress: Callable[[Mapping[str, Any]], None],
    *,
    checkpoint_folder: Path | None,
    stopper: Stopper | None = None,
    on_progress: Callable[[str], None] = lambda message: None,
) -> Training:
    """Load data and model, and stand where the checkpoint was taken (None: at the beginning).

    `on_progress` is called again and again with how far it has come.
    With a `stopper` the training is one that a debugger can follow: no thread beside it, and nothing compiled.
    """
    catalog = Catalog()
    frozen = read_frozen(run, catalog)
    require_project(run, frozen)
    job, notes = with_split_folders(frozen)
    before = run.object_in("environment.json")
    _refuse_other_version(before)
    seed_generators(job.seed, "data")
    memory = project_cache(job.folder) / "fingerprints.json"
    data, facts = with_usable_rows(job, load_data(job, catalog, memory=memory, on_progress=on_progress), catalog)
    _refuse_changed(before, data.fingerprint)
    job, facts = _settled(run, job, facts, catalog, recorder)
    device = device_of(job.device)
    make_deterministic(device, before.get("threads"))

    assembled = _assembled(run, job, facts, data.train, catalog)
    base = base_of(assembled)

    def encoded_so_far(rows: Rows) -> Callable[[int], None]:
        on_progress("looking for encoded rows in the cache")
        return partial(_encoded, on_progress, TimeLeft(), len(rows))

    def judging(rows: Rows) -> Features:
        return judging_features(
            assembled,
            rows,
            data.fingerprint,
            device=device,
            made=encoded_so_far(rows),
            written=lambda count: on_progress(f"writing answers before anything is tuned: {count:,} rows"),
        )

    encoded = features_of(assembled, data.train, data.fingerprint, made=encoded_so_far(data.train))
    train = with_untuned(assembled, encoded, data.train, data.fingerprint, learnt=True, device=device)
    validation = judging(data.validation) if data.validation else None
    asks = assembled.task.asks_untuned(learnt=False)  # now, for later the model is tuned
    test = judging(data.test) if data.test and asks else None
    module = assembled.model.module
    module.to(device)
    precision = choose(job.training.precision, device, module)

    now = environment(device, folder=job.folder, data=data.fingerprint, precision=precision.name)
    _compare(before, now, recorder)
    if not before:
        by_part = {"train": train}
        if validation is not None:
            by_part["validation"] = validation
        warnings = warnings_of_data(assembled, data, catalog, by_part, on_progress=on_progress)
        doubts = [*warnings, *assembled.task.doubts(train)]
        for doubt, text in doubts:
            recorder.event("warning", code=doubt, message=text)
        run.set_state("preparing", data_warnings=len(dict.fromkeys(text for _, text in doubts)))
        for problem in data.skipped:
            recorder.event("skipped-row", message=str(problem))
        for problem in notes:
            recorder.event("chosen", key=problem.place.key, message=f"{problem.message}: {problem.found}")
        for key, reason in {**job.training.why, "precision": precision.why}.items():
            recorder.event("chosen", key=key, message=reason)

    plan = plan_of(assembled, train)
    saver = Saver(
        run.checkpoints_folder,
        keep=job.checkpoints.keep,
        kept=lambda: pruning(run),
        recorder=recorder,
        sync_recorded=lambda: _sync_series(run),
        disk_full=lambda message: _tell_disk_full(run, message),
        disk_free=lambda: _tell_disk_free(run),
        behind=stopper is None,
    )
    loop = build_loop(
        assembled,
        catalog,
        plan=plan,
        precision=precision,
        device=device,
        train=train,
        validation=validation,
        train_rows=data.train,
        validation_rows=data.validation,
        recorder=recorder,
        commands=commands,
        saver=saver,
        report_progress=report_progress,
        base=base,
        watch=stopper,
    )
    code = sources(job)  # all of it is imported now
    if not before:
        tokenizer = run.tokenizer_json()
        made = {"tokenizer": digest_of(tokenizer.encode())} if tokenizer else {}
        write_guarded(run.path / "environment.json", {**now, **made, "code": code}, private=True)
    elif (changed := code_changed(before, code)) is not None:
        recorder.event("warning", code=changed.code, message=changed.message)
        log.warning("%s", changed.message)
    if checkpoint_folder is not None:
        loop.restore(checkpoint.read(checkpoint_folder), checkpoint_folder)
    if job.training.compile and stopper is None:
        module.compile(dynamic=True)
    training = Training(
        job=job,
        facts=facts,
        data=data,
        assembled=assembled,
        train=train,
        validation=validation,
        test=test,
        precision=precision,
        loop=loop,
        saver=saver,
    )
    if stopper is not None:
        stopper.attach(training)
    return training


def train(
    run: RunFolder,
    commands: Commands,
    *,
    stopper: Stopper | None = None,
    shown: Callable[[], None] = lambda: None,
) -> None:
    """Train `run` from where it stands; its state says in the end how that went.

    `shown` is called whenever the state was written. With a `stopper`, as `prepare` says.
    """
    _keep_reserve(run)
    newest, damaged = checkpoint.newest_good(run.checkpoints())
    recorder = _recorder(run, newest)
    for error in damaged:
        recorder.event("warning", code=error.code, message=str(error))
        log.warning("%s", error)
    try:
        reporter = _Reporter(run, shown)
        training = prepare(
            run,
            commands,
            recorder,
            reporter,
            checkpoint_folder=newest,
            stopper=stopper,
            on_progress=_Preparation(run, shown),
        )
        training.saver.clean()
        for folder in (run.path, *(run.path / name for name in FOLDERS)):
            remove_stale(folder)
        run.set_state("running", message="")
        try:
            ending = _trained(training, follows=stopper is not None)
        finally:
            training.saver.wait()  # whatever ended the training, the checkpoint from before it is kept
        if ending == "finished":
            loop = training.loop
            nothing = f"nothing was learnt: {loop.nothing_learnt}" if loop.nothing_learnt else ""
            notes = {"nothing_learnt": loop.nothing_learnt, "doubts": loop.progress.doubts}
            run.set_state("running", message="writing the report", **notes)
            _report(run, training, recorder)
            (run.path / ".reserve").unlink(missing_ok=True)
            run.set_state(ending, message=nothing)
        else:
            run.set_state(ending, message="")
    finally:
        recorder.close()


def _trained(training: Training, *, follows: bool) -> Ending:
    """Run the loop to its end. `follows`: a debugger looks on, and is to see an error as it was raised."""
    try:
        return training.loop.run()
    except BaseException as error:
        named = training.loop.explained(error) if is_failure(error) and not follows else None
        if named is None:
            raise
        log.exception("a step failed")
        raise named from error


def _recorder(run: RunFolder, newest: Path | None) -> RunRecorder:
    """What a killed worker recorded after its last checkpoint is cut: those steps come again, equal."""
    if newest is not None:
        return run.recorder(after_step=checkpoint.step_of(newest), evaluated=not checkpoint.owes_evaluation(newest))
    return run.recorder(after_step=-1 if run.series() else None)


def _settled(run: RunFolder, job: Job, facts: Facts, catalog: Catalog, recorder: Recorder) -> tuple[Job, Facts]:
    """The job without any `auto` left, and the facts; both are kept with the run and found there on resume.

    Facts that are damaged are written anew: they come from the data, which is what it was.
    """
    try:
        return job, read_facts(run)
    except TunesmithError as error:
        if error.code != "run.nothing-learnt":
            recorder.event("warning", code=error.code, message=error.problem.message)
            log.warning("%s", error)
    settled = settled_job(job, facts, catalog)
    run.write_job(dump(settled, folder=folder_seen_from(run.path, settled.folder)))
    write_guarded(run.path / "facts.json", facts_to_json(facts))
    return settled, facts


def _assembled(run: RunFolder, job: Job, facts: Facts, rows: Rows, catalog: Catalog) -> Assembled:
    kept = run.tokenizer_json()
    texts = training_texts(job, rows, catalog)
    assembled = assemble(job, facts, catalog, texts=texts, tokenizer_json=kept)
    tokenizer = assembled.model.tokenizer
    if kept is None and tokenizer is not None and assembled.model.tokenizer_folder is None:
        write_atomic(run.path / TOKENIZER, tokenizer.to_str())
    for note in assembled.model.notes:
        log.info("%s", note)
    return assembled


def _refuse_other_version(before: Mapping[str, Any]) -> None:
    """Raises TunesmithError run.other-version where the run was begun by a Tunesmith that trained in another way."""
    version = before.get("training_version")
    if before and version != TRAINING_VERSION:
        later = isinstance(version, int) and version > TRAINING_VERSION
        raise TunesmithError(
            "run.other-version",
            f"the run was begun with {'a later' if later else 'an earlier'} version of Tunesmith, in which the same "
            "job trains otherwise: going on would mix two trainings",
            found=f"training_version {version or 1}, and this one has {TRAINING_VERSION}",
            hint="start a new run from the same job; what this run has reached can still be shown, used and exported",
        )


def _refuse_changed(before: Mapping[str, Any], data: Mapping[str, str]) -> None:
    """Raises TunesmithError run.data-changed where the data is not what it was when the run began."""
    known = before.get("data")
    known = known if isinstance(known, dict) else {}
    if before and known != data:
        changed = [name for name, digest in data.items() if known.get(name) != digest]
        raise TunesmithError(
            "run.data-changed",
            "the data has changed since the run began",
            found=", ".join(changed),
            hint="bring the old file back to go on exactly, or start a new run from the same job",
        )


def _compare(before: Mapping[str, Any], now: Mapping[str, Any], recorder: Recorder) -> None:
    """Warn of what keeps a resume from being exact."""
    for problem in differences(before, now) if before else []:
        recorder.event("warning", code=problem.code, message=problem.message)
        log.warning("%s", problem.message)


def _cuda_in_use() -> bool:
    return torch.cuda.is_available() and torch.cuda.is_initialized()  # type: ignore[no-untyped-call]


def _encoded(on_progress: Callable[[str], None], left: TimeLeft, rows: int, done: int) -> None:
    if done < rows:
        on_progress(f"encoding rows: {done:,} of {rows:,} ({100 * done // rows}%){left(done / rows)}")
    else:
        on_progress(f"writing the {rows:,} encoded rows into one place")


class _Preparation:
    """Writes how far the preparation has come to the run's state: once a second, and whenever other work begins."""

    def __init__(self, run: RunFolder, shown: Callable[[], None]) -> None:
        self._run, self._shown = run, shown
        self._began = self._last = time.monotonic()
        self._work = ""

    def __call__(self, message: str) -> None:
        now, work = time.monotonic(), message.partition(":")[0]
        is_other = work != self._work and now - self._began >= PROGRESS_S
        self._work = work
        if is_other or now - self._last >= PROGRESS_S:
            self._last = now
            try:
                self._run.set_state("preparing", message=message)
            except OSError as error:  # who reads the data is not to take it for a fault of theirs
                log.warning("how far the preparation has come was not written: %s", error)
            self._shown()


class _Reporter:
    """Writes the loop's progress to the run's state, once a second."""

    def __init__(self, run: RunFolder, shown: Callable[[], None]) -> None:
        self._run, self._shown = run, shown
        self._process = psutil.Process()
        self._last = -PROGRESS_S

    def __call__(self, progress: Mapping[str, Any]) -> None:
        now = time.monotonic()
        fields = dict(progress)
        if not fields.pop("force") and now - self._last < PROGRESS_S:
            return
        self._last = now
        on_device = torch.cuda.max_memory_reserved() if _cuda_in_use() else 0
        memory = on_device or self._process.memory_info().rss
        self._run.set_state("running", memory_mb=round(memory / 1e6, 1), **fields)
        self._shown()


def _report(run: RunFolder, training: Training, recorder: RunRecorder) -> None:
    """Measure the best weights on the validation and test rows and write report/."""
    from tunesmith.explain.report import Measured, about_run, write_reports

    loop = training.loop
    best = loop.progress.best
    folder = run.checkpoints_folder / checkpoint.name_of(best["step"] if best else loop.progress.step)
    checkpoint.load_weights(folder, training.assembled.model.module, loop.module_state, around=loop.around)
    parts: dict[str, Measured] = {}
    data, task = training.data, training.assembled.task
    held_out = (("validation", data.validation, training.validation), ("test", data.test, training.test))
    for name, rows, known in held_out:
        if rows is not None:
            features = features_of(training.assembled, rows, data.fingerprint) if known is None else known
            outputs = training.loop.outputs_of_current_weights(features)
            parts[name] = Measured.of(task, rows, features, outputs, training.loop.answers_of_current_weights)
    write_reports(
        run.report_folder,
        job=training.job,
        facts=training.facts,
        task=task,
        parts=parts,
        series_folder=run.series_folder,
        about=about_run(data, training.assembled.model),
        nothing_learnt=training.loop.nothing_learnt,
        doubts=[*data_warnings(run), *training.loop.progress.doubts],
    )
    for name, measured in parts.items():
        recorder.event("report", part=name, rows=len(measured.rows), metrics=measured.metrics)


def _sync_series(run: RunFolder) -> None:
    for name in run.series():
        sync_file(run.series_file(name))


def _keep_reserve(run: RunFolder) -> None:
    reserve = run.path / ".reserve"
    try:
        if not reserve.exists():
            reserve.write_bytes(b"\0" * RESERVE_BYTES)
    except OSError as error:
        log.warning("no room was kept for messages: %s", error)


def _tell_disk_full(run: RunFolder, message: str) -> None:
    (run.path / ".reserve").unlink(missing_ok=True)
    log.error("%s", message)
    try:
        run.set_state("paused", message=message, error="run.disk-full")
    except OSError as error:
        log.error("that could not even be written to the run's state: %s", error)


def _tell_disk_free(run: RunFolder) -> None:
    log.info("there is room again: going on")
    _keep_reserve(run)
    run.set_state("running", message="", error=None)
