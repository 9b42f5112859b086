"""Lion's rule as a torch optimizer: torch has none of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from tunesmith.train.optimizers.parts.common import Groups
from tunesmith.train.optimizers.parts.eager import Eager


class Lion(Eager):
    """Moves weights by the sign of an averaged gradient. Source: Chen et al. 2023, arXiv:2302.06675, algorithm 2."""

    def __init__(self, groups: Groups, *, lr: float, beta1: float, beta2: float, weight_decay: float) -> None:
        defaults = {"lr": lr, "beta1": beta1, "beta2": beta2, "weight_decay": weight_decay}
        super().__init__(groups, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update of every weight that has a gradient."""
        value = None
        if closure is not None:
            with torch.enable_grad():
                value = closure()
        for group in self.param_groups:
            self._update(group)
        return value

    def _update(self, group: dict[str, Any]) -> None:
        weights = [p for p in group["params"] if p.grad is not None]
        if not weights:
            return
        gradients = [p.grad for p in weights]
        for p in weights:
            if not self.state[p]:
                self.state[p]["average"] = torch.zeros_like(p)
        averages = [self.state[p]["average"] for p in weights]
        torch._foreach_mul_(weights, 1 - group["lr"] * group["weight_decay"])
        direction = torch._foreach_lerp(averages, gradients, 1 - group["beta1"])
        torch._foreach_sign_(direction)
        torch._foreach_add_(weights, direction, alpha=-group["lr"])
        torch._foreach_lerp_(averages, gradients, 1 - group["beta2"])
