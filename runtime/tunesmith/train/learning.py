"""Whether a training learns anything: which weights gradients reach, whether any weight moves, what the losses are.

Nothing here waits for the device within a step: that a gradient is there is known without its numbers, and weights are
compared where the loop waits anyway.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from tunesmith.train.modes import frozen_parts
from tunesmith.train.progress import Progress

SURE_AFTER = 10  # steps: a layer that is left out at random, or an expert that is not chosen, comes within these
SAMPLE = 4096  # values of a weight that are kept to see whether it moves


class Learning:
    """Looks on while a module is trained. What it has found out stays in the progress, and so in checkpoints."""

    def __init__(self, module: nn.Module, progress: Progress) -> None:
        self._progress = progress
        self._trained = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
        self._unreached = self._trained
        self._module = module
        self._frozen: dict[str, torch.Tensor] = {}
        self._before: list[tuple[str, nn.Parameter, torch.Tensor]] = []
        self._had_bad_loss = False
        progress.has_moved = progress.had_loss = False

    def begin(self) -> None:
        """Before the first step of this process: remember some numbers of each weight."""
        tables = {id(part.weight) for part in self._module.modules() if isinstance(part, nn.Embedding)}
        self._before = [
            (name, parameter, _sample(parameter))
            for name, parameter in self._trained
            if parameter.numel() <= SAMPLE or id(parameter) not in tables  # of a table only few rows may move
        ]
        if not self._before:
            self._progress.has_moved = True  # tables alone are trained: what is not known counts as learnt
        names = {part: name for name, part in self._module.named_modules()}
        for part in frozen_parts(self._module):
            for key, buffer in part.named_buffers(recurse=False):
                if buffer.is_floating_point():
                    self._frozen[f"{names[part]}.{key}".lstrip(".")] = _sample(buffer)

    def look(self) -> None:
        """After a backward pass, before gradients are cleared."""
        if self._unreached:
            self._unreached = [(name, p) for name, p in self._unreached if p.grad is None]

    def saw(self, loss: float) -> None:
        """A step's loss, as it is handed over."""
        if not math.isfinite(loss):
            self._had_bad_loss = True
        elif loss:
            self._progress.had_loss = True

    @property
    def unreached(self) -> tuple[str, ...]:
        """Weights to be trained that no backward pass has reached so far."""
        return tuple(name for name, _ in self._unreached)

    @property
    def reaches_nothing(self) -> bool:
        """Whether that is all of them."""
        return len(self._unreached) == len(self._trained)

    def compare(self) -> None:
        """Find out whether any weight has moved since the run began; waits for the device until one has."""
        if not self._progress.has_moved:
            self._progress.has_moved = any(not torch.equal(_sample(now), before) for _, now, before in self._before)

    def idle(self) -> tuple[str, ...]:
        """Weights to be trained that have not moved in this process and whose last gradient was there, and all 0."""
        still = [(name, now) for name, now, before in self._before if torch.equal(_sample(now), before)]
        return tuple(name for name, now in still if now.grad is not None and not now.grad.any())

    def moved_though_frozen(self) -> tuple[str, ...]:
        """Buffers of frozen layers that are not as they were before the first step of this process."""
        now = dict(self._module.named_buffers())
        return tuple(name for name, before in self._frozen.items() if not torch.equal(_sample(now[name]), before))

    def nothing_learnt(self) -> str:
        """Why nothing was learnt, as the end of a sentence; empty where something was. All steps must be handed over
        and `compare` called."""
        if self._had_bad_loss and not self._progress.had_loss:
            return "no loss was a finite number, and such steps change nothing"
        if not self._progress.has_moved:
            return "no weight has changed"
        if not self._progress.had_loss:
            return "the loss was 0 at every step"
        return ""


def unregistered(loss: torch.Tensor, module: nn.Module) -> list[tuple[int, ...]]:
    """Shapes of weights that `loss` was computed with and that are no parameters of `module`, which none trains."""
    known = {id(parameter) for parameter in module.parameters()}
    found: dict[int, tuple[int, ...]] = {}
    seen: set[Any] = set()
    waiting = [loss.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        variable = getattr(node, "variable", None)
        if isinstance(variable, nn.Parameter) and id(variable) not in known:
            found[id(variable)] = tuple(variable.shape)
        waiting += [following for following, _ in node.next_functions]
    return list(found.values())


def _sample(tensor: torch.Tensor) -> torch.Tensor:
    """Values spread over the whole tensor, all of a small one: a copy."""
    flat = tensor.detach().reshape(-1)
    return flat[:: -(-flat.numel() // SAMPLE) or 1].clone()
