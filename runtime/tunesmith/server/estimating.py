"""Estimates from a process of their own, as a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tunesmith.protocol.jobs import DiskEstimate, Estimate, MemoryEstimate, Remedy, TimeEstimate
from tunesmith.protocol.problems import found
from tunesmith.server.program import run_module


async def estimate(job: Path, *, text: str | None, overrides: Sequence[str], measure: bool, trusted: bool) -> Estimate:
    """What a run of the job would need. Raises what is wrong with the job, and estimate.failed."""
    from tunesmith.estimate.prepared import Request
    from tunesmith.estimate.run import DEADLINE_S, decoded, encoded, unfinished

    asked = Request(file=job, text=text, overrides=tuple(overrides), measure=measure, trusted=trusted)
    status, out, err = await run_module(("tunesmith.estimate",), given=encoded(asked), timeout_s=DEADLINE_S)
    lines = out.splitlines()
    said = decoded(lines[-1]) if lines else None
    return _message(said if status == 0 and said is not None else unfinished(said, status, err))


def _message(said: Any) -> Estimate:
    memory, disk, time = said.memory, said.disk, said.time
    return Estimate(
        device=said.device,
        precision=said.precision,
        fits=said.fits,
        free_bytes=said.free_bytes,
        memory=None
        if memory is None
        else MemoryEstimate(
            total_bytes=memory.total, **{f"{name}_bytes": size for name, size in asdict(memory).items()}
        ),
        host_bytes=said.host_bytes,
        disk=None
        if disk is None
        else DiskEstimate(
            one_checkpoint_bytes=disk.one_checkpoint,
            kept_bytes=disk.kept,
            most_bytes=disk.most,
            series_bytes=disk.series,
            free_bytes=disk.free,
        ),
        time=None
        if time is None
        else TimeEstimate(total_s=time.total, **{f"{name}_s": seconds for name, seconds in asdict(time).items()}),
        energy_wh=None if said.energy_j is None else said.energy_j / 3600,
        parameters=said.parameters,
        trainable_parameters=said.trainable_parameters,
        rows=said.rows,
        labels=said.labels,
        steps=said.steps,
        steps_per_epoch=said.steps_per_epoch,
        evaluations=said.evaluations,
        checkpoints=said.checkpoints,
        measured=said.measured,
        notes=said.notes,
        problems=tuple(found(problem) for problem in said.problems),
        remedies=tuple(Remedy(**asdict(remedy)) for remedy in said.remedies),
    )
