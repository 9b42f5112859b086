"""Names that a job picks match whatever their case: AdamW, LoRA, Huber, as papers and other libraries write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tunesmith.catalog import Catalog
from tunesmith.errors import InvalidJob, nearest
from tunesmith.job.job import Job
from tunesmith.job.load import parse_job

CATALOG = Catalog()
SPELLINGS = (str.upper, str.title, lambda name: name[0].upper() + name[1:])


def read(**keys: Any) -> Job:
    whole = {"task": "text-classification", "model": "scratch", "data": {"train": "a.csv"}, **keys}
    return parse_job(json.dumps(whole), Path("a.job.yaml"), Path(), CATALOG).job


def training(key: str) -> Any:
    return lambda value: {"training": {key: value}}


@pytest.mark.parametrize(
    ("kind", "keys", "picked"),
    [
        ("optimizers", training("optimizer"), lambda job: job.training.optimizer.name),
        ("schedules", training("schedule"), lambda job: job.training.schedule.name),
        ("methods", lambda value: {"method": value}, lambda job: job.method.name),
    ],
)
def test_every_member_of_the_catalog_is_found(kind: str, keys: Any, picked: Any) -> None:
    folder = getattr(CATALOG, kind)
    for name, entry in folder.items():
        for spelt in [spell(word) for word in (name, *entry.member.aliases) for spell in SPELLINGS]:
            assert picked(read(**keys(spelt))) == name
            assert picked(read(**keys({spelt: {}}))) == name


def test_losses_tasks_and_sources_are_found() -> None:
    for name, entry in CATALOG.losses.items():
        task = next(
            task for task, each in CATALOG.tasks.items() if set(each.member.targets) & set(entry.member.targets)
        )
        for word in (name, *entry.member.aliases):
            job = read(task=task.upper(), training={"loss": word.upper()}, model="m:f")
            assert (job.task, job.training.loss.name) == (task, name)
    assert read(model="Scratch").model.options["name"] == "scratch"
    assert read(model={"SCRATCH": {"layers": 3}}).model.options["layers"] == 3


def test_fixed_words_auto_and_metrics_are_found() -> None:
    job = read(
        data={"train": "a.csv", "imbalance": "Oversample", "bad_rows": "SKIP"},
        training={"optimizer": "Auto", "learning_rate": "AUTO", "precision": "BF16"},
        evaluation={"metric": "F1_Macro"},
    )
    assert (job.data.imbalance, job.data.bad_rows, job.training.precision) == ("oversample", "skip", "bf16")
    assert (job.training.optimizer.name, job.evaluation.metric) == ("auto", "f1_macro")


def test_a_misspelt_name_finds_the_nearest_whatever_its_case() -> None:
    assert nearest("ADAMWW", ["adam", "adamw"]) == "adamw"
    assert nearest("all-minilm-l6-v2", ["all-MiniLM-L6-v2"]) == "all-MiniLM-L6-v2"
    with pytest.raises(InvalidJob) as caught:
        read(training={"optimizer": "AdamWW"})
    assert caught.value.problem.hint == "rename it to adamw"
