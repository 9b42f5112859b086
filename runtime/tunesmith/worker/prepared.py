"""A training that is ready to begin, or to go on."""

from __future__ import annotations

from dataclasses import dataclass

from tunesmith.contracts.task import Facts
from tunesmith.data.dataset import DataSet
from tunesmith.data.features import Features
from tunesmith.job.job import Job
from tunesmith.train.assemble import Assembled
from tunesmith.train.loop import Loop
from tunesmith.train.precision import Precision
from tunesmith.train.saving import Saver


@dataclass(slots=True, kw_only=True)
class Training:
    """One training: everything it needs, made from a run's folder."""

    job: Job
    facts: Facts
    data: DataSet
    assembled: Assembled
    train: Features
    validation: Features | None
    test: Features | None
    precision: Precision
    loop: Loop
    saver: Saver
