"""The first layers stay as they are; the rest is tuned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tunesmith.errors import Place, TunesmithError
from tunesmith.members import Method
from tunesmith.options import Flag, Integer, Text, Texts

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel

MEMBER = Method(
    name="freeze",
    help="Keeps the embeddings and the first layers as they are and tunes the rest.",
    when="Between head and full: fewer rows, less memory, and what the first layers know of language is kept.",
    options={
        "parts": Texts(
            (),
            help="Parts of the model that are kept whole: backbone; or encoder, decoder of a model that has these.",
            advice="encoder where the model is to write differently what it reads well; the estimate names the parts.",
        ),
        "layers": Integer(
            None,
            at_least=0,
            unit="layers",
            help="How many layers, counted from the input, are kept; none means 1, or 0 where `parts` are named.",
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
    loaded: LoadedModel,
    *,
    seed: int,
    parts: Sequence[str] = (),
    layers: int | None = None,
    embeddings: bool = True,
    names: str | None = None,
) -> LoadedModel:
    """The model with these parts and its first layers frozen; a new head is always tuned.

    Raises method.no-such-part, method.no-such-layers or method.bad-pattern.
    """
    from tunesmith.methods.parts.layers import embedding_modules, freeze, layer_lists, thaw

    module = loaded.module
    thaw(loaded, [""])
    if layers is None:
        layers = 0 if parts else 1
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
    _freeze_parts(loaded, parts)
    if embeddings:
        freeze(embedding_modules(module))
    if names:
        _freeze_named(loaded, names)
    thaw(loaded, loaded.head_modules)
    return loaded


def _freeze_parts(loaded: LoadedModel, parts: Sequence[str]) -> None:
    from tunesmith.methods.parts.model_parts import model_parts, weights_by_part

    allowed = [part.name for part in model_parts(loaded) if part.name != "head"] if parts else []
    for part in parts:
        if part not in allowed:
            raise TunesmithError(
                "method.no-such-part",
                "the head is what is tuned" if part == "head" else "this model has no part of that name",
                place=Place(key="method.freeze.parts"),
                found=part,
                allowed=allowed,
            )
    for part, parameter in weights_by_part(loaded) if parts else ():
        if part in parts:
            parameter.requires_grad = False


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
