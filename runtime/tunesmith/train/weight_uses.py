"""Weights that several parts of a model hold, such as an output layer tied to the embeddings."""

from __future__ import annotations

from collections import Counter

from torch import nn


def weight_uses(module: nn.Module) -> Counter[int]:
    """How many parts of `module` hold each parameter, by the parameter's id."""
    return Counter(id(parameter) for part in module.modules() for parameter in part.parameters(recurse=False))
