"""A frozen job says everything, and reads back as the same job."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tunesmith.catalog import Catalog
from tunesmith.job import schema
from tunesmith.job.advice import settle
from tunesmith.job.job import Job
from tunesmith.job.load import parse_job
from tunesmith.job.write import dump, to_mapping

CATALOG = Catalog()
FILE = Path("a.job.yaml")
BASE = parse_job(
    "task: text-classification\nmodel: all-MiniLM-L6-v2\ndata: {train: a.csv}\n", FILE, Path("/project"), CATALOG
).job

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
odd_texts = st.sampled_from(
    ["10%", "no", "null", "2e-4", "1_000", "a: b", "- x", "#c", "é 漢字 🙂", "'", '"', "a\tb", "~"]
)
names = texts | odd_texts
shares = st.floats(0.01, 0.45, allow_nan=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
intervals = st.builds(
    "{} {}".format, st.integers(1, 10**7), st.sampled_from(["steps", "epochs", "minutes"])
) | st.builds("{:.7f} epochs".format, st.floats(1e-6, 10))


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    """Jobs with arbitrary values at many keys, made through the parser as JSON (which is YAML)."""
    batch = draw(st.integers(1, 10**6))
    text, label = draw(st.lists(names, min_size=2, max_size=2, unique=True))
    loss = draw(
        st.sampled_from(["auto", "cross-entropy"])
        | st.just({"my.losses:tilted": draw(st.dictionaries(names, values, max_size=3))})
    )
    job = {
        "task": "text-classification",
        "model": draw(st.sampled_from(["all-MiniLM-L6-v2", "owner/model", "scratch", "./folder"])),
        "data": {
            "train": draw(names.map("{}.csv".format)),
            "validation": draw(shares),
            "test": draw(st.none() | shares | st.just("held out.csv")),
            "text": text,
            "label": label,
            "imbalance": draw(st.sampled_from(["none", "weighted-loss", "oversample", "undersample"])),
        },
        "training": {
            "epochs": draw(st.floats(1e-6, 1e6)),
            "max_steps": draw(st.none() | st.integers(1, 10**9)),
            "batch_size": batch,
            "micro_batch_size": draw(st.none() | st.integers(1, batch)),
            "learning_rate": draw(st.just("auto") | st.floats(1e-12, 10)),
            "warmup": draw(st.floats(0, 0.99)),
            "loss": loss,
            "optimizer": draw(st.sampled_from(["auto", "sgd", "adamw"])),
            "clip_norm": draw(st.none() | st.floats(1e-3, 1e3)),
            "compile": draw(st.booleans()),
            "why": draw(st.dictionaries(names, names, max_size=2)),
        },
        "evaluation": {"every": draw(intervals), "patience": draw(st.none() | st.integers(1, 99))},
        "checkpoints": {"every": draw(intervals), "keep": draw(st.integers(1, 99))},
        "seed": draw(st.integers(0, 2**31 - 1)),
        "device": draw(st.sampled_from(["auto", "cpu", "cuda:3"])),
        "network": draw(st.booleans()),
    }
    return parse_job("task: x", FILE, Path("/project"), CATALOG, [f"{key}={json.dumps(job[key])}" for key in job]).job


# Not shrunk: a failing job is small enough to read, and shrinking takes minutes.
@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(jobs())
def test_a_dumped_job_reads_back_equal(job):
    assert parse_job(dump(job), FILE, Path("/elsewhere"), CATALOG).job == job


def test_a_settled_job_reads_back_equal_and_settles_no_further():
    settled = settle(BASE, CATALOG, target="class", counts=[30, 5], outputs=2)
    again = parse_job(dump(settled), FILE, Path("/elsewhere"), CATALOG).job
    assert again == settled
    assert settle(again, CATALOG, target="class", counts=[30, 5], outputs=2) == settled


def test_every_key_is_written_and_json_can_carry_it():
    mapping = to_mapping(BASE)
    assert json.loads(json.dumps(mapping)) == mapping
    for section, keys in schema.SECTIONS.items():
        assert set(keys) <= set(mapping[section] if section else mapping)
    assert mapping["training"]["learning_rate"] == "auto"
    assert mapping["folder"] == "/project"


def test_the_frozen_folder_survives_a_move_of_the_file():
    job = replace(BASE, folder=Path("/somewhere/with spaces: and # signs"))
    assert parse_job(dump(job), Path("/runs/x/job.yaml"), Path("/runs/x"), CATALOG).job.folder == job.folder
