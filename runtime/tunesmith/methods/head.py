"""Only the head is tuned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.errors import Place, TunesmithError
from tunesmith.members import Method

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel

MEMBER = Method(
    name="head",
    help="Tunes the new head alone; everything pretrained stays as it is.",
    when="Very few rows, or a quick first look: fast and hard to overfit, but it cannot adapt the features.",
    learning_rate_factor=20.0,
)


def apply(loaded: LoadedModel, *, seed: int) -> LoadedModel:
    """The model with everything frozen but its head (without a new one: its output layer, or its last layer)."""
    from tunesmith.methods.parts.layers import freeze, head_names, thaw

    if loaded.head.auto and not loaded.head.ending:
        raise TunesmithError(
            "method.no-head",
            "this task reads the model's last hidden states, so there is no head that could be tuned alone",
            place=Place(key="method"),
            found="head",
            allowed=("full", "freeze", "lora"),
            hint="`method: {freeze: {layers: N}}` with all layers but the last one comes nearest",
        )
    names = head_names(loaded)
    freeze([loaded.module])
    thaw(loaded, names)
    return loaded
