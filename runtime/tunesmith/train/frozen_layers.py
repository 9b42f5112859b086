"""Frozen layers in the number format that they are computed in."""

from __future__ import annotations

import torch
from torch import nn

from tunesmith.train.weight_uses import weight_uses


def keep_as_computed(module: nn.Module, dtype: torch.dtype | None) -> None:
    """Convert once what autocast to `dtype` would convert at every step: linear layers that are not tuned.

    All numbers stay the same, bit for bit, and such a layer takes half of the memory. Left alone is what somebody might
    read at full precision: weights with another use (an output layer tied to the embeddings), layers whose weights
    DoRA takes the norm of, and classes derived from `nn.Linear`. Does nothing where `dtype` is None.
    """
    if dtype is None:
        return
    uses = weight_uses(module)
    normed = {id(part.base_layer) for part in module.modules() if getattr(part, "lora_magnitude_vector", None)}
    for part in module.modules():
        if type(part) is not nn.Linear or id(part) in normed:
            continue
        own = list(part.parameters())
        if not any(parameter.requires_grad or uses[id(parameter)] > 1 for parameter in own):
            for parameter in own:
                parameter.data = parameter.data.to(dtype)
