"""`tunesmith estimate JOB`: the memory, disk, steps, time and energy of a run, before it starts."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunesmith.estimate.figures import Estimate

HELP = "say what a run will take, before it starts: memory, disk, steps, time, energy"


def configure(parser: argparse.ArgumentParser) -> None:
    """The job, overrides and how exactly to look."""
    parser.add_argument("job", type=Path, metavar="JOB", help="a job file, NAME.job.yaml")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="replace a key of the job")
    parser.add_argument("--quick", action="store_true", help="sizes alone: take no step, so say no time")
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def run(arguments: argparse.Namespace) -> int:
    """0: it fits; 1: it does not."""
    from tunesmith.estimate.prepared import Request
    from tunesmith.estimate.run import estimate

    said = estimate(Request(file=arguments.job, overrides=tuple(arguments.set), measure=not arguments.quick))
    if arguments.json:
        json.dump(said.as_fields(), sys.stdout, indent=2)
        print()
    else:
        print("\n".join(_lines(said)))
    return 1 if said.fits is False else 0


def _lines(said: Estimate) -> Iterator[str]:
    from tunesmith.estimate.fit import size
    from tunesmith.judged import plural
    from tunesmith.runs.words import duration

    yield f"device   {said.device}, {said.precision}"
    if said.parameters is not None and said.trainable_parameters is not None:
        yield f"weights  {said.parameters:,}, of which {said.trainable_parameters:,} are tuned"
    yield f"steps    {said.steps:,} ({said.steps_per_epoch:,} an epoch, {said.rows:,} rows)"
    if said.memory is not None:
        parts = {name.replace("process", "process and libraries"): value for name, value in _parts(said.memory)}
        yield f"memory   {size(said.memory.total)} at the peak; {size(said.free_bytes)} are free"
        yield from (f"           {size(int(value)):>9}  {name}" for name, value in parts.items() if value)
    if said.host_bytes is not None:
        yield f"host     {size(said.host_bytes)} of memory for the process beside the GPU"
    if said.disk is not None:
        yield (
            f"disk     {size(said.disk.most)} at most, {size(said.disk.kept)} in the end "
            f"({plural(said.checkpoints, 'checkpoint')} of {size(said.disk.one_checkpoint)}); "
            f"{size(said.disk.free)} are free"
        )
    if said.time is not None:
        yield f"time     {duration(said.time.total)}; a step takes {said.time.step:.3g} s"
        yield from (f"           {duration(value):>9}  {name}" for name, value in _parts(said.time) if name != "step")
    if said.energy_j is not None:
        yield f"energy   {said.energy_j / 3600:.3g} Wh"
    yield from (f"note: {note}" for note in said.notes)
    yield from (str(problem) for problem in said.problems)


def _parts(value: object) -> Iterator[tuple[str, float]]:
    from dataclasses import fields

    for field in fields(value):  # type: ignore[arg-type]
        yield field.name, getattr(value, field.name)
