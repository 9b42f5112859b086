"""Keeps the weights and tunes a low-rank change of some of them (LoRA), in PEFT's format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tunesmith.members import Method
from tunesmith.methods.parts.adapters import DORA, RANK, RSLORA

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel

MEMBER = Method(
    name="lora",
    help="Keeps the weights and tunes a low-rank change of some of them (LoRA), in PEFT's format.",
    when="Large models, many variants of one model, or little memory: a few megabytes an adapter.",
    formula="W' = W + (alpha / rank) B A",
    source="Hu et al. 2021, arXiv:2106.09685",
    options={**RANK, **RSLORA, **DORA},
    learning_rate_factor=20.0,
)


def apply(loaded: LoadedModel, *, seed: int, **options: Any) -> LoadedModel:
    """The model in PEFT's wrapper, adapters and new head trainable, all else frozen. `options`: those of MEMBER."""
    from tunesmith.methods.parts.adapters import add_adapters

    return add_adapters(loaded, seed=seed, **options)
