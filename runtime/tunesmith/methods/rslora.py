"""LoRA whose scale stays right at high rank (rsLoRA), in PEFT's format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tunesmith.members import Method
from tunesmith.methods.parts.adapters import DORA, RANK

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel

MEMBER = Method(
    name="rslora",
    help="LoRA whose scale stays right at high rank (rsLoRA), in PEFT's format.",
    when="Ranks of 32 and above, where plain LoRA learns no more than at rank 8.",
    formula="W' = W + (alpha / sqrt(rank)) B A",
    source="Kalajdzievski 2023, arXiv:2312.03732",
    options={**RANK, **DORA},
    learning_rate_factor=10.0,
)


def apply(loaded: LoadedModel, *, seed: int, **options: Any) -> LoadedModel:
    """The model in PEFT's wrapper, adapters and new head trainable, all else frozen. `options`: those of MEMBER."""
    from tunesmith.methods.parts.adapters import add_adapters

    return add_adapters(loaded, seed=seed, use_rslora=True, **options)
