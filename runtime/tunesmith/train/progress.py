"""What a loop knows of itself between two steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Progress:
    """What must survive a checkpoint besides weights and optimizer.

    `has_moved`: whether any weight has changed since the run began; `had_loss`: whether any loss was a number but 0.
    Of a checkpoint that does not say so, both are taken for true.
    """

    step: int = 0
    micro_batch_size: int = 0
    learning_rate: float = 0.0
    non_finite_in_row: int = 0
    evaluations_without_gain: int = 0
    best: dict[str, Any] | None = None
    evaluated_step: int = -1
    early_stopped: bool = False
    has_moved: bool = True
    had_loss: bool = True
