"""From the hidden states of tokens to one vector a text. B texts, L tokens, D numbers of a vector."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from tunesmith.tasks.parts.outputs import lone_output


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
        return hidden.gather(1, last[:, None, None].expand(-1, 1, hidden.shape[2]))[:, 0]
    marked = mask_BL[:, :, None].to(hidden.dtype)
    return (hidden * marked).sum(dim=1) / marked.sum(dim=1).clamp(min=1e-9)


def cosines(one_BD: torch.Tensor, other_CD: torch.Tensor) -> torch.Tensor:
    """Shape (B, C)."""
    return F.normalize(one_BD, dim=-1) @ F.normalize(other_CD, dim=-1).T


class Embedder(nn.Module):
    """A module with what makes one vector of a text behind it; takes what the module takes, gives shape (B, D).

    `pooling`: of the hidden states; empty where the module gives vectors. `output` as in LoadedModel.
    """

    def __init__(self, module: nn.Module, *, pooling: str, normalise: bool, output: str | None) -> None:
        super().__init__()
        self.module, self.pooling, self.normalise, self.output = module, pooling, normalise, output

    def forward(self, *args: torch.Tensor, **given: torch.Tensor) -> torch.Tensor:
        """The vectors."""
        found = lone_output(self.module(*args, **given), self.output)
        if self.pooling:
            found = pooled(found, given.get("attention_mask"), self.pooling)
        return F.normalize(found, dim=-1) if self.normalise else found
