"""From a job file to what an estimate looks at: the settled job, its rows, and a sample of them. Free of torch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tunesmith.catalog import Catalog
from tunesmith.checks.usable_rows import with_usable_rows
from tunesmith.contracts.task import Facts
from tunesmith.data.dataset import DataSet
from tunesmith.data.load import load_data
from tunesmith.data.resampling import counts_after
from tunesmith.data.rows import Rows
from tunesmith.errors import Place
from tunesmith.files import real_path
from tunesmith.job.callables import refuse_code
from tunesmith.job.job import Job
from tunesmith.job.load import LoadedJob, load_job, parse_job
from tunesmith.train.assemble import project_cache, settled_job

SAMPLE_ROWS = 10_000
"""Rows whose lengths stand for all: encoding them takes a second at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`text` is the job's text where it is not what `file` holds. Without `measure` no step is taken.

    `trusted`: whether the project's own code may be imported.
    """

    file: Path
    text: str | None = None
    overrides: tuple[str, ...] = ()
    measure: bool = True
    trusted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What the estimate is of. `train` and `validation` are samples, in the order of the rows; `took_s` is reading.

    The job's `network` is off: an estimate downloads nothing. `downloads`: whether the run would. `places`: where each
    key of the job has its value.
    """

    job: Job
    places: Mapping[str, Place]
    facts: Facts
    data: DataSet
    train: Rows
    validation: Rows | None
    took_s: float
    downloads: bool


def material_of(request: Request, catalog: Catalog) -> Material:
    """Read and settle the job as its run would.

    Raises InvalidJob, job.untrusted for any code that the job names where that may not be imported, and what reading
    the data raises.
    """
    began = time.perf_counter()
    loaded = _loaded(request, request.overrides, catalog)
    job = loaded.job
    refuse_code(job, trusted=request.trusted)
    memory = project_cache(job.folder) / "fingerprints.json"
    data = load_data(job, catalog, trusted=request.trusted, memory=memory if memory.exists() else None)
    data, facts = with_usable_rows(job, data, catalog)
    return Material(
        job=replace(settled_job(job, facts, catalog), network=False),
        places=loaded.places,
        facts=facts,
        data=data,
        train=_sample(data.train, max(SAMPLE_ROWS, 100 * job.training.batch_size)),
        validation=None if data.validation is None else _sample(data.validation, SAMPLE_ROWS),
        took_s=time.perf_counter() - began,
        downloads=job.network,
    )


def changed(material: Material, request: Request, overrides: tuple[str, ...], catalog: Catalog) -> Material:
    """The same rows under a job with further overrides that leave its data alone. Raises InvalidJob."""
    job = _loaded(request, (*request.overrides, *overrides), catalog).job
    return replace(material, job=replace(settled_job(job, material.facts, catalog), network=False))


def _loaded(request: Request, overrides: tuple[str, ...], catalog: Catalog) -> LoadedJob:
    if request.text is None:
        return load_job(request.file, catalog, overrides=overrides)
    return parse_job(request.text, request.file, real_path(request.file).parent, catalog, overrides)


def rows_an_epoch(material: Material) -> int:
    """After the remedy for imbalance, if it repeats or leaves out rows."""
    how = material.job.data.imbalance
    if how in ("oversample", "undersample"):
        return round(sum(counts_after(material.facts.counts, how)))
    return len(material.data.train)


def _sample(rows: Rows, most: int) -> Rows:
    total = len(rows)
    return rows if total <= most else rows.select(number * total // most for number in range(most))
