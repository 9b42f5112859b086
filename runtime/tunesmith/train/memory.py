"""What a job does to its model so that it takes less memory: the same in a run and in its estimate."""

from __future__ import annotations

from tunesmith.train.assemble import Assembled
from tunesmith.train.frozen_layers import keep_as_computed
from tunesmith.train.precision import Precision


def save_memory(assembled: Assembled, precision: Precision) -> None:
    """Compute activations again instead of keeping them, where the job says so; halve what is frozen."""
    if assembled.job.training.activation_checkpointing:
        assembled.model.checkpoint_activations()
    if assembled.model.kind == "transformers":
        keep_as_computed(assembled.model.module, precision.dtype)
