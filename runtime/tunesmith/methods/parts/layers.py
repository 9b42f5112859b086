"""Finding the parts of a model: its head, its embeddings, its layers in order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

    from tunesmith.contracts.model import LoadedModel


def head_names(loaded: LoadedModel) -> tuple[str, ...]:
    """The dotted names of the head: what was made anew, else the output layer, else the last module with weights."""
    if loaded.head_modules:
        return loaded.head_modules
    outputs = loaded.pretrained.get_output_embeddings() if loaded.pretrained is not None else None
    if outputs is not None:
        return tuple(name for name, module in loaded.module.named_modules() if module is outputs)
    leaves = [
        name for name, module in loaded.module.named_modules() if any(True for _ in module.parameters(recurse=False))
    ]
    return tuple(leaves[-1:])


def layer_lists(module: nn.Module) -> list[tuple[str, nn.ModuleList]]:
    """The longest list of like layers (the transformer's blocks), or none."""
    from torch import nn

    lists = [
        (name, child)
        for name, child in module.named_modules()
        if isinstance(child, nn.ModuleList) and len({type(item) for item in child}) == 1 and len(child) > 0
    ]
    longest = max((len(child) for _, child in lists), default=0)
    return [(name, child) for name, child in lists if len(child) == longest][:1]


def embedding_modules(module: nn.Module) -> list[nn.Module]:
    """Everything named embeddings, and single embedding tables elsewhere."""
    from torch import nn

    return [
        child
        for name, child in module.named_modules()
        if isinstance(child, nn.Embedding) or re.search(r"(^|\.)\w*embeddings?$", name)
    ]


def freeze(modules: list[Any]) -> None:
    """No gradient for anything in these modules."""
    for module in modules:
        module.requires_grad_(requires_grad=False)


def thaw(loaded: LoadedModel, names: Iterable[str]) -> None:
    """Gradients for the named modules ("": all), but for the weights that the project's own code froze."""
    kept = {id(weight) for weight in frozen_by_project(loaded)}
    for name in names:
        for weight in loaded.module.get_submodule(name).parameters():
            if id(weight) not in kept:
                weight.requires_grad = True


def frozen_by_project(loaded: LoadedModel) -> list[nn.Parameter]:
    """The weights that the project's own code froze."""
    return [weight for name, weight in loaded.module.named_parameters() if name in loaded.frozen]
