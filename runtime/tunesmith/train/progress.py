"""What a loop knows of itself between two steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Progress:
    """What must survive a checkpoint besides weights and optimizer."""

    step: int = 0
    micro_batch_size: int = 0
    learning_rate: float = 0.0
    non_finite_in_row: int = 0
    evaluations_without_gain: int = 0
    best: dict[str, Any] | None = None
    evaluated_step: int = -1
    early_stopped: bool = False
