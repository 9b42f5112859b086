"""What every task does alike whose outputs are two numbers a row: the sum of nats of its targets, and how many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tunesmith.contracts.task import Outputs, TaskRuntime
from tunesmith.data.rows import Rows

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from tunesmith.data.features import Features


class TokenLosses(TaskRuntime):
    """A task that learns tokens. `features` have `targets` (N,): how many tokens of each sample are learnt."""

    def weights(self, features: Features, class_weights: Sequence[float] | None) -> NDArray[np.float64]:
        import numpy as np

        return np.asarray(features["targets"], np.float64)

    def metrics(self, outputs: Outputs, features: Features) -> dict[str, float]:
        from tunesmith.scores.language import language_scores

        return language_scores(outputs).metrics()

    def row_losses(self, outputs: Outputs, features: Features) -> NDArray[np.float64]:
        import numpy as np

        return np.asarray(outputs[:, 0] / np.maximum(outputs[:, 1], 1), np.float64)

    def decode(self, outputs: Outputs, features: Features, rows: Rows) -> list[dict[str, Any]]:
        import math

        answers = []
        for nats, tokens in outputs.tolist():
            loss = nats / tokens if tokens else math.nan
            answers.append({"loss": loss, "perplexity": math.exp(min(loss, 700)), "tokens": int(tokens)})
        return answers


def nats_by_row(logits: torch.Tensor, target: torch.Tensor, row: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """Shape (B, 2): the sum of the negative log-likelihoods of each row's targets, and their `counts` (B,). `logits`
    (T, V) and `target` (T,) are those of all targets, `row` (T,) says of which row each is."""
    import torch
    from torch.nn.functional import cross_entropy

    nats = cross_entropy(logits, target, reduction="none")
    return torch.stack([torch.zeros_like(counts).index_add_(0, row, nats), counts], dim=1)
