"""Running a model over rows without training it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch

from tunesmith.contracts.model import LoadedModel
from tunesmith.contracts.task import Outputs, TaskRuntime
from tunesmith.data.features import Features, count
from tunesmith.data.rows import Rows
from tunesmith.shortages import is_out_of_memory
from tunesmith.train.batches import to_device
from tunesmith.train.modes import evaluation_mode


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
    """The task's outputs for all samples, in their order. Leaves the module's train/eval mode as it was.

    Where memory does not suffice, batches are halved until it does. `between` is called after each batch and may raise
    to give up.
    """
    total = count(features)
    lengths = task.lengths(features)
    order = np.arange(total) if lengths is None else np.argsort(-lengths, kind="stable")
    parts: list[Any] = []
    with evaluation_mode(model.module), torch.inference_mode(), autocast():
        start = 0
        while start < total:
            samples = order[start : start + batch_size]
            try:
                parts.append(task.outputs(model, to_device(task.collate(features, samples), device)))
            except (MemoryError, RuntimeError, OSError) as error:
                if len(samples) == 1 or not is_out_of_memory(error):
                    raise
                batch_size = (len(samples) + 1) // 2
                continue
            start += len(samples)
            between()
    if parts and not isinstance(parts[0], torch.Tensor):
        found = [each.float().cpu().numpy() for part in parts for each in part]
        return [found[place] for place in np.argsort(order).tolist()]
    joined = torch.cat(parts).float().cpu().numpy()
    result = np.empty_like(joined)
    result[order] = joined
    return result


def answered_rows(rows: Rows, most: int) -> Rows:
    """At most so many of the rows, evenly spread over them: those that the dear pass looks at."""
    return rows.select(np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(np.int64)).tolist())


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
