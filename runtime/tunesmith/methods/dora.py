"""LoRA that tunes the size and the direction of the weights apart (DoRA), in PEFT's format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tunesmith.members import Method
from tunesmith.methods.parts.adapters import RANK, RSLORA

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel

MEMBER = Method(
    name="dora",
    help="LoRA that tunes the size and the direction of the weights apart (DoRA), in PEFT's format.",
    when="When LoRA at low rank falls short of full tuning; slower than LoRA.",
    formula="W' = m (W + (alpha / rank) B A) / ||W + (alpha / rank) B A||",
    source="Liu et al. 2024, arXiv:2402.09353",
    options={**RANK, **RSLORA},
    learning_rate_factor=20.0,
)


def apply(loaded: LoadedModel, *, seed: int, **options: Any) -> LoadedModel:
    """The model in PEFT's wrapper, adapters and new head trainable, all else frozen. `options`: those of MEMBER."""
    from tunesmith.methods.parts.adapters import add_adapters

    return add_adapters(loaded, seed=seed, use_dora=True, **options)
