"""Judging a language model."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.judged import Chart, Judged, MadeWhenAsked, Mark, Panel, plural
from tunesmith.scores.language import language_scores


def judge_token(outputs: NDArray[np.float64]) -> Judged:
    """Everything about `outputs` (N, 2): negative log-likelihood and number of targets of each document."""
    figures = language_scores(outputs).as_json()
    usable = np.isfinite(outputs).all(axis=1) & (outputs[:, 1] > 0)
    losses = outputs[usable, 0] / outputs[usable, 1]
    warnings = []
    if figures["not_finite"]:
        warnings.append(
            f"{plural(figures['not_finite'], 'document')} got a loss that is not finite: no figure of all documents "
            "can be given. Training has most likely diverged; try a lower learning rate."
        )
    if not figures["tokens"]:
        headline, words = "There was no held-out document to judge the model by.", []
    else:
        headline = (
            f"Perplexity {figures['perplexity']:.4g} (loss {figures['loss']:.4f}) on "
            f"{plural(figures['documents'], 'held-out document')} with {plural(figures['tokens'], 'token')}."
        )
        words = [
            f"At each token, the model is on average as unsure as between {figures['perplexity']:.4g} "
            f"equally likely ones ({figures['bits_per_token']:.2f} bits a token). Lower is better.",
            "Compare perplexities only between models with the same tokenizer, on the same documents.",
        ]
        if math.isfinite(figures["perplexity"]) and figures["perplexity"] < 1.05:
            warnings.append(
                "So low a perplexity mostly means that the held-out documents also stand in the training rows."
            )
    return Judged(
        headline=headline,
        words=words,
        warnings=warnings,
        sections={"language": figures},
        blocks=[loss_histogram(losses)] if len(losses) else [],
        expected=MadeWhenAsked(len(outputs), lambda row: None),
        predicted=MadeWhenAsked(len(outputs), lambda row: _told(*outputs[row].tolist())),
    )


def _told(nats: float, tokens: float) -> dict[str, Any]:
    """How hard a document is."""
    return {
        "loss_per_token": float(nats / tokens) if tokens else None,
        "tokens": int(tokens) if tokens == tokens else 0,
    }


def loss_histogram(losses: NDArray[np.float64]) -> Chart:
    """How often a document has which loss; `losses` finite, shape (N,)."""
    counts, edges = np.histogram(losses, bins=min(50, max(5, len(losses) // 10)))
    bars = Mark(shape="bars", x=edges[:-1], y=counts.astype(np.float64), width=float(edges[1] - edges[0]))
    middle = float(np.median(losses))
    median = Mark(
        shape="line",
        x=np.array([middle, middle]),
        y=np.array([0.0, float(counts.max())]),
        label="median",
        reference=True,
    )
    panel = Panel(x_label="loss (nats a token)", y_label="documents", marks=[bars, median])
    says = "How hard the documents are for the model."
    return Chart(name="losses", title="Documents", says=says, panels=[panel])
