"""Gradient clipping without waiting for the device."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch


def clip_(grads: Sequence[torch.Tensor], *, max_norm: float) -> torch.Tensor:
    """Scale gradients in place so that their joint L2 norm is at most `max_norm` (> 0; infinity only measures).

    Returns the norm before clipping, shape (), on the gradients' device, no sync: float32, or float64 where a gradient
    is.
    Source: Pascanu et al. 2013, arXiv:1211.5063, algorithm 1.
    """
    if not grads:
        return torch.zeros(())
    # The norms are taken in float32 also of bf16 gradients, whose squares would lose all but two digits.
    kind = torch.float64 if any(grad.dtype == torch.float64 for grad in grads) else torch.float32
    norm: torch.Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(list(grads), 2, dtype=kind)))
    if not math.isfinite(max_norm):
        return norm
    factor = torch.clamp(max_norm / (norm + 1e-6), max=1.0)
    # A factor of 1 multiplies by exactly 1: whether to clip needs no branch, and so no sync. On the CPU, where looking
    # is free, a pass over all gradients is saved.
    if norm.device.type != "cpu" or factor.item() != 1:
        torch._foreach_mul_(list(grads), factor)
    return norm
