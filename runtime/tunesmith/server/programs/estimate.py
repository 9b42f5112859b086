"""Estimates from a process of their own, as a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tunesmith.protocol.jobs import DiskEstimate, Estimate, MemoryEstimate, Remedy, TimeEstimate
from tunesmith.protocol.problems import found
from tunesmith.server.programs.process import run_module


async def estimate(job: Path, *, text: str | None, overrides: Sequence[str], measure: bool, trusted: bool) -> Estimate:
    """What a run of the job would need. Raises what is wrong with the job, and estimate.failed."""
    from tunesmith.estimate.prepared import Request
    from tunesmith.estimate.run import DEADLINE_S, decoded, encoded, unfinished

    asked = Request(file=job, text=text, overrides=tuple(overrides), measure=measure, trusted=trusted)
    status, out, err = await run_module(("tunesmith.estimate",), given=encoded(asked), timeout_s=DEADLINE_S)
    lines = out.splitlines()
    result = decoded(lines[-1]) if lines else None
    return _message(result if status == 0 and result is not None else unfinished(result, status, err))


def _message(result: Any) -> Estimate:
    memory, disk, time = result.memory, result.disk, result.time
    return Estimate(
        device=result.device,
        precision=result.precision,
        fits=result.fits,
        free_bytes=result.free_bytes,
        memory=None
        if memory is None
        else MemoryEstimate(
            total_bytes=memory.total, **{f"{name}_bytes": size for name, size in asdict(memory).items()}
        ),
        host_bytes=result.host_bytes,
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
        energy_wh=None if result.energy_j is None else result.energy_j / 3600,
        parameters=result.parameters,
        trainable_parameters=result.trainable_parameters,
        rows=result.rows,
        labels=result.labels,
        steps=result.steps,
        steps_per_epoch=result.steps_per_epoch,
        evaluations=result.evaluations,
        checkpoints=result.checkpoints,
        measured=result.measured,
        notes=result.notes,
        problems=tuple(found(problem) for problem in result.problems),
        remedies=tuple(Remedy(**asdict(remedy)) for remedy in result.remedies),
    )
