"""The first layers stay as they are; the rest is tuned."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tunesmith.errors import TunesmithError
from tunesmith.members import Method
from tunesmith.options import Flag, Integer, Text

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel

MEMBER = Method(
    name="freeze",
    help="Keeps the embeddings and the first layers as they are and tunes the rest.",
    when="Between head and full: fewer rows, less memory, and what the first layers know of language is kept.",
    options={
        "layers": Integer(
            1,
            at_least=0,
            unit="layers",
            help="How many layers, counted from the input, are kept.",
            advice="Half of them is a good start.",
        ),
        "embeddings": Flag(
            default=True, help="Whether embeddings are kept too.", advice="Yes: they are rarely what is wrong."
        ),
        "names": Text(
            None,
            help="A regular expression: parameters whose dotted name it matches anywhere are kept as well.",
            advice="For models whose layers do not stand in one list, such as `^features\\.[0-3]`.",
        ),
    },
)


def apply(
    loaded: LoadedModel, *, seed: int, layers: int = 1, embeddings: bool = True, names: str | None = None
) -> LoadedModel:
    """The model with its first parts frozen; its head is always tuned.

    Raises method.no-such-layers or method.bad-pattern.
    """
    from tunesmith.methods.parts.layers import embedding_modules, freeze, layer_lists, thaw

    module = loaded.module
    thaw(loaded, [""])
    found = layer_lists(module)
    if layers and not found and not names:
        raise TunesmithError(
            "method.no-such-layers",
            "this model has no list of like layers to count",
            hint="name the parameters to keep: method: {freeze: {layers: 0, names: REGEX}}",
        )
    for name, blocks in found:
        if layers > len(blocks):
            raise TunesmithError(
                "method.no-such-layers",
                f"{name} has {len(blocks)} layers, so {layers} cannot be kept",
                found=str(layers),
                allowed=(f"0 to {len(blocks)}",),
            )
        freeze(list(blocks[:layers]))
    if embeddings:
        freeze(embedding_modules(module))
    if names:
        _freeze_named(loaded, names)
    thaw(loaded, loaded.head_modules)
    return loaded


def _freeze_named(loaded: LoadedModel, names: str) -> None:
    try:
        pattern = re.compile(names)
    except re.error as error:
        raise TunesmithError("method.bad-pattern", f"this is no regular expression: {error}", found=names) from error
    matched = [parameter for name, parameter in loaded.module.named_parameters() if pattern.search(name)]
    if not matched:
        raise TunesmithError(
            "method.bad-pattern",
            "no parameter of the model has a name that matches",
            found=names,
            allowed=[name for name, _ in loaded.module.named_parameters()][:10],
        )
    for parameter in matched:
        parameter.requires_grad = False
