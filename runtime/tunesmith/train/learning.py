"""Whether a training learns anything: which weights gradients reach, whether any weight moves, what the losses are.

What is doubtful is a warning, and is kept in the progress for readers of the figures. Nothing here waits for
the device within a step: that a gradient is there is known without its numbers, and weights are compared where the loop
waits anyway.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from tunesmith.contracts.training import Recorder
from tunesmith.shown import listed
from tunesmith.train.diagnosis import no_gradient
from tunesmith.train.modes import frozen_parts
from tunesmith.train.progress import Progress

SURE_AFTER = 10  # steps: a layer that is left out at random, or an expert that is not chosen, comes within these
SAMPLE = 4096  # values of a weight that are kept to see whether it moves


class Learning:
    """Looks on while a module is trained. What it has found out stays in the progress, and so in checkpoints."""

    def __init__(self, module: nn.Module, progress: Progress, recorder: Recorder) -> None:
        self._module, self._progress, self._recorder = module, progress, recorder
        self._trained = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
        self._unreached = self._trained
        self._frozen: list[tuple[nn.Module, str, torch.Tensor]] = []
        self._before: list[tuple[str, nn.Parameter, torch.Tensor]] = []
        self._had_bad_loss = False
        self._began = 0
        progress.has_moved = progress.had_loss = False

    def begin(self) -> None:
        """Before the first step of this process: remember some numbers of each weight."""
        self._began = self._progress.step
        tables = {id(part.weight) for part in self._module.modules() if isinstance(part, nn.Embedding)}
        self._before = [
            (name, parameter, _sample(parameter))
            for name, parameter in self._trained
            if parameter.numel() <= SAMPLE or id(parameter) not in tables  # of a table only few rows may move
        ]
        if not self._before:
            self._progress.has_moved = True  # tables alone are trained: what is not known counts as learnt
        self._frozen = [
            (part, key, _sample(buffer))
            for part in frozen_parts(self._module)
            for key, buffer in part.named_buffers(recurse=False)
            if buffer.is_floating_point()
        ]

    # -- within a step ------------------------------------------------------------------------------------------------

    def first_loss(self, loss: torch.Tensor) -> None:
        """Before the first backward pass of a run: warn of weights that `loss` depends on and that nobody trains."""
        shapes = unregistered(loss, self._module)
        if shapes:
            self.doubt(
                "train.unregistered-weights",
                f"forward uses {len(shapes)} weights that are no parameters of the model, so they stay as they are: "
                f"{listed([str(shape) for shape in shapes])}",
                "keep layers as attributes of the module, or in nn.ModuleList in place of a plain list or dict",
            )

    def look(self) -> None:
        """After a backward pass, before gradients are cleared."""
        if self._unreached:  # what the code has frozen itself is to get none
            self._unreached = [(name, p) for name, p in self._unreached if p.grad is None and p.requires_grad]

    # -- between steps ------------------------------------------------------------------------------------------------

    @property
    def _steps(self) -> int:
        """Steps of this process."""
        return self._progress.step - self._began

    def stepped(self) -> None:
        """After a step. Raises train.no-gradient where no gradient has reached any weight."""
        if self._steps in (1, SURE_AFTER):
            self.check_gradients(is_sure=self._steps == SURE_AFTER)

    def check_gradients(self, *, is_sure: bool) -> None:
        """Raise train.no-gradient where no gradient has reached any weight; `is_sure`: warn where it is some."""
        if len(self._unreached) == len(self._trained):
            raise no_gradient()
        if is_sure:
            self._warn_of_gradients()

    def _warn_of_gradients(self) -> None:
        """Weights to be trained that no backward pass has reached so far, if there are any."""
        if self._unreached:
            names = [name for name, _ in self._unreached]
            self.doubt(
                "train.weights-without-gradient",
                f"no gradient has reached {len(names)} of the weights to be trained: {listed(names)}",
                "forward does not use them, or uses them in a way that gradients do not pass: they stay as they are",
            )

    def saw(self, loss: float) -> None:
        """A step's loss, as it is handed over."""
        if not math.isfinite(loss):
            self._had_bad_loss = True
        elif loss:
            self._progress.had_loss = True

    def compare(self) -> None:
        """Find out whether any weight has moved since the run began; waits for the device until one has."""
        if not self._progress.has_moved:
            self._progress.has_moved = any(not torch.equal(_sample(now), before) for _, now, before in self._before)

    def doubt(self, code: str, message: str, hint: str) -> None:
        """Warn, once, of what readers of the figures must know about the training."""
        if message not in self._progress.doubts:
            self._progress.doubts.append(message)
            self._recorder.event("warning", step=self._progress.step, code=code, message=message, hint=hint)

    # -- at the end ---------------------------------------------------------------------------------------------------

    def conclude(self) -> str:
        """Tell which weights did not learn. All steps must be handed over.

        Returns why nothing was learnt at all, as the end of a sentence; empty where something was.
        """
        if 0 < self._steps < SURE_AFTER:
            self._warn_of_gradients()
        self.compare()
        if self._steps >= SURE_AFTER and (idle := self._idle()):
            self.doubt(
                "train.weights-without-gradient",
                f"{len(idle)} of the weights to be trained have a gradient of 0 and have not changed: {listed(idle)}",
                "what they compute has no influence on the loss: look for activations that are always 0, or a factor 0",
            )
        if moved := self._moved_though_frozen():
            self.doubt(
                "train.frozen-part-moved",
                f"frozen layers changed values that they keep by themselves: {listed(moved)}",
                "let forward change buffers only where `self.training` holds and the layer is to be trained",
            )
        nothing = self._nothing_learnt()
        if nothing:
            message = f"nothing was learnt: {nothing}"
            self._recorder.event("warning", step=self._progress.step, code="train.nothing-learnt", message=message)
        return nothing

    def _idle(self) -> list[str]:
        """Weights to be trained that have not moved in this process and whose last gradient was there, and all 0."""
        still = [(name, now) for name, now, before in self._before if torch.equal(_sample(now), before)]
        return [name for name, now in still if now.grad is not None and not now.grad.any()]

    def _moved_though_frozen(self) -> list[str]:
        """Buffers of frozen layers that are not as they were before the first step of this process."""
        names = {part: name for name, part in self._module.named_modules()}
        return [
            f"{names.get(part, '')}.{key}".lstrip(".")
            for part, key, before in self._frozen
            if (now := part._buffers.get(key)) is None or not torch.equal(_sample(now), before)
        ]

    def _nothing_learnt(self) -> str:
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
