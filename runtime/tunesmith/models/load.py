"""Which source a model's name belongs to, and loading it from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.catalog import Catalog
from tunesmith.trust import is_callable_name

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from tunesmith.models.contract import LoadedModel, ModelRequest

LAST = "transformers"  # any word could be a hub id: it is asked when no other source knows the name


def source_of(name: str, folder: Path, catalog: Catalog) -> str | None:
    """The model source that claims `name` (seen from the project's `folder`), or None. Free of torch."""
    if is_callable_name(name):
        return "python"
    order = sorted(catalog.models, key=lambda source: (source == LAST, source))
    return next((source for source in order if catalog.models[source].call("claims", name, folder)), None)


def load_model(source: str, request: ModelRequest, catalog: Catalog) -> LoadedModel:
    """The model that `request` names, with its head, from `source`; on the CPU in float32, in evaluation mode."""
    if is_callable_name(source):  # a job may name the callable itself where a source stands
        source, request = "python", replace(request, name=request.name or source)
    loaded: LoadedModel = catalog.models[source].call("load", request)
    return loaded


def find_tokenizer(
    source: str, name: str, folder: Path, options: Mapping[str, Any], catalog: Catalog | None = None
) -> Tokenizer | None:
    """The tokenizer that the model will use, where it can be had without torch and network; else None."""
    source = "python" if is_callable_name(source) else source
    found: Tokenizer | None = (catalog or Catalog()).models[source].call("tokenizer", name, folder, options)
    return found
