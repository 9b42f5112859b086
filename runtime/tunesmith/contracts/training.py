"""What the loop calls, and what it reports to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from tunesmith.contracts.loss import LossFunction
    from tunesmith.contracts.task import Batch


class Recorder(Protocol):
    """Where a run's numbers and events go. The run folder implements it; the loop knows nothing of files."""

    def scalar(self, name: str, step: int, value: float) -> None:
        """One number; buffered until `flush`. Must take under 1 µs."""
        ...

    def scalars(self, name: str, first_step: int, values: list[float]) -> None:
        """Consecutive steps of one series at once."""
        ...

    def event(self, kind: str, **fields: Any) -> None:
        """Something rare: evaluation, checkpoint, warning, memory-step-down, non-finite, ... Written at once."""
        ...

    def flush(self) -> None:
        """Hand everything buffered to the operating system. Raises OSError (ENOSPC) without losing the buffer."""
        ...


class Commands(Protocol):
    """Requests from outside, picked up between two steps."""

    def take(self) -> list[Mapping[str, Any]]:
        """New requests, oldest first: {"command": "stop" | "pause" | "checkpoint" | "set", ...}. Must be cheap (one
        stat of a folder at most), the loop calls it every few hundred milliseconds."""
        ...


class Watch(Protocol):
    """Looks on while a training is being debugged; it changes no number."""

    def watched(self, loss: LossFunction) -> LossFunction:
        """The loss function to train with: the same values, seen as they are made."""
        ...

    def begin(self) -> None:
        """A step begins, or begins anew: memory may not have sufficed."""
        ...

    def part(self, rows: NDArray[np.int64], batch: Batch) -> None:
        """A micro-batch of the step has added its gradients."""
        ...

    def before_update(self, step: int, loss: torch.Tensor) -> None:
        """All gradients of the step are there, no weight has changed; `loss` is its mean loss, shape ()."""
        ...
