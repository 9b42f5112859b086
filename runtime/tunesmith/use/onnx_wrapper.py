"""What is traced for ONNX: tensors in, one tensor out. Imports torch; imported only by the export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn


class Logits(nn.Module):
    """A module that takes its inputs by position, hands them on by the given names, and returns the logits alone."""

    def __init__(self, module: nn.Module, names: Sequence[str]) -> None:
        super().__init__()
        self.module = module
        self.names = list(names)

    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        """The logits (or the tensor that the module returns)."""
        if not self.names:
            found: Any = self.module(*tensors)
        else:
            more = {"use_cache": False} if "Causal" in type(self.module).__name__ else {}
            found = self.module(**dict(zip(self.names, tensors, strict=True)), **more)
        logits: torch.Tensor = found.logits if hasattr(found, "logits") else found
        return logits
