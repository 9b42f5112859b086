"""LoRA that tunes the size and the direction of the weights apart (DoRA), in PEFT's format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tunesmith.members import Method
from tunesmith.methods._adapters import RANK, RSLORA

if TYPE_CHECKING:
    from tunesmith.models.contract import LoadedModel

MEMBER = Method(
    name="dora",
    help="LoRA that tunes the size and the direction of the weights apart (DoRA), in PEFT's format.",
    when="When LoRA at low rank falls short of full tuning; slower than LoRA.",
    formula="W' = m (W + (alpha / rank) B A) / ||W + (alpha / rank) B A||",
    source="Liu et al. 2024, arXiv:2402.09353",
    options={**RANK, **RSLORA},
    learning_rate_factor=20.0,
)


def apply(
    loaded: LoadedModel,
    *,
    seed: int,
    rank: int = 8,
    alpha: float = 16.0,
    dropout: float = 0.0,
    target_modules: Sequence[str] | None = None,
    bias: str = "none",
    use_rslora: bool = False,
) -> LoadedModel:
    """The model in PEFT's wrapper, adapters and new head trainable, all else frozen."""
    from tunesmith.methods._adapters import add_adapters

    return add_adapters(
        loaded,
        seed=seed,
        rank=rank,
        alpha=alpha,
        dropout=dropout,
        target_modules=target_modules,
        bias=bias,
        use_rslora=use_rslora,
        use_dora=True,
    )
