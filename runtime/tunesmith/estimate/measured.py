"""From sizes to measured figures: the run's own loop, with its real weights, takes a few steps."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

import psutil

from tunesmith.catalog import Catalog
from tunesmith.data.cache import entry_name
from tunesmith.data.features import Features, select
from tunesmith.estimate.energy import Power, driver_number
from tunesmith.estimate.figures import Estimate, Memory, Time
from tunesmith.estimate.measure import Steps, measure_evaluation, measure_steps, peak_resident_bytes
from tunesmith.estimate.rhythm import rhythm
from tunesmith.estimate.saving import checkpoint_seconds
from tunesmith.estimate.shaped import Shaped
from tunesmith.train.assemble import Assembled, assemble, project_cache, training_texts
from tunesmith.train.build import build_passing_loop, features_key, plan_of, untuned_key
from tunesmith.train.checkpoint import kept_names
from tunesmith.train.loop import Loop
from tunesmith.train.precision import choose

REPORT_ROWS = 64


def measured(first: Estimate, shaped: Shaped, catalog: Catalog, *, began_s: float, trusted: bool) -> Estimate:
    """`first` with time, energy and the memory that steps really took. Nothing is kept of what the steps did."""
    began = time.perf_counter()
    material, device = shaped.material, shaped.device
    texts = training_texts(material.job, material.data.train, catalog)
    kept = shaped.tokenizer_json
    assembled = assemble(material.job, material.facts, catalog, texts=texts, tokenizer_json=kept, trusted=trusted)
    validation = assembled.task.encode(material.validation, assembled.model) if material.validation else None
    loop = _loop(assembled, catalog, shaped, validation)
    loading_s = time.perf_counter() - began + shaped.loading_s + began_s
    if not _is_cached(assembled, shaped):
        loading_s += shaped.encoding_s
    loading_s += _asking_untuned_s(loop, assembled, shaped, validation)
    power = Power(driver_number(device.index or 0) if device.type == "cuda" else None)
    steps = measure_steps(loop, shaped.features, device, power)
    training_s = steps.step_s * shaped.steps
    report_s = 0.0
    evaluation_s = 0.0
    data = material.data
    if validation is not None and data.validation is not None:
        evaluation_s = measure_evaluation(loop, validation, device, len(data.validation))
        parts = [len(part) for part in (data.validation, data.test) if part is not None]
        fixed = [_report_s(loop, shaped, validation) for _ in parts]
        report_s = sum(fixed) + evaluation_s * sum(parts) / len(data.validation)
    often = rhythm(
        material.job,
        steps=shaped.steps,
        steps_per_epoch=shaped.steps_per_epoch,
        training_s=training_s,
        validates=validation is not None,
    )
    times = Time(
        loading=loading_s,
        training=training_s,
        evaluation=evaluation_s * often.evaluations,
        checkpoints=_checkpoints_s(loop, shaped, often.checkpoints),
        report=report_s,
        step=steps.step_s,
    )
    memory, host = _memory(first, shaped, steps)
    notes = [*first.notes, *_notes(shaped, steps)]
    host_free = (
        first.free_bytes if host is None else psutil.virtual_memory().available + psutil.Process().memory_info().rss
    )
    return replace(
        first,
        memory=memory,
        host_bytes=host,
        fits=None if memory is None else memory.total <= first.free_bytes and (host or 0) <= host_free,
        evaluations=often.evaluations,
        checkpoints=often.checkpoints,
        time=times,
        energy_j=steps.power_w * times.total if steps.power_w is not None else None,
        measured=True,
        notes=tuple(notes),
    )


def _loop(assembled: Assembled, catalog: Catalog, shaped: Shaped, validation: Features | None) -> Loop:
    module = assembled.model.module
    module.to(shaped.device)
    loop = build_passing_loop(
        assembled,
        catalog,
        plan=plan_of(assembled, shaped.features),
        precision=choose(assembled.job.training.precision, shaped.device, module),
        device=shaped.device,
        train=shaped.features,
        validation=validation,
    )
    if assembled.job.training.compile:
        module.compile(dynamic=True)
    return loop


def _report_s(loop: Loop, shaped: Shaped, validation: Features) -> float:
    """Seconds of a report on a few rows: what it costs is importing, drawing and writing, not the rows."""
    import numpy as np

    from tunesmith.explain.report import write_report

    began = time.perf_counter()
    rows = shaped.material.validation
    assert rows is not None  # there are features of it
    chosen = np.arange(min(REPORT_ROWS, len(rows)))
    part = select(validation, chosen)
    outputs = loop.outputs_of_current_weights(part)
    with tempfile.TemporaryDirectory(prefix="tunesmith-") as folder:
        write_report(
            Path(folder),
            job=loop.job,
            facts=shaped.material.facts,
            task=loop.task,
            outputs=outputs,
            features=part,
            rows=rows.select(chosen.tolist()),
            metrics=loop.task.metrics(outputs, part),
            series_folder=Path(folder) / "series",
        )
    return time.perf_counter() - began


def _asking_untuned_s(loop: Loop, assembled: Assembled, shaped: Shaped, validation: Features | None) -> float:
    """Seconds of what the task asks of the model before it is tuned: it goes over rows as an evaluation does."""
    data, device = shaped.material.data, shaped.device
    asked = [(data.train, shaped.encoded, True), (data.validation, validation, False), (data.test, validation, False)]
    seconds = 0.0
    for rows, features, learnt in asked:
        if rows is None or features is None or not assembled.task.asks_untuned(learnt=learnt):
            continue
        key = untuned_key(assembled, rows, data.fingerprint, learnt=learnt)
        if not (project_cache(assembled.job.folder) / entry_name(key)).exists():
            seconds += measure_evaluation(loop, features, device, len(rows))
    return seconds


def _checkpoints_s(loop: Loop, shaped: Shaped, times: int) -> float:
    if shaped.sizes is None:
        return 0.0
    return checkpoint_seconds(
        kept_names(loop.model.module, loop.module_state).values(),
        shaped.sizes.checkpoint,
        folder=loop.job.folder,
        times=times,
        shares_processor=shaped.device.type == "cpu",
    )


def _memory(first: Estimate, shaped: Shaped, steps: Steps) -> tuple[Memory | None, int | None]:
    """The sizes with what the process (or the GPU) really held in the place of the rest."""
    checkpoint = shaped.sizes.checkpoint if shaped.sizes else 0
    peak = peak_resident_bytes() - shaped.surplus_bytes
    if first.memory is None:
        return None, None
    if steps.device_bytes is not None:
        known = first.memory.total - first.memory.activations
        return replace(first.memory, activations=max(0, steps.device_bytes - known)), peak + checkpoint
    if shaped.device.type != "cpu":
        return first.memory, first.host_bytes
    known = first.memory.total - first.memory.process - first.memory.checkpoint
    return replace(first.memory, process=max(0, peak - known)), None


def _notes(shaped: Shaped, steps: Steps) -> list[str]:
    notes = []
    if steps.micro_batch_size < min(
        shaped.material.job.training.micro_batch_size or shaped.material.job.training.batch_size,
        len(shaped.material.data.train),
    ):
        notes.append(f"the device has room for micro-batches of {steps.micro_batch_size}: the run goes down to them")
    if steps.power_w is None:
        where = (
            "the GPU does not tell its power"
            if shaped.device.type == "cuda"
            else ("this machine does not tell what power its processor draws")
        )
        notes.append(f"no energy is given: {where}")
    elif shaped.device.type == "cuda":
        notes.append("energy is that of the whole GPU, not of the rest of the machine")
    else:
        notes.append("energy is that of the whole processor, other programs included")
    return notes


def _is_cached(assembled: Assembled, shaped: Shaped) -> bool:
    data = shaped.material.data
    key = features_key(assembled, data.train, data.fingerprint)
    return (project_cache(assembled.job.folder) / entry_name(key)).exists()
