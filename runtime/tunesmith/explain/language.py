"""Figures for language models, from the negative log-likelihood of each document."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LARGEST_EXPONENT = 700.0  # e^709 is the largest float64


def language_figures(outputs: NDArray[np.float64]) -> dict[str, Any]:
    """Loss in nats a token, perplexity (e to that loss) and bits a token; `outputs` is (N, 2): summed nats, tokens."""
    usable = np.isfinite(outputs).all(axis=1) & (outputs[:, 1] > 0)
    nats, tokens = float(outputs[usable, 0].sum()), float(outputs[usable, 1].sum())
    told: dict[str, Any] = {
        "documents": int(usable.sum()),
        "not_finite": int((~np.isfinite(outputs).all(axis=1)).sum()),
        "tokens": int(tokens),
    }
    if not tokens:
        return told | {"loss": math.nan, "perplexity": math.nan, "bits_per_token": math.nan}
    loss = nats / tokens
    perplexity = math.exp(loss) if loss < _LARGEST_EXPONENT else math.inf
    return told | {"loss": loss, "perplexity": perplexity, "bits_per_token": loss / math.log(2)}
