"""An estimate at work: sizes from shapes, then real steps where they are wanted and fit.

Meant for a process of its own (`__main__.py`): what that holds and how long it takes to begin is what a worker would.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil
import torch

from tunesmith.catalog import Catalog
from tunesmith.data.features import count
from tunesmith.env.machine import read_machine
from tunesmith.errors import Place, TunesmithError
from tunesmith.estimate.figures import Disk, Estimate, Memory
from tunesmith.estimate.fit import judged
from tunesmith.estimate.prepared import Material, Request, changed, material_of, rows_an_epoch
from tunesmith.estimate.rhythm import Rhythm, rhythm
from tunesmith.estimate.shaped import Shaped
from tunesmith.estimate.shapes import Sizes, sizes_of
from tunesmith.estimate.steps import largest_batch, total_steps
from tunesmith.train.assemble import Assembled, assemble, training_texts
from tunesmith.train.build import plan_of
from tunesmith.train.device import device_of
from tunesmith.train.precision import choose

MODEL_UNFIT = ("data.unknown-tokens", "data.longer-than-window")
"""Findings about the rows that another model would mend: worth knowing before one is paid for."""
LOOKED_AT = 1000
"""Rows of which it is reported what the model will not read."""
SERIES_BYTES = 3 * 24  # loss, learning rate and gradient norm of a step


def estimate_here(request: Request, tell: Callable[[Estimate], None], *, began_s: float = 0.0) -> Estimate:
    """The estimate, made in this process. `tell` gets the part without measurements first. `began_s`: how long it took
    to start this process and to import what a worker imports.

    Raises InvalidJob and the like for a job that cannot run.
    """
    catalog = Catalog()
    material = material_of(request, catalog)
    shaped = shape(material, catalog, trusted=request.trusted)
    training = material.job.training

    def sizes_with(overrides: tuple[str, ...]) -> Sizes | None:
        try:
            other = changed(material, request, overrides, catalog)
            return shape(other, catalog, trusted=request.trusted).sizes
        except TunesmithError:
            return None

    def judge(result: Estimate) -> Estimate:
        micro = training.micro_batch_size or training.batch_size
        return judged(result, sizes_with, micro_batch_size=micro, method=material.job.method.name)

    first = judge(_from_shapes(shaped))
    tell(first)
    if not request.measure or first.fits is False:
        return first
    from tunesmith.estimate.measured import measured

    return judge(measured(first, shaped, catalog, began_s=began_s, trusted=request.trusted))


def shape(material: Material, catalog: Catalog, *, trusted: bool) -> Shaped:
    """Assemble the job's model without weights and go through a step of its largest batch."""
    began = time.perf_counter()
    job = material.job
    device = device_of(job.device)
    notes: list[str] = []
    assembled = _assembled(material, catalog, trusted=trusted, notes=notes)
    tokenizer = assembled.model.tokenizer
    loading_s = time.perf_counter() - began
    notes += _unread(material, assembled, catalog)
    if assembled.task.writes and assembled.task.answered_rows:
        notes.append("the time to write texts at evaluations is not in it: it depends on how long they become")
    began = time.perf_counter()
    encoded = assembled.task.encode(material.train, assembled.model)
    encoding_s = (time.perf_counter() - began) / max(len(material.train), 1) * len(material.data.train)
    features = {**encoded, **assembled.task.like_untuned(encoded)}
    plan = plan_of(assembled, features)
    steps_per_epoch, steps = total_steps(job, plan, rows_an_epoch(material) * count(features) / len(material.train))
    precision = choose(job.training.precision, device, assembled.model.module)
    held = psutil.Process().memory_info().rss
    sizes = None
    try:
        batch = largest_batch(assembled, plan, features)
        sizes = sizes_of(assembled, catalog, batch, precision=precision, device=device)
    except TunesmithError:
        raise
    except Exception as error:  # noqa: BLE001 - the model's own code may do anything with a tensor that has no bytes
        notes.append(f"the model's code cannot work on shapes alone ({type(error).__name__}: {_first_line(error)})")
    return Shaped(
        material=material,
        device=device,
        precision=precision.name,
        sizes=sizes,
        encoded=encoded,
        features=features,
        steps=steps,
        steps_per_epoch=steps_per_epoch,
        tokenizer_json=tokenizer.to_str() if tokenizer is not None and not assembled.model.tokenizer_folder else None,
        loading_s=material.took_s + loading_s,
        encoding_s=encoding_s,
        surplus_bytes=max(0, psutil.Process().memory_info().rss - held),
        notes=tuple(notes),
    )


