"""Layers that learn their input size from a first batch (`nn.LazyLinear` and its kin)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn.parameter import is_lazy

from tunesmith.errors import Place, TunesmithError
from tunesmith.models.parts.seeded import seeded
from tunesmith.train.batches import map_tensors
from tunesmith.train.diagnosis import explaining

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel
    from tunesmith.contracts.task import TaskRuntime
    from tunesmith.job.job import Job


def give_sizes(task: TaskRuntime, model: LoadedModel, job: Job) -> None:
    """Make the weights of all lazy layers, from the job's seed, by showing the model an example of its input.

    Done before a method freezes or adapts layers and before the optimizer takes the weights; nothing happens where no
    layer is lazy. Raises model.never-called, and model.does-not-fit and the like for a model that cannot take its
    input.
    """
    if not _lazy(model.module):
        return
    device = next(model.module.parameters()).device
    batch = map_tensors(task.example(model), lambda tensor: tensor.to(device))
    was_training = model.module.training
    model.module.eval()

    def forward() -> None:
        with seeded(job.seed, "lazy"), torch.no_grad():
            task.outputs(model, batch)

    try:
        with explaining(model.module, forward, job):
            forward()
    finally:
        model.module.train(was_training)
    left = _lazy(model.module)
    if left:
        raise TunesmithError(
            "model.never-called",
            "a lazy layer is not called in the model's forward pass, so its size cannot be known",
            place=Place(key="model"),
            found=", ".join(left),
            hint="call it in forward, remove it, or give its size: nn.Linear(INPUTS, OUTPUTS)",
        )


def _lazy(module: torch.nn.Module) -> list[str]:
    """The dotted names of layers without a size yet."""

    def waits(part: torch.nn.Module) -> bool:
        return any(is_lazy(tensor) for tensor in (*part.parameters(recurse=False), *part.buffers(recurse=False)))

    return [name for name, part in module.named_modules() if waits(part)]
