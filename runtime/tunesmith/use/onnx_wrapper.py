"""What is traced for ONNX: tensors in, one tensor out. Imports torch; imported only by the export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from tunesmith.tasks.parts.outputs import lone_output


class Logits(nn.Module):
    """A module that takes its inputs by position, hands them on by the given names, and returns the logits alone.

    `output` is the part of what the module returns that holds them, as `LoadedModel` knows it.
    """

    def __init__(self, module: nn.Module, names: Sequence[str], output: str | None) -> None:
        super().__init__()
        self.output = output
        self.module = module
        self.names = list(names)

    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        """The logits (or the tensor that the module returns)."""
        if not self.names:
            found: Any = self.module(*tensors)
        else:
            more = {"use_cache": False} if "Causal" in type(self.module).__name__ else {}
            found = self.module(**dict(zip(self.names, tensors, strict=True)), **more)
        return lone_output(found, self.output)
