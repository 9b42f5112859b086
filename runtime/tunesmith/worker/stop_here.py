"""Where a training that is being debugged stops: after the gradients of a step, before its update.

    step, reason      the step, from 1, and why it stopped here
    rows              the rows as they were read, each with its place: file and line
    batch             the tensors that the model got
    outputs, targets  what the model answered, and what it should have
    losses, loss      the loss of each target, and the step's: their mean
    model             the module with its gradients; no weight has changed yet
    parts             all micro-batches; the names above are of one of them

A copy of this file stands in the project's cache: debuggers that leave out installed packages stop there.
"""

from __future__ import annotations

from typing import Any


def stop_here(
    *,
    step: int,
    reason: str,
    rows: list[dict[str, Any]],
    batch: dict[str, Any],
    outputs: Any,
    targets: Any,
    losses: Any,
    loss: Any,
    model: Any,
    parts: list[Any],
) -> int:
    """Call the debugger."""
    breakpoint()
    return step
