"""How often a run evaluates and saves: the loop's own rules, counted without running it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tunesmith.job.job import Job
from tunesmith.options import Interval

MANY = 1_000_000  # points of time that are not looked at one by one any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """`checkpoints` counts each evaluation as a new best one: there may be fewer."""

    evaluations: int
    checkpoints: int


def rhythm(job: Job, *, steps: int, steps_per_epoch: int, training_s: float | None, validates: bool) -> Rhythm:
    """For a run of `steps`; rhythms in minutes need the time that training takes and count only the end without it."""
    evaluates = _due(job.evaluation.every, steps, steps_per_epoch, training_s) if validates else []
    saves = _due(job.checkpoints.every, steps, steps_per_epoch, training_s)
    evaluations = len(evaluates) + (validates and steps not in evaluates)
    if len(evaluates) + len(saves) > MANY:
        return Rhythm(evaluations=evaluations, checkpoints=min(steps, len(evaluates) + len(saves)))
    last = {steps}
    return Rhythm(evaluations=evaluations, checkpoints=len(last.union(evaluates, saves)))


def _due(every: Interval, steps: int, steps_per_epoch: int, training_s: float | None) -> Sequence[int]:
    """The steps after which something is due, as `Loop._due` has it."""
    if every.unit == "minutes":
        if not training_s:
            return []
        per = every.count * 60 * steps / training_s
    else:
        per = every.count * (steps_per_epoch if every.unit == "epochs" else 1)
    if per <= 1:
        return range(1, steps + 1)
    if float(per).is_integer():
        return range(int(per), steps + 1, int(per))
    return [math.ceil(per * (number - 1e-9)) for number in range(1, math.floor(steps / per + 1e-9) + 1)]
