"""From the hidden states of tokens to one vector a text. B texts, L tokens, D numbers of a vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import nn

from tunesmith.tasks.parts.outputs import lone_output

if TYPE_CHECKING:
    from tunesmith.tasks.parts.sentences import Vectors


def pooled(hidden_BLD: torch.Tensor, mask_BL: torch.Tensor | None, how: str) -> torch.Tensor:
    """Float32, shape (B, D): the mean of the tokens that the mask marks, the first one, or the last that it marks."""
    hidden = hidden_BLD.float()
    if how == "cls":
        return hidden[:, 0]
    if mask_BL is None:
        return hidden[:, -1] if how == "last" else hidden.mean(dim=1)
    if how == "last":
        places = torch.arange(hidden.shape[1], device=hidden.device)
        last = (mask_BL * places).argmax(dim=1)  # padding may stand on either side
        return hidden[torch.arange(len(hidden), device=hidden.device), last]
    marked = mask_BL[:, :, None].to(hidden.dtype)
    return (hidden * marked).sum(dim=1) / marked.sum(dim=1).clamp(min=1e-9)


def cosines(one_BD: torch.Tensor, other_CD: torch.Tensor) -> torch.Tensor:
    """Shape (B, C)."""
    return F.normalize(one_BD, dim=-1) @ F.normalize(other_CD, dim=-1).T


class Embedder(nn.Module):
    """A transformers model with what makes one vector of a text: what other runtimes are given. Takes what it takes."""

    def __init__(self, module: nn.Module, names: Sequence[str], vectors: Vectors, output: str | None) -> None:
        super().__init__()
        self.module, self.names, self.vectors, self.output = module, list(names), vectors, output

    def forward(self, *tensors: torch.Tensor, **more: torch.Tensor) -> torch.Tensor:
        """Shape (B, D)."""
        given = {**dict(zip(self.names, tensors, strict=False)), **more}
        found = pooled(
            lone_output(self.module(**given), self.output), given.get("attention_mask"), self.vectors.pooling
        )
        return F.normalize(found, dim=-1) if self.vectors.normalise else found
