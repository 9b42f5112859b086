"""The loss at an output layer of many classes, without keeping its logits. T targets, V classes, H hidden units.

A vocabulary's logits are the largest tensors of a step: in the usual way there are the logits, their float32 softmax,
the gradient of either, T * V each. Here the loss and its gradient are taken part by part in the forward pass, and the
gradient is written over the logits: one such tensor is left, and the parts stay within the processor's caches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from tunesmith.contracts.loss import LossFunction

PART_BYTES = {"cpu": 8_000_000}  # of a part's logits in float32
OTHER_PART_BYTES = 256_000_000  # on devices whose memory is fast and whose kernels take time to start


def can_fuse(layer: Any, hidden: torch.Tensor) -> bool:
    """Whether `loss_at` may be used: a plain linear layer, a gradient is wanted, and no float16.

    float16 needs the gradients scaled before they are rounded, and the scale is only known in the backward pass.
    """
    if type(layer) is not torch.nn.Linear or layer.bias is not None or not torch.is_grad_enabled():
        return False
    return hidden.requires_grad and _computed_in(hidden) is not torch.float16


def loss_at(layer: torch.nn.Linear, hidden: torch.Tensor, target: torch.Tensor, loss: LossFunction) -> torch.Tensor:
    """The sum of `loss` over `target` (T,) for the layer's outputs at `hidden` (T, H); float32, shape ()."""
    found: torch.Tensor = _LossAtLayer.apply(hidden, layer.weight, target, loss)
    return found


class _LossAtLayer(torch.autograd.Function):
    @staticmethod
    def forward(
        context: Any, hidden: torch.Tensor, weight: torch.Tensor, target: torch.Tensor, loss: LossFunction
    ) -> torch.Tensor:
        dtype = _computed_in(hidden)
        rows = max(1, PART_BYTES.get(hidden.device.type, OTHER_PART_BYTES) // (4 * weight.shape[0]))
        total = torch.zeros((), device=hidden.device)
        with torch.autocast(hidden.device.type, enabled=False):
            inputs, matrix = hidden.to(dtype), weight.to(dtype)
            logits = inputs @ matrix.T
            for begin in range(0, len(target), rows):
                part = logits[begin : begin + rows]
                with torch.enable_grad():
                    leaf = part.detach().requires_grad_()
                    value = loss(leaf, target[begin : begin + rows]).sum()
                (gradient,) = torch.autograd.grad(value, leaf)
                total += value.detach()
                part.copy_(gradient)
        context.save_for_backward(logits, inputs, matrix)
        context.dtypes = hidden.dtype, weight.dtype
        return total

    @staticmethod
    def backward(context: Any, upstream: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor | None, None, None]:
        gradient, inputs, matrix = context.saved_tensors
        of_hidden, of_weight = context.dtypes
        for_hidden = for_weight = None
        if context.needs_input_grad[0]:
            for_hidden = (gradient @ matrix).to(of_hidden).mul_(upstream)
        if context.needs_input_grad[1]:
            for_weight = (gradient.T @ inputs).to(of_weight).mul_(upstream)
        return for_hidden, for_weight, None, None


def _computed_in(hidden: torch.Tensor) -> torch.dtype:
    kind = hidden.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else hidden.dtype
