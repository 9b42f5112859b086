"""What a loop knows of itself between two steps."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from tunesmith.scores.metrics import Metric, is_better


@dataclass(slots=True)
class Progress:
    """What must survive a checkpoint besides weights and optimizer.

    `best_loss` is the validation loss of the best evaluation, None where that is no number: of equal ones it decides.
    `has_moved`: whether any weight has changed since the run began; `had_loss`: whether any loss was a number but 0.
    Of a checkpoint that does not say so, both are taken for true.
    `owes_evaluation`: whether an evaluation of this step was left out, because the run was asked to stop meanwhile.
    `doubts`: what readers of the run's figures must know about its training.
    """

    step: int = 0
    micro_batch_size: int = 0
    learning_rate: float = 0.0
    non_finite_in_row: int = 0
    evaluations_without_gain: int = 0
    best: dict[str, Any] | None = None
    best_loss: float | None = None
    evaluated_step: int = -1
    early_stopped: bool = False
    has_moved: bool = True
    had_loss: bool = True
    owes_evaluation: bool = False
    doubts: list[str] = field(default_factory=list)

    def judge(self, metric: Metric, value: float, loss: float) -> bool:
        """Whether the weights of this step, evaluated to `value` and `loss`, are the best so far; notes it if so.

        Of equal values the lower loss is best, and of equal losses the later step. Patience waits for a better value.
        """
        gained = is_better(metric, value, None if self.best is None else self.best["value"])
        self.evaluations_without_gain = 0 if gained else self.evaluations_without_gain + 1
        ties = self.best is not None and value == self.best["value"]
        if not gained and not (ties and (self.best_loss is None or loss <= self.best_loss)):
            return False
        self.best = {"metric": metric.name, "value": value, "step": self.step}
        self.best_loss = loss if math.isfinite(loss) else None
        return True
