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

    result = estimate(Request(file=arguments.job, overrides=tuple(arguments.set), measure=not arguments.quick))
    if arguments.json:
        json.dump(result.as_fields(), sys.stdout, indent=2)
        print()
    else:
        print("\n".join(_lines(result)))
    return 1 if result.fits is False else 0


def _lines(result: Estimate) -> Iterator[str]:
    from tunesmith.estimate.fit import size
    from tunesmith.judged import plural
    from tunesmith.methods.parts.model_parts import part_phrases
    from tunesmith.runs.number_format import duration

    yield f"device   {result.device}, {result.precision}"
    if result.parameters is not None and result.trainable_parameters is not None:
        yield f"weights  {result.parameters:,}, of which {result.trainable_parameters:,} are tuned"
        yield from (f"           {phrase}" for phrase in part_phrases(result.parts))
    yield f"steps    {result.steps:,} ({result.steps_per_epoch:,} an epoch, {result.rows:,} rows)"
    if result.memory is not None:
        parts = {name.replace("process", "process and libraries"): value for name, value in _parts(result.memory)}
        yield f"memory   {size(result.memory.total)} at the peak; {size(result.free_bytes)} are free"
        yield from (f"           {size(int(value)):>9}  {name}" for name, value in parts.items() if value)
    if result.host_bytes is not None:
        yield f"host     {size(result.host_bytes)} of memory for the process beside the GPU"
    if result.disk is not None:
        yield (
            f"disk     {size(result.disk.most)} at most, {size(result.disk.kept)} in the end "
            f"({plural(result.checkpoints, 'checkpoint')} of {size(result.disk.one_checkpoint)}); "
            f"{size(result.disk.free)} are free"
        )
    if result.time is not None:
        yield f"time     {duration(result.time.total)}; a step takes {result.time.step:.3g} s"
        yield from (f"           {duration(value):>9}  {name}" for name, value in _parts(result.time) if name != "step")
    if result.energy_j is not None:
        yield f"energy   {result.energy_j / 3600:.3g} Wh"
    yield from (f"note: {note}" for note in result.notes)
    yield from (str(problem) for problem in result.problems)


def _parts(value: object) -> Iterator[tuple[str, float]]:
    from dataclasses import fields

    for field in fields(value):  # type: ignore[arg-type]
        yield field.name, getattr(value, field.name)
