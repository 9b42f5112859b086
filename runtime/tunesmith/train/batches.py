"""Batches as a whole, however they are nested, and the parts of their loss."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import torch

from tunesmith.contracts.task import Batch


def to_device(batch: Batch, device: torch.device) -> Batch:
    """The batch on `device`; from pinned memory and without waiting where that is a CUDA device."""
    if device.type == "cpu":
        return batch
    if device.type == "cuda":
        return map_tensors(batch, lambda tensor: tensor.pin_memory().to(device, non_blocking=True))
    return map_tensors(batch, lambda tensor: tensor.to(device))


def map_tensors(batch: Batch, change: Callable[[torch.Tensor], torch.Tensor]) -> Batch:
    """The same batch with every tensor changed."""
    return {name: _mapped(value, change) for name, value in batch.items()}


def _mapped(value: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, Mapping):
        return map_tensors(dict(value), change)
    return [_mapped(each, change) for each in value] if isinstance(value, (list, tuple)) else value


def sum_of_parts(parts: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """The parts of a loss added up; a lone one as it is."""
    return functools.reduce(torch.add, parts.values())
