"""Gradients of large embeddings on the processor, made where a batch has words and nowhere else.

PyTorch makes a new gradient of the whole table at each step, although a batch touches a few hundred of its rows: fresh
memory, filled with zeros. Here the gradient is one tensor for the whole run, of which the rows of the step before are
cleared and those of this step are written. Its numbers are the same, bit for bit.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from tunesmith.train.weight_uses import weight_uses

LARGE_BYTES = 4_000_000


def write_rows_only(module: nn.Module) -> int:
    """Change all large embeddings of `module` that can be; returns how many. Their forward pass stays as it is.

    A table that another part of the module holds too (tied to the output layer) is left alone: its gradient is dense.
    """
    uses = weight_uses(module)
    chosen = [part for part in module.modules() if _can(part) and uses[id(part.weight)] == 1]
    for embedding in chosen:
        gradient = _Gradient(embedding.weight, embedding.padding_idx)  # type: ignore[arg-type]
        embedding.forward = gradient.look_up
    return len(chosen)


def _can(part: nn.Module) -> bool:
    if type(part) is not nn.Embedding or part.sparse or part.scale_grad_by_freq or part.max_norm is not None:
        return False
    weight = part.weight
    is_large = weight.numel() * weight.element_size() >= LARGE_BYTES
    return weight.requires_grad and weight.device.type == "cpu" and is_large


class _Gradient:
    """The gradient of one table: zero but for the rows of the step."""

    def __init__(self, weight: torch.Tensor, padding: int | None) -> None:
        self._weight, self._padding = weight, padding
        self._whole: torch.Tensor | None = None
        self._written: torch.Tensor | None = None  # its rows that may not be zero
        self._is_dense = False
        weight.register_hook(self._dense_came)  # type: ignore[no-untyped-call]

    def look_up(self, ids: torch.Tensor) -> torch.Tensor:
        """As the table's own forward pass."""
        if self._is_dense or not torch.is_grad_enabled() or not self._weight.requires_grad:
            return F.embedding(ids, self._weight, self._padding)
        found: torch.Tensor = _LookUp.apply(self._weight, ids, self)
        return found

    def add(self, ids: torch.Tensor, upstream: torch.Tensor) -> None:
        """Add the gradient of a look-up to `weight.grad`."""
        rows, places = torch.unique(ids, return_inverse=True)
        padding = -1 if self._padding is None else int(torch.searchsorted(rows, self._padding))
        if padding >= 0 and (padding == len(rows) or int(rows[padding]) != self._padding):
            padding = -1
        part = torch.ops.aten.embedding_dense_backward(
            upstream.contiguous(), places, len(rows), padding, scale_grad_by_freq=False
        )
        before = self._weight.grad
        if before is None:
            self._weight.grad = self._cleared().index_copy_(0, rows, part)
            self._written = rows
        else:
            before.index_add_(0, rows, part)
            if self._written is not None:
                self._written = torch.cat([self._written, rows])

    def _cleared(self) -> torch.Tensor:
        if self._whole is None:
            self._whole = torch.zeros_like(self._weight)
        elif self._written is not None:
            self._whole.index_fill_(0, self._written, 0.0)
        return self._whole

    def _dense_came(self, gradient: torch.Tensor | None) -> None:
        """Told of what autograd itself adds: None for a look-up of ours; else the model also uses the table in another
        way, and from now on its gradient is made as usual."""
        if gradient is not None:
            self._is_dense, self._whole, self._written = True, None, None


class _LookUp(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, weight: torch.Tensor, ids: torch.Tensor, gradient: _Gradient) -> torch.Tensor:
        context.save_for_backward(ids)
        context.gradient = gradient
        return F.embedding(ids, weight)

    @staticmethod
    def backward(context: Any, upstream: torch.Tensor) -> tuple[None, None, None]:
        (ids,) = context.saved_tensors
        context.gradient.add(ids, upstream)
        return None, None, None
