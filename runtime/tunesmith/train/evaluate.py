"""Running a model over rows without training it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
import torch
from numpy.typing import NDArray

from tunesmith.data.features import Features, count
from tunesmith.models.contract import LoadedModel
from tunesmith.shortages import is_out_of_memory
from tunesmith.tasks.contract import Batch, TaskRuntime
from tunesmith.train.modes import evaluation_mode


def to_device(batch: Batch, device: torch.device) -> Batch:
    """The batch on `device`; from pinned memory and without waiting where that is a CUDA device."""
    if device.type == "cpu":
        return batch
    if device.type == "cuda":
        return {name: tensor.pin_memory().to(device, non_blocking=True) for name, tensor in batch.items()}
    return {name: tensor.to(device) for name, tensor in batch.items()}


def outputs_of(
    task: TaskRuntime,
    model: LoadedModel,
    features: Features,
    *,
    batch_size: int,
    device: torch.device,
    autocast: Callable[[], AbstractContextManager[object]],
    between: Callable[[], None] = lambda: None,
) -> NDArray[np.float32]:
    """The task's outputs for all rows, in their order, shape (N, ...). Leaves the module's train/eval mode as it was.

    Where memory does not suffice, batches are halved until it does. `between` is called after each batch and may raise
    to give up.
    """
    total = count(features)
    lengths = task.lengths(features)
    order = np.arange(total) if lengths is None else np.argsort(-lengths, kind="stable")
    parts: list[torch.Tensor] = []
    with evaluation_mode(model.module), torch.inference_mode(), autocast():
        start = 0
        while start < total:
            rows = order[start : start + batch_size]
            try:
                parts.append(task.outputs(model, to_device(task.collate(features, rows), device)))
            except (MemoryError, RuntimeError, OSError) as error:
                if len(rows) == 1 or not is_out_of_memory(error):
                    raise
                batch_size = (len(rows) + 1) // 2
                continue
            start += len(rows)
            between()
    joined = torch.cat(parts).float().cpu().numpy()
    result = np.empty_like(joined)
    result[order] = joined
    return result


def figures_of(task: TaskRuntime, outputs: NDArray[np.float32], features: Features) -> dict[str, float]:
    """The task's metrics and, first, `loss`: the mean of its row losses, unless the task has its own of that name."""
    loss = float(np.mean(task.row_losses(outputs, features)))
    return {"loss": loss, **task.metrics(outputs, features)}
