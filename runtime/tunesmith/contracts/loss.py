"""What compares predictions with targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import torch


class LossFunction(Protocol):
    """One loss per target, not reduced. Built by `train/losses/NAME.py: build(**options)`.

    `prediction` holds raw outputs (logits; no softmax, no sigmoid): (B, C) float for class targets, (B, C) for several
    classes, (B,) or (B, K) for numbers, (B, C) similarities for `match`, (B,) for `similarity`. `target` is int64 (B,)
    for `class`, `token` and `match`, float like `prediction` otherwise. Returns float32 of the target's shape. Class
    weights are applied by the caller, after this.
    """

    def __call__(self, prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor: ...
