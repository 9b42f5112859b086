"""Which source a model's name belongs to, and loading it from there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.catalog import Catalog, Entry
from tunesmith.errors import Place, TunesmithError, nearest
from tunesmith.members import ModelSource
from tunesmith.trust import is_callable_name

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel, ModelRequest, TextFormat
    from tunesmith.job.job import Job

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
    with _near_name(request.name, catalog):
        loaded: LoadedModel = catalog.models[source].call("load", request)
    return loaded


def find_model(job: Job, catalog: Catalog) -> Path | None:
    """The folder of the job's model on this machine; None for a source that has no folders.

    Raises the source's own error, model.not-found and the like.
    """
    find = getattr(catalog.models[job.model.name].module, "find", None)
    if find is None:
        return None
    name = str(job.model.options["name"])
    with _near_name(name, catalog):
        found: Path = find(name, job.folder, job.model.options, network=False)
    return found


@contextmanager
def _near_name(name: str, catalog: Catalog) -> Iterator[None]:
    """Put the job's key, and a known name that is spelt alike, into the error for a model that is not there."""
    try:
        yield
    except TunesmithError as error:
        if error.code != "model.not-found":
            raise
        known = [*catalog.models, *(bundle for each in catalog.models.values() for bundle in bundled_names(each))]
        close = nearest(name, known)
        problem = error.problem
        place = problem.place if problem.place.key or problem.place.file else Place(key="model")
        hint = f"did you mean {close}?" if close else problem.hint
        raise TunesmithError(
            problem.code, problem.message, place=place, found=problem.found, allowed=problem.allowed, hint=hint
        ) from error


def bundled_names(source: Entry[ModelSource]) -> tuple[str, ...]:
    """The names of the models that a source brings along."""
    return tuple(getattr(source.module, "BUNDLES", ()))


def find_text_format(
    source: str, name: str, folder: Path, options: Mapping[str, Any], catalog: Catalog | None = None
) -> TextFormat | None:
    """How the model will read text, where that can be had without torch and network; else None.

    Raises model.broken-tokenizer and model.no-tokenizer.
    """
    source = "python" if is_callable_name(source) else source
    found: TextFormat | None = (catalog or Catalog()).models[source].call("text_format", name, folder, options)
    return found
