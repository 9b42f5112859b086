"""Two classes as one number: what the losses for yes-or-no questions share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.errors import TunesmithError

if TYPE_CHECKING:
    import torch


def yes_logit(prediction: torch.Tensor, target: torch.Tensor, loss: str, instead: str) -> torch.Tensor:
    """How strongly each target is answered with yes: float32, of the target's shape.

    A float target (several yes-or-no labels a row) has one logit each. A class target (int64, shape (B,)) has one
    logit a row, (B, 1) or (B,), or two, (B, 2), of which the difference counts.
    Raises TunesmithError train.two-classes-only where there are more; `instead` is the loss to take then.
    """
    outputs = prediction.float()
    if outputs.shape == target.shape:
        return outputs
    if outputs.dim() == target.dim() + 1 and not target.is_floating_point():
        if outputs.shape[-1] == 1:
            return outputs[..., 0]
        if outputs.shape[-1] == 2:
            return outputs[..., 1] - outputs[..., 0]
    raise TunesmithError(
        "train.two-classes-only",
        f"{loss} compares two classes, and the model's outputs are of shape {tuple(prediction.shape)} for targets "
        f"of shape {tuple(target.shape)}",
        hint=f"set training.loss to {instead}",
    )
