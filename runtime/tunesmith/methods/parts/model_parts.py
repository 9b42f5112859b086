"""The parts of a model by the names that people have for them, and what of each is tuned.

A job names them (`freeze: {parts: [encoder]}`), and estimate, report and checkpoints count by them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

    from tunesmith.contracts.model import LoadedModel

ORDER = ("backbone", "embeddings", "encoder", "decoder", "head", "adapter")
"""`backbone` is what is none of the others; only a model that reads with one part and writes with another has its
encoder, its decoder and the embeddings that both share."""
OF_ADAPTERS = ("lora_", "prompt_encoder", "prompt_embeddings")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPart:
    """A part with its numbers: how many `weights` it has, and how many of them are `tuned`."""

    name: str
    weights: int
    tuned: int


def model_parts(loaded: LoadedModel) -> tuple[ModelPart, ...]:
    """The parts that have weights, in ORDER; a weight that several share counts once."""
    found = {name: [0, 0] for name in ORDER}
    for part, parameter in weights_by_part(loaded):
        counts = found[part]
        counts[0] += parameter.numel()
        counts[1] += parameter.numel() if parameter.requires_grad else 0
    return tuple(
        ModelPart(name=name, weights=weights, tuned=tuned) for name, (weights, tuned) in found.items() if weights
    )


def weights_by_part(loaded: LoadedModel) -> Iterator[tuple[str, nn.Parameter]]:
    """Each weight of the model with the name of its part."""
    from tunesmith.methods.parts.layers import head_names

    heads = head_names(loaded)
    config = getattr(loaded.pretrained, "config", None)
    has_sides = bool(getattr(config, "is_encoder_decoder", False))
    for name, parameter in loaded.module.named_parameters():
        if "original_module" not in name.split("."):  # what PEFT keeps of a head beside the one that is tuned
            yield _part_of(name, heads, has_sides=has_sides), parameter


def _part_of(name: str, heads: Sequence[str], *, has_sides: bool) -> str:
    words = name.split(".")
    if any(word.startswith(OF_ADAPTERS) for word in words):
        return "adapter"
    if any(name == head or name.startswith(f"{head}.") for head in heads) or "modules_to_save" in words:
        return "head"
    if not has_sides:
        return "backbone"
    return next((word for word in words if word in ("encoder", "decoder")), "embeddings")


def part_phrases(parts: Sequence[ModelPart]) -> Iterator[str]:
    """For each part whether it is tuned or stays as it is."""
    for part in parts:
        if part.tuned == part.weights:
            yield f"{part.name}: all {part.weights:,} weights are tuned"
        elif part.tuned:
            yield f"{part.name}: {part.tuned:,} of {part.weights:,} weights are tuned"
        else:
            yield f"{part.name}: its {part.weights:,} weights stay as they are"
