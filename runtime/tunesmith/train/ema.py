"""An exponential moving average of the trained weights, which evaluation and the final model use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import nn


class Ema:
    """average <- decay * average + (1 - decay) * weight, after every step. Source: Polyak & Juditsky 1992.

    In the first steps the decay is min(decay, (1 + n) / (10 + n)) of step n, so that the random beginning is forgotten.
    """

    def __init__(self, module: nn.Module, *, decay: float) -> None:
        self._named = {name: p for name, p in module.named_parameters() if p.requires_grad}
        self._average = {name: p.detach().clone() for name, p in self._named.items()}
        self._count = torch.zeros((), dtype=torch.int64)
        self._decay = decay

    @torch.no_grad()
    def update(self) -> None:
        """Take the weights as they are now into the average."""
        self._count += 1
        count = int(self._count)
        decay = min(self._decay, (1 + count) / (10 + count))
        torch._foreach_lerp_(list(self._average.values()), [p.detach() for p in self._named.values()], 1 - decay)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The module has the averaged weights inside the block, its own again after it."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for name, parameter in self._named.items():
            held = parameter.detach().clone()
            parameter.copy_(self._average[name])
            self._average[name].copy_(held)

    def tensors(self) -> dict[str, torch.Tensor]:
        """The average by parameter name (not copies), and the number of updates as `count`."""
        return {**self._average, COUNT: self._count}

    @torch.no_grad()
    def load(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Go on from what `tensors` gave."""
        self._count.copy_(tensors[COUNT])
        for name, average in self._average.items():
            average.copy_(tensors[name])


COUNT = "(count)"  # no parameter can have this name
