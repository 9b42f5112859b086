"""All weights are tuned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.members import Method

if TYPE_CHECKING:
    from tunesmith.models.contract import LoadedModel

MEMBER = Method(
    name="full",
    help="Tunes every weight of the model.",
    when="The best quality where memory allows: optimizer and gradients need about three times the model's own size.",
)


def apply(loaded: LoadedModel, *, seed: int) -> LoadedModel:
    """The model with every weight trainable."""
    loaded.module.requires_grad_(requires_grad=True)
    return loaded
