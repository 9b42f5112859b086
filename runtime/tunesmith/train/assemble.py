"""From a settled job and the facts of its data to a task and a model: the same way for training and for using."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunesmith.catalog import Catalog
from tunesmith.contracts.model import LoadedModel, ModelRequest
from tunesmith.contracts.task import Facts, TaskRuntime
from tunesmith.data.rows import Rows
from tunesmith.guarded import DamagedFileError
from tunesmith.job.advice import settle
from tunesmith.job.job import Job
from tunesmith.models.load import load_model


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """What trains or predicts: the task, and the model with the method applied (on the CPU)."""

    job: Job
    facts: Facts
    task: TaskRuntime
    model: LoadedModel


def assemble(
    job: Job,
    facts: Facts,
    catalog: Catalog,
    *,
    texts: Iterable[str] = (),
    tokenizer_json: str | None = None,
    trusted: bool = True,
    weights: bool = True,
) -> Assembled:
    """Load the job's model, put the task's head on it and apply the method.

    `texts` are the training texts, for models whose tokenizer is made from them; `tokenizer_json` is the tokenizer made
    then, when the model is used later. Without `weights` the module has shapes alone, on the meta device, unless its
    source can only make it whole.
    """
    task: TaskRuntime = catalog.tasks[job.task].call("build", job, facts)
    request = ModelRequest(
        name=str(job.model.options.get("name", "")),
        options=job.model.options,
        head=task.head(),
        folder=job.folder,
        seed=job.seed,
        network=job.network,
        trusted=trusted,
        texts=texts,
        tokenizer_json=tokenizer_json,
        weights=weights,
    )
    loaded = load_model(job.model.name, request, catalog)
    from tunesmith.train.lazy_layers import give_sizes  # which imports torch

    give_sizes(task, loaded, job)
    method = catalog.methods[job.method.name]
    with nullcontext() if weights else _meta():
        model: LoadedModel = method.call("apply", loaded, seed=job.seed, **job.method.options)
    return Assembled(job=job, facts=facts, task=task, model=model)


class Texts(Iterable[str]):
    """Texts that can be gone through again and again, and need not all be in memory."""

    def __init__(self, begin: Callable[[], Iterator[str]]) -> None:
        self._begin = begin

    def __iter__(self) -> Iterator[str]:
        return self._begin()

    def __bool__(self) -> bool:
        return next(self._begin(), None) is not None


def training_texts(job: Job, rows: Rows, catalog: Catalog) -> Iterable[str]:
    """The texts that a tokenizer is made from, if the model has one made; a task may have its own `texts(rows)`."""
    if not catalog.models[job.model.name].member.makes_tokenizer:
        return ()
    task = catalog.tasks[job.task]
    if hasattr(task.module, "texts"):
        return Texts(lambda: iter(task.call("texts", rows)))
    return Texts(lambda: (value for values in rows.columns.values() for value in values if isinstance(value, str)))


def settled_job(job: Job, facts: Facts, catalog: Catalog) -> Job:
    """The job without any `auto` left. Raises TunesmithError job.loss-does-not-fit."""
    outputs = catalog.tasks[job.task].call("build", job, facts).head().outputs
    return settle(job, catalog, target=str(facts.values["target"]), counts=facts.counts, outputs=outputs)


def _meta() -> AbstractContextManager[Any]:
    import torch

    return torch.device("meta")


def facts_to_json(facts: Facts) -> dict[str, Any]:
    """As kept in a run's facts.json."""
    return {"labels": list(facts.labels), "counts": list(facts.counts), "values": dict(facts.values)}


def facts_from_json(value: Mapping[str, Any]) -> Facts:
    """The inverse of `facts_to_json`. Raises guarded.DamagedFileError for what is none."""
    labels, counts, values = value.get("labels"), value.get("counts"), value.get("values")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise DamagedFileError("its labels are no list of texts")
    if not isinstance(counts, list) or not all(type(count) is int for count in counts):
        raise DamagedFileError("its counts are no list of numbers")
    if not isinstance(values, dict):
        raise DamagedFileError("its values are no table")
    return Facts(labels=tuple(labels), counts=tuple(counts), values=values)


def project_cache(folder: Path) -> Path:
    """Where a project's features are cached."""
    return folder / ".tunesmith" / "cache"
