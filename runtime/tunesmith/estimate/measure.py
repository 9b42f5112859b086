"""Real steps on the real device: what one costs by its size, and what the process holds meanwhile."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import torch
from numpy.typing import NDArray

from tunesmith.data.features import Features, count, select
from tunesmith.estimate.energy import Power
from tunesmith.estimate.steps import step_sizes
from tunesmith.train.loop import Loop
from tunesmith.train.modes import train_mode

BUDGET_S = 5.0
PLACES = (1.0, 0.5, 0.1, 0.9, 0.3, 0.7)
"""Which steps of an epoch, ordered by their size, are measured: the largest, the middle, ..."""
AT_LEAST = 4
LONGEST_S = 30.0
"""So many sizes are measured even where that takes longer than the budget, unless it takes longer than this: what a
process holds grows with the different shapes that it has seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Seconds as a function of size: `base + slope * size`, both at least 0."""

    base: float
    slope: float

    def mean(self, sizes: NDArray[np.float64]) -> float:
        """Over all `sizes`."""
        return self.base + self.slope * float(sizes.mean())


def fitted(sizes: Sequence[float], seconds: Sequence[float]) -> Line:
    """Least squares through the points; a line that would fall, or begin below 0, becomes the nearest that does not."""
    x, y = np.asarray(sizes, np.float64), np.asarray(seconds, np.float64)
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread if spread > 0 else 0.0
    base = float(y.mean()) - slope * float(x.mean())
    if slope < 0:
        return Line(base=float(y.mean()), slope=0.0)
    if base < 0:
        return Line(base=0.0, slope=float((x * y).sum() / (x * x).sum()))
    return Line(base=base, slope=slope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """`step_s` is the mean over an epoch. `device_bytes` is None on the CPU; `micro_batch_size` what was left of it
    after the device ran out of memory, if it did."""

    step_s: float
    taken: int
    device_bytes: int | None
    micro_batch_size: int
    power_w: float | None


def measure_steps(loop: Loop, train: Features, device: torch.device, power: Power) -> Steps:
    """Take steps of very different size until the time is up."""
    steps, sizes = step_sizes(loop.plan, loop.task, train, loop.progress.micro_batch_size)
    chosen = [int(steps[place]) for place in _places(sizes)]
    size_of = dict(zip(steps.tolist(), sizes.tolist(), strict=True))
    train_mode(loop.model.module)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    seconds: list[float] = []
    taken: list[float] = []
    began = time.perf_counter()
    power.begin()
    for number, step in enumerate(itertools.cycle(chosen)):
        first = timed_step(loop, step, device)
        power.look()
        # The first of a size prepares kernels; where a step is long, that is a small part of it.
        took = first if first > BUDGET_S / 2 else timed_step(loop, step, device)
        power.look()
        seconds.append(took)
        taken.append(size_of[step])
        spent = time.perf_counter() - began
        if spent > (BUDGET_S if number + 1 >= AT_LEAST else LONGEST_S):
            break
    return Steps(
        step_s=fitted(taken, seconds).mean(sizes),
        taken=len(seconds),
        device_bytes=torch.cuda.max_memory_reserved(device) if device.type == "cuda" else None,
        micro_batch_size=loop.progress.micro_batch_size,
        power_w=power.mean(),
    )


def timed_step(loop: Loop, step: int, device: torch.device) -> float:
    """Seconds of exactly this step, with the device's work done."""
    loop.progress.step = step - 1
    synchronise(device)
    began = time.perf_counter()
    loop.step()
    synchronise(device)
    return time.perf_counter() - began


def _places(sizes: NDArray[np.float64]) -> list[int]:
    order = np.argsort(sizes, kind="stable")
    found = [int(order[round(place * (len(order) - 1))]) for place in PLACES]
    return list(dict.fromkeys(found))


def measure_evaluation(loop: Loop, features: Features, device: torch.device, rows: int) -> float:
    """Seconds of an evaluation of `rows` rows, of which `features` are a sample, from its largest and middle batch."""
    size = loop.job.evaluation.batch_size
    total = count(features)
    lengths = loop.task.lengths(features)
    order = np.arange(total) if lengths is None else np.argsort(-lengths, kind="stable")
    batches = [order[start : start + size] for start in range(0, total, size)]
    cells = np.asarray([len(rows) * (1 if lengths is None else int(lengths[rows[0]])) for rows in batches], np.float64)
    taken: list[float] = []
    seconds: list[float] = []
    for place in dict.fromkeys((0, len(batches) // 2, (3 * len(batches)) // 4)):
        part = select(features, batches[place])
        for turn in range(2):
            synchronise(device)
            began = time.perf_counter()
            loop.outputs_of_current_weights(part)
            if turn:
                taken.append(float(cells[place]))
                seconds.append(time.perf_counter() - began)
    return fitted(taken, seconds).mean(cells) * len(batches) * rows / total


def synchronise(device: torch.device) -> None:
    """Until the device has done its work."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def peak_resident_bytes() -> int:
    """The most memory that this process has held so far; what it holds now where the system does not report that."""
    with suppress(OSError, IndexError, ValueError):
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        found = [line for line in lines if line.startswith("VmHWM:")]
        return int(found[0].split()[1]) * 1024
    memory = psutil.Process().memory_info()
    return int(getattr(memory, "peak_wset", memory.rss))
