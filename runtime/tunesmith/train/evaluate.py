"""Running a model over rows without training it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tunesmith.contracts.model import LoadedModel
from tunesmith.contracts.task import Outputs, TaskRuntime
from tunesmith.data.arrays import spread
from tunesmith.data.features import Features, count
from tunesmith.data.rows import Rows
from tunesmith.shortages import is_out_of_memory
from tunesmith.train.batches import to_device
from tunesmith.train.modes import evaluation_mode


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOutputs:
    """What a model makes of some samples of a set, such as those of one process: `outputs`, in the order of
    `samples`."""

    samples: NDArray[np.int64]
    outputs: Outputs


def merged(parts: Sequence[PartOutputs]) -> Outputs:
    """The outputs of a whole set from its parts: what the task's figures are computed of, however the set was cut.

    Each sample stands in exactly one part; else ValueError.
    """
    samples = np.concatenate([part.samples for part in parts])
    if not np.array_equal(np.sort(samples), np.arange(len(samples))):
        raise ValueError("a sample stands in no part, or in several")
    if isinstance(parts[0].outputs, np.ndarray):
        joined = np.concatenate([part.outputs for part in parts if len(part.samples)])
        whole = np.empty_like(joined)
        whole[samples] = joined
        return whole
    found = [each for part in parts for each in part.outputs]
    return [found[place] for place in np.argsort(samples).tolist()]


def outputs_of(
    task: TaskRuntime,
    model: LoadedModel,
    features: Features,
    *,
    batch_size: int,
    device: torch.device,
    autocast: Callable[[], AbstractContextManager[object]],
    between: Callable[[], None] = lambda: None,
) -> Outputs:
    """The task's outputs for all samples, in their order; see `part_outputs`."""
    samples = np.arange(count(features), dtype=np.int64)
    how: Any = {"batch_size": batch_size, "device": device, "autocast": autocast, "between": between}
    return merged([part_outputs(task, model, features, samples, **how)])


def part_outputs(
    task: TaskRuntime,
    model: LoadedModel,
    features: Features,
    samples: NDArray[np.int64],
    *,
    batch_size: int,
    device: torch.device,
    autocast: Callable[[], AbstractContextManager[object]],
    between: Callable[[], None] = lambda: None,
) -> PartOutputs:
    """The task's outputs for some samples. Leaves the module's train/eval mode as it was.

    Where memory does not suffice, batches are halved until it does. `between` is called after each batch and may raise
    to give up.
    """
    lengths = task.lengths(features)
    order = samples if lengths is None else samples[np.argsort(-lengths[samples], kind="stable")]
    parts: list[Any] = []
    with evaluation_mode(model.module), torch.inference_mode(), autocast():
        start = 0
        while start < len(order):
            batch = order[start : start + batch_size]
            try:
                parts.append(task.outputs(model, to_device(task.collate(features, batch), device)))
            except (MemoryError, RuntimeError, OSError) as error:
                if len(batch) == 1 or not is_out_of_memory(error):
                    raise
                batch_size = (len(batch) + 1) // 2
                continue
            start += len(batch)
            between()
    if parts and not isinstance(parts[0], torch.Tensor):
        return PartOutputs(samples=order, outputs=[each.float().cpu().numpy() for part in parts for each in part])
    return PartOutputs(samples=order, outputs=torch.cat(parts).float().cpu().numpy())


def answered_rows(rows: Rows, most: int) -> Rows:
    """At most so many of the rows, evenly spread over them: those that the dear pass looks at."""
    return rows.select(spread(len(rows), most))


def answers_of(
    task: TaskRuntime,
    model: LoadedModel,
    rows: Rows,
    *,
    autocast: Callable[[], AbstractContextManager[object]],
    between: Callable[[int], None] = lambda done: None,
) -> list[Any]:
    """The dear pass over these rows: one answer each. Leaves the module's train/eval mode as it was."""
    with evaluation_mode(model.module), torch.inference_mode(), autocast():
        return task.answers(model, rows, between)


def figures_of(task: TaskRuntime, outputs: Outputs, features: Features) -> dict[str, float]:
    """The task's metrics and, first, `loss`: the mean of its row losses, unless the task has its own of that name."""
    loss = float(np.mean(task.row_losses(outputs, features)))
    return {"loss": loss, **task.metrics(outputs, features)}
