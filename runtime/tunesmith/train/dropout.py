"""Dropout on the processor, without the wait for its random numbers.

torch draws them one by one, but for Intel's processors: a seventh of the time of a step of MiniLM. Here each value
takes 16 bits of numpy's SFC64, whose raw words numpy promises not to change. Each call seeds it from torch's generator,
so that the same state of that gives the same dropout, on every processor, and where activations are computed again.

Source: Srivastava et al. 2014, jmlr.org/papers/v15/srivastava14a.html, with the scaling in training.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

LEVELS = 1 << 16  # a probability is rounded to one of so many, and what stays is scaled by what it then is
FEW = 4096  # values: below, torch's own takes no longer

_dropout, _attention = F.dropout, F.scaled_dot_product_attention


@contextmanager
def fast_dropout() -> Iterator[None]:
    """Inside of it, torch.nn.functional's dropout and attention on the CPU are those below.

    The functions themselves are exchanged: a TorchFunctionMode costs each call of torch a microsecond, and does not
    reach into the backward pass, where activations may be computed again.
    """
    vars(F).update(dropout=dropout, scaled_dot_product_attention=attention)
    try:
        yield
    finally:
        vars(F).update(dropout=_dropout, scaled_dot_product_attention=_attention)


def dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,  # noqa: FBT001, FBT002 - torch's signature
    inplace: bool = False,  # noqa: FBT001, FBT002
) -> Tensor:
    """As torch.nn.functional.dropout."""
    if not training or not 0 < p < 1 or not _can(input) or input.numel() < FEW:
        return _dropout(input, p, training, inplace)
    stays, share = _stays(input, p)
    return input.mul_(stays).mul_(1 / share) if inplace else input.mul(stays).mul_(1 / share)


def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,  # noqa: FBT001, FBT002
    scale: float | None = None,
    enable_gqa: bool = False,  # noqa: FBT001, FBT002
) -> Tensor:
    """As torch.nn.functional.scaled_dot_product_attention, which on the CPU has no fused kernel with dropout either."""
    if not 0 < dropout_p < 1 or enable_gqa or (is_causal and attn_mask is not None) or not _can(query):
        return _attention(query, key, value, attn_mask, dropout_p, is_causal, scale=scale, enable_gqa=enable_gqa)
    dtype = torch.promote_types(query.dtype, torch.float32)
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    with torch.autocast("cpu", enabled=False):
        scores = (query.to(dtype) * factor) @ key.to(dtype).transpose(-2, -1)
        if is_causal:
            attn_mask = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
        return (dropout(_softmax(scores, attn_mask), dropout_p) @ value.to(dtype)).to(query.dtype)


def _softmax(scores: Tensor, mask: Tensor | None) -> Tensor:
    """As torch's: where `mask` allows nothing, 0. Overwrites `scores`."""
    if mask is None:
        return scores.softmax(-1)
    if mask.dtype != torch.bool:
        safe: Tensor = torch.ops.aten._safe_softmax(scores.add_(mask), -1)
        return safe
    found = scores.masked_fill_(~mask, torch.finfo(scores.dtype).min).softmax(-1)
    allows_some = mask.any(-1, keepdim=True)
    return found if bool(allows_some.all()) else found * allows_some


def _can(tensor: Tensor) -> bool:
    is_plain = tensor.layout is torch.strided and not tensor.is_nested and tensor.is_floating_point()
    return is_plain and tensor.device.type == "cpu" and not torch.compiler.is_compiling()


def _stays(like: Tensor, p: float) -> tuple[Tensor, float]:
    """1 where a value stays, else 0, uint8, of `like`'s shape; and the share that stays."""
    count, threshold = like.numel(), min(round(p * LEVELS), LEVELS - 1)
    seed = int(torch.empty((), dtype=torch.int64).random_())
    words = np.random.SFC64(seed).random_raw(-(-count // 4))
    stays = words.view(np.uint16)[:count] >= np.uint16(threshold)
    return torch.from_numpy(stays.view(np.uint8)).view(like.shape), 1 - threshold / LEVELS
