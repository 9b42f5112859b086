"""The steps of a run: how many, how large each is, and the largest of them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tunesmith.contracts.task import Batch, TaskRuntime
from tunesmith.data.batching import split_micro
from tunesmith.data.features import Features, Ragged
from tunesmith.job.job import Job
from tunesmith.train.assemble import Assembled
from tunesmith.train.plan import Plan

LOOKED_AT = 2000  # steps of an epoch whose sizes are looked at


def total_steps(job: Job, plan: Plan, rows: float) -> tuple[int, int]:
    """(steps per epoch, all steps) of a run over `rows` rows an epoch, of which the plan may have a sample."""
    training = job.training
    per_epoch = max(1, math.ceil(rows / training.batch_size - 1e-9))
    if per_epoch == plan.steps_per_epoch:
        return per_epoch, plan.total_steps
    wanted = max(1, math.ceil(training.epochs * per_epoch - 1e-9))
    return per_epoch, min(wanted, training.max_steps) if training.max_steps else wanted


def step_sizes(
    plan: Plan, task: TaskRuntime, train: Features, micro_batch_size: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Steps of the first epoch and, for each, how much there is to compute: padded cells, packed tokens, or rows."""
    total = min(plan.steps_per_epoch, plan.total_steps)
    steps = np.unique(np.linspace(1, total, min(total, LOOKED_AT)).astype(np.int64))
    lengths = task.lengths(train)
    packed = next((value.lengths for value in train.values() if isinstance(value, Ragged)), None)
    sizes = []
    for step in steps.tolist():
        rows = plan.rows(step)
        if lengths is not None:
            parts = split_micro(rows, lengths, micro_batch_size)
            sizes.append(sum(len(part) * int(lengths[part].max()) for part in parts))
        else:
            sizes.append(len(rows) if packed is None else int(packed[rows].sum()))
    return steps, np.asarray(sizes, np.float64)


def largest_batch(assembled: Assembled, plan: Plan, train: Features) -> Batch:
    """The micro-batch that needs the most memory, CPU tensors."""
    training = assembled.job.training
    micro = training.micro_batch_size or training.batch_size
    steps, sizes = step_sizes(plan, assembled.task, train, micro)
    rows = plan.rows(int(steps[int(sizes.argmax())]))
    part = split_micro(rows, assembled.task.lengths(train), micro)[0]
    return assembled.task.collate(train, part)
