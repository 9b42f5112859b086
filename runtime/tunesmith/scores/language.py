"""Figures for language models, from the negative log-likelihood of each document. N documents."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LARGEST_EXPONENT = 700.0  # e^709 is the largest float64


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """Loss in nats a token, perplexity (e to that loss) and bits a token, over all tokens of all documents.

    They are NaN where a document's loss is not finite (`not_finite` counts those), and where there is no token.
    """

    documents: int
    not_finite: int
    tokens: int
    loss: float
    perplexity: float
    bits_per_token: float

    def metrics(self) -> dict[str, float]:
        """By the names a job uses."""
        return {"loss": self.loss, "perplexity": self.perplexity, "bits_per_token": self.bits_per_token}

    def as_json(self) -> dict[str, Any]:
        """As a mapping of plain values."""
        return asdict(self)


def language_scores(outputs: NDArray[Any]) -> Language:
    """The figures of `outputs` (N, 2): summed nats and number of target tokens of each document."""
    pairs = np.asarray(outputs, np.float64)
    nats, tokens = (float(total) for total in pairs.sum(axis=0))
    finite = np.isfinite(pairs).all(axis=1)
    loss = nats / tokens if tokens and math.isfinite(nats) else math.nan
    return Language(
        documents=int((finite & (pairs[:, 1] > 0)).sum()),
        not_finite=int((~finite).sum()),
        tokens=int(pairs[np.isfinite(pairs[:, 1]), 1].sum()),
        loss=loss,
        perplexity=math.exp(loss) if loss < _LARGEST_EXPONENT else math.inf if loss == loss else math.nan,
        bits_per_token=loss / math.log(2),
    )
