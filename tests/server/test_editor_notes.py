"""What stands between the lines of a job: hints, lenses, and the changes that an estimate proposes."""

import math
import re
from pathlib import Path

import pytest

from editor_marks import CATALOG, HOME
from tunesmith.pages import error_link, error_page
from tunesmith.protocol.jobs import Estimate, MemoryEstimate, TimeEstimate
from tunesmith.protocol.runs import Best, RunSummary
from tunesmith.server.editor.edits import applied
from tunesmith.server.editor.fixes import FIXERS, remedy
from tunesmith.server.editor.hints import duration, hints, size, summary
from tunesmith.server.editor.lenses import commands
from tunesmith.server.editor.scan import scan
from tunesmith.server.editor.shape import View

JOB = "task: regression\ndata:\n  train: a.csv  # rows\n  validation: 10%\ntraining: {epochs: 3}\n"
ROOT = Path(__file__).parents[2]


def noted(text, *, facts=None, estimate=None):
    """The text with each hint written behind its place."""
    for hint in sorted(hints(scan(text), facts, estimate), key=lambda each: -each.offset):
        text = text[: hint.offset] + f"<{hint.text}>" + text[hint.offset :]
    return text


def estimate(**fields):
    memory = MemoryEstimate(total_bytes=5_100_000_000)
    return Estimate(device="cpu", steps=1240, memory=memory, time=TimeEstimate(total_s=2280.0), **fields)


def test_hints_tell_rows_classes_and_what_a_run_takes():
    facts = {"rows": {"train": 8482, "validation": 942, "test": None}, "labels": 3, "skipped": 0}
    found = noted(JOB, facts=facts, estimate=estimate())
    assert found.splitlines()[0] == "task: regression<≈ 5.1 GB · 1,240 steps · 38 min>"
    assert found.splitlines()[2:4] == [
        "  train: a.csv<8,482 rows · 3 classes>  # rows",
        "  validation: 10%<942 rows>",
    ]


def test_hints_tell_nothing_that_is_not_known():
    assert noted(JOB) == JOB
    assert noted("seed: 1\n", facts={"rows": {"train": 5}}, estimate=estimate()) == "seed: 1\n"
    assert summary(Estimate(device="cpu", steps=7)) == "7 steps"


@pytest.mark.parametrize(
    ("number", "told"), [(999, "1 kB"), (5_120_000, "5.1 MB"), (180_000_000, "180 MB"), (14_000_000_000, "14.0 GB")]
)
def test_sizes_are_told_as_people_write_them(number, told):
    assert size(number) == told


@pytest.mark.parametrize(("seconds", "told"), [(3.2, "3 s"), (89, "89 s"), (2280, "38 min"), (9000, "2.5 h")])
def test_durations_are_told_as_people_say_them(seconds, told):
    assert duration(seconds) == told


def run(number, metric="f1_macro", value=None, warnings=0):
    best = None if value is None else Best(metric=metric, value=value, step=1)
    return RunSummary(id=f"run-{number}", path="/p", status="finished", name="n", best=best, warning_count=warnings)


@pytest.mark.parametrize(
    ("runs", "title"),
    [
        ([run(1)], "1 earlier run"),
        ([run(1), run(2, value=0.9), run(3, value=0.94)], "3 earlier runs, best f1_macro 0.94"),
        ([run(1, "loss", 0.7), run(2, "loss", 0.5), run(3, "accuracy", 0.1)], "3 earlier runs, best loss 0.5"),
        ([run(1, value=math.nan)], "1 earlier run"),
        ([run(1, value=0.9), run(2, value=0.94, warnings=2)], "2 earlier runs, best f1_macro 0.94 (2 warnings)"),
        ([run(1, value=0.9, warnings=1), run(2, value=0.94)], "2 earlier runs, best f1_macro 0.94"),
    ],
)
def test_the_lens_tells_the_best_result_of_earlier_runs(runs, title):
    assert [each["title"] for each in commands("file:///a.job.yaml", runs)] == ["Run", "Estimate", title]


@pytest.mark.parametrize(
    ("text", "overrides", "after"),
    [
        (JOB, ["training.micro_batch_size=8"], JOB.replace("epochs: 3", "epochs: 3, micro_batch_size: 8")),
        (
            "task: regression\nmethod: full\n",
            ["training.micro_batch_size=4", "training.activation_checkpointing=true", "method=lora"],
            "task: regression\nmethod: lora\ntraining:\n  micro_batch_size: 4\n  activation_checkpointing: true\n",
        ),
    ],
)
def test_what_makes_a_run_fit_is_one_change_of_the_job(text, overrides, after):
    view = View(tree=scan(text), catalog=CATALOG, home=HOME)
    [fix] = remedy("micro-batches of 8 rows: then it needs 4.1 GB", overrides, view)
    assert applied(text, fix.edits) == after


def test_every_finding_that_has_a_fix_has_a_page():
    for code in FIXERS:
        assert error_page(code), code
        assert error_link(code).startswith("file://")
    assert error_page("no.such") == "" and error_link("no.such") is None


def test_the_page_travels_with_the_package():
    included = re.search(r'"(\S+)" = "tunesmith/errors.md"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert (ROOT / included[1]).is_file()
