"""What the curves of a run say, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith.explain.curves import Curve, smoothed, smoothing, thinned, validation_loss

_WORSE = 1.05
_STILL_FALLING = 0.97


def curve_summary(curves: Mapping[str, Curve]) -> tuple[dict[str, Any], list[str]]:
    """Where the curves begin, end and are lowest, as JSON and as sentences."""
    figures: dict[str, Any] = {}
    words: list[str] = []
    loss = curves.get("loss")
    if loss is not None:
        drawn = thinned(loss)
        soft = smoothed(drawn.values, smoothing(len(drawn)))
        figures["training_loss"] = {"first": float(soft[0]), "last": float(soft[-1]), "steps": int(loss.steps[-1])}
        words.append(
            f"The training loss went from {soft[0]:.4f} to {soft[-1]:.4f} (moving average) in {len(loss):,} steps."
        )
        if soft[-1] >= soft[0]:
            words.append("It did not fall: the learning rate may be far too high or too low, or the labels are noise.")
    held_out = validation_loss(curves)
    if held_out is not None and len(held_out) > 1:
        best = int(held_out.values.argmin())
        figures["validation_loss"] = {
            "best": float(held_out.values[best]),
            "best_step": int(held_out.steps[best]),
            "last": float(held_out.values[-1]),
        }
        low, last = float(held_out.values[best]), float(held_out.values[-1])
        if best < len(held_out) - 1 and last > low * _WORSE:
            words.append(
                f"The validation loss was lowest at step {held_out.steps[best]:,} ({low:.4f}) and rose to {last:.4f} "
                "since: from there on the model learned the training rows by heart. "
                "Fewer epochs, or `patience`, save time."
            )
        elif best == len(held_out) - 1 and last < float(held_out.values[-2]) * _STILL_FALLING:
            words.append("The validation loss was still falling at the end: more epochs may well help.")
    return figures, words