def _unread(material: Material, assembled: Assembled, catalog: Catalog) -> list[str]:
    """What the model will not see of the first rows: a sentence each."""
    if assembled.model.text is None:
        return []
    rows = material.train.select(range(min(len(material.train), LOOKED_AT)))
    found = catalog.tasks[material.job.task].call(
        "check_rows", assembled.job, rows, material.facts, assembled.model.text
    )
    return [problem.message for problem in found if problem.code in MODEL_UNFIT]


def _assembled(material: Material, catalog: Catalog, *, trusted: bool, notes: list[str]) -> Assembled:
    """Without weights; with them where the model's source or the method cannot do without."""
    job, facts = material.job, material.facts
    texts = training_texts(job, material.data.train, catalog)
    try:
        return assemble(job, facts, catalog, texts=texts, trusted=trusted, weights=False)
    except TunesmithError as error:
        if error.code == "model.not-found" and material.downloads:
            raise TunesmithError(
                "estimate.model-not-here",
                "the model is not on this machine yet, and an estimate downloads nothing",
                place=Place(key="model"),
                found=error.problem.found,
                hint="start the run: it downloads the model; stop it then, and estimate",
            ) from error
        if error.code not in ("model.callable-failed", "model.cannot-load"):
            raise
    except Exception as error:  # noqa: BLE001 - see above; with weights it either works or says clearly why not
        notes.append(f"sizes were taken with weights ({type(error).__name__}: {_first_line(error)})")
    return assemble(job, facts, catalog, texts=texts, trusted=trusted)


def _from_shapes(shaped: Shaped) -> Estimate:
    material, job, sizes = shaped.material, shaped.material.job, shaped.sizes
    on_gpu = shaped.device.type == "cuda"
    resident = psutil.Process().memory_info().rss
    machine = read_machine(job.folder)
    host_free = machine.available_bytes + resident
    free = torch.cuda.mem_get_info(shaped.device)[0] if on_gpu else host_free
    validates = material.data.validation is not None
    often = rhythm(
        job, steps=shaped.steps, steps_per_epoch=shaped.steps_per_epoch, training_s=None, validates=validates
    )
    memory = _memory(sizes, resident - shaped.surplus_bytes, on_gpu=on_gpu) if sizes else None
    host = resident - shaped.surplus_bytes + sizes.checkpoint if sizes and on_gpu else None
    return Estimate(
        device=str(shaped.device),
        precision=shaped.precision,
        memory=memory,
        host_bytes=host,
        free_bytes=free,
        fits=None if memory is None else memory.total <= free and (host or 0) <= host_free,
        disk=_disk(shaped, sizes, often, machine.disk_free_bytes) if sizes else None,
        parameters=sizes.parameters if sizes else None,
        trainable_parameters=sizes.trainable_parameters if sizes else None,
        parts=sizes.parts if sizes else (),
        rows=len(material.data.train),
        labels=len(material.facts.labels),
        steps=shaped.steps,
        steps_per_epoch=shaped.steps_per_epoch,
        evaluations=often.evaluations,
        checkpoints=often.checkpoints,
        time=None,
        energy_j=None,
        measured=False,
        notes=shaped.notes,
    )


def _memory(sizes: Sizes, resident: int, *, on_gpu: bool) -> Memory:
    """On a GPU the process and the copy that a checkpoint is written from are in the host's memory."""
    return Memory(
        weights=sizes.weights,
        gradients=sizes.gradients,
        optimizer=sizes.optimizer,
        average=sizes.average,
        activations=sizes.activations,
        checkpoint=0 if on_gpu else sizes.checkpoint,
        process=0 if on_gpu else resident,
    )


def _disk(shaped: Shaped, sizes: Sizes, often: Rhythm, free: int) -> Disk:
    """The newest `keep` stay and, where it is not among them, the best; a new one is written before an old one goes."""
    validates = shaped.material.data.validation is not None
    kept = min(shaped.material.job.checkpoints.keep + validates, often.checkpoints)
    most = min(kept + 1, often.checkpoints)
    return Disk(
        one_checkpoint=sizes.checkpoint,
        kept=kept * sizes.checkpoint,
        most=most * sizes.checkpoint,
        series=SERIES_BYTES * shaped.steps,
        free=free,
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]
