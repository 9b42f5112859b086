"""The sizes of everything in a training step, from shapes alone: nothing is loaded and nothing computed.

A step is gone through with fake tensors, which know shape, type and device and hold no bytes, by the same task, loss,
method and optimizer as in the run; what is alive at each moment is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from tunesmith.catalog import Catalog
from tunesmith.contracts.task import Batch
from tunesmith.estimate.live_bytes import LiveBytes
from tunesmith.methods.parts.model_parts import ModelPart, model_parts
from tunesmith.train import optimizer_state
from tunesmith.train.assemble import Assembled
from tunesmith.train.batches import map_tensors, sum_of_parts
from tunesmith.train.build import class_weights_of, loss_of
from tunesmith.train.checkpoint import kept_names
from tunesmith.train.ema import Ema
from tunesmith.train.memory import save_memory
from tunesmith.train.modes import train_mode
from tunesmith.train.precision import Precision
from tunesmith.train.select import build_optimizer


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Bytes, and counts of weights. `step` is the most that is alive at once in a step, everything included.

    `checkpoint` are the tensors that a checkpoint holds, `parts` the model's with their weights.
    """

    parameters: int
    trainable_parameters: int
    weights: int
    gradients: int
    optimizer: int
    average: int
    checkpoint: int
    step: int
    parts: tuple[ModelPart, ...] = ()

    @property
    def activations(self) -> int:
        """What a step needs at its peak besides weights, gradients and the optimizer's state."""
        return max(0, self.step - self.weights - self.gradients - self.optimizer - self.average)


def sizes_of(
    assembled: Assembled, catalog: Catalog, batch: Batch, *, precision: Precision, device: torch.device
) -> Sizes:
    """For a step on `batch` (CPU tensors: one micro-batch). The assembled model is left on fake tensors.

    Raises what the model's own code raises where it cannot work on shapes alone.
    """
    job, module = assembled.job, assembled.model.module
    save_memory(assembled, precision)
    fake = FakeTensorMode(allow_non_fake_inputs=True)
    live = LiveBytes()
    with fake:
        _to_fake(module, device)
        inputs = map_tensors(batch, lambda tensor: _like(tensor, device))
        weights = class_weights_of(assembled)
        balance = torch.empty(len(weights), device=device) if weights is not None else None
    train_mode(module)
    with fake, live:
        live.add([*module.parameters(), *module.buffers()])
        held = live.now
        loss = loss_of(assembled, catalog)
        training = job.training
        optimizer = build_optimizer(training.optimizer, module, training.learning_rate, catalog, job.folder)
        average = Ema(module, decay=training.ema) if training.ema else None
        for _ in range(2):  # the optimizer makes its state in the first step
            live.peak = live.now
            optimizer.zero_grad(set_to_none=True)
            with precision.autocast():
                total = sum_of_parts(assembled.task.loss_sums(assembled.model, inputs, loss, balance))
            total.backward()  # type: ignore[no-untyped-call]
            del total
            optimizer.step()
            if average is not None:
                average.update()
        state, _ = optimizer_state.take(optimizer)
    parameters = {id(p): p for p in module.parameters()}.values()
    trained = [p for p in parameters if p.requires_grad]
    kept: dict[str, Mapping[str, torch.Tensor]] = {"model": kept_names(module), "optimizer": state}
    if average is not None:
        kept["ema"] = average.tensors()
    return Sizes(
        parameters=sum(p.numel() for p in parameters),
        trainable_parameters=sum(p.numel() for p in trained),
        parts=model_parts(assembled.model),
        weights=held,
        gradients=bytes_of(trained),
        optimizer=bytes_of(state.values()),
        average=bytes_of(average.tensors().values()) if average is not None else 0,
        checkpoint=sum(bytes_of(tensors.values()) for tensors in kept.values()),
        step=live.peak,
    )


def bytes_of(tensors: Any) -> int:
    """All their elements, shared storages or not."""
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _like(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    return torch.empty(tensor.shape, dtype=tensor.dtype, device=device)


def _to_fake(module: nn.Module, device: torch.device) -> None:
    """Replace parameters and buffers by fake ones on `device`; a tensor that several modules share stays shared."""
    made: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}  # the old ones are held, so that no number comes twice

    def fake(tensor: torch.Tensor) -> Any:
        if id(tensor) not in made:
            like = _like(tensor, device)
            is_parameter = isinstance(tensor, nn.Parameter)
            made[id(tensor)] = (
                tensor,
                nn.Parameter(like, requires_grad=tensor.requires_grad) if is_parameter else like,
            )
        return made[id(tensor)][1]

    for part in module.modules():
        for held in (part._parameters, part._buffers):
            for name, tensor in list(held.items()):
                if tensor is not None:
                    held[name] = fake(tensor)
