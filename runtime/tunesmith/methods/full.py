"""All weights are tuned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.members import Method

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel

MEMBER = Method(
    name="full",
    help="Tunes every weight of the model, but those that your own code froze.",
    when="The best quality where memory allows: optimizer and gradients need about three times the model's own size.",
)


def apply(loaded: LoadedModel, *, seed: int) -> LoadedModel:
    """The model with every weight trainable that the project's own code did not freeze."""
    from tunesmith.methods.parts.layers import thaw

    thaw(loaded, [""])
    return loaded
