"""Whatever is said of single rows says which rows: by file and line, a few of them, and how many more there are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from real_workers import ForkServer, new_run
from support import write_job
from tunesmith.checks.job import check
from tunesmith.data.rows import Rows, named_places
from tunesmith.errors import Place, Problem
from tunesmith.tasks.parts.texts import Lengths
from tunesmith.train.data_warnings import texts_of

NET = """
import torch
from torch import nn

class Net(nn.Module):
    '''Gives no number for rows whose first input lies far out.'''

    def __init__(self, outputs):
        super().__init__()
        self.layer = nn.Linear(2, outputs)

    def forward(self, x):
        return self.layer(x) + torch.where(x[:, :1] > 5, float("nan"), 0.0)
"""


@pytest.mark.parametrize(
    ("lines", "count", "said"),
    [
        ([12], 1, "rows.csv line 12"),
        ([12, 40, 71], 3, "rows.csv line 12, 40, 71"),
        ([12, 40, 71], 12, "rows.csv line 12, 40, 71 and 9 more"),
        ([12, 40, 71, 99], 4, "rows.csv line 12, 40, 71 and 1 more"),
    ],
)
def test_places_in_one_file(lines: list[int], count: int, said: str) -> None:
    assert named_places([Place(file=Path("/there/rows.csv"), line=line) for line in lines], count) == said


def test_places_in_several_files_and_without_lines() -> None:
    one, other = Path("/there/a/1.png"), Path("/there/b/1.png")
    assert named_places([Place(file=one), Place(file=other)], 5) == f"{one}, {other} and 3 more"
    places = [Place(file=one, line=3), Place(file=one, line=4), Place(file=other, line=3)]
    assert named_places(places, 3) == f"{one} line 3, 4, {other} line 3"


def test_rows_with_one_finding_are_one_text_of_the_protocol_that_names_them(tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"

    def odd(line: int, **more: int) -> Problem:
        place = Place(file=rows, line=line)
        return Problem(code="data.odd", message="this is odd", place=place, found=f"at {line}", **more)

    other = Problem(
        code="data.other", message="4 rows are odd", place=Place(file=rows, line=7), found="rows.csv line 7"
    )
    key = Problem(code="data.key", message="a key", place=Place(file=tmp_path / "a.job.yaml", key="data"), found="what")
    single = Problem(
        code="data.single", message="this is odd", place=Place(file=rows, line=9), found="what stands there"
    )
    found = texts_of([odd(3), odd(5), odd(7), odd(11), odd(13, more=30), other, key, single], tmp_path)
    assert found == [
        ("data.odd", "this is odd (rows.csv line 3, 5, 7 and 32 more)"),
        ("data.other", "4 rows are odd (rows.csv line 7)"),
        ("data.key", "a key (what)"),
        ("data.single", "this is odd (what stands there; rows.csv line 9)"),
    ]


def test_texts_that_are_cut_are_named_the_longest_first() -> None:
    rows = Rows(columns={}, files=(Path("rows.csv"),), file_of=[0] * 40, lines=list(range(2, 42)))
    lengths = Lengths(16)
    lengths.add([[1] * {4: 20, 9: 90, 20: 30, 31: 40}.get(row, 5) for row in range(40)])
    (found,) = lengths.too_long(rows, None, longer="data.max_length")
    assert found.found == "the longest has 90 tokens: rows.csv line 11, 6, 22 and 1 more"


def test_rows_whose_label_stands_for_no_value_are_named(tmp_path: Path) -> None:
    labels = ["NA" if row in (9, 11) else ("good", "bad")[row % 2] for row in range(40)]
    lines = ["text,label", *(f"text {row},{label}" for row, label in enumerate(labels))]
    (tmp_path / "rows.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = "train: rows.csv, text: text, label: label"
    job = write_job(tmp_path, data, task="text-classification", model="scratch")
    found = {problem.code: problem.found for problem in check(job)["problems"]}
    assert found["data.label-for-no-value"] == "'NA' (2: rows.csv line 11, 13)"


def test_a_step_and_a_report_with_numbers_that_are_none_name_the_rows(tmp_path: Path, workers: ForkServer) -> None:
    (tmp_path / "net.py").write_text(NET, encoding="utf-8")
    for name, odd in (("train", (17,)), ("held", (3, 8))):
        rows = [f"{500 if n in odd else n / 40},{n % 7},{n}" for n in range(40)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["a,b,y", *rows]) + "\n", encoding="utf-8")
    data = "train: train.csv, validation: held.csv, columns: [a, b], target: y"
    more = "training: {epochs: 1, batch_size: 4}\n"
    run = workers.finish(new_run(write_job(tmp_path, data, task="regression", model="net:Net", more=more)))
    (event,) = [event for event in run.events() if event["kind"] == "non-finite"]
    lines = [row + 2 for row in event["rows"]]
    assert 19 in lines
    assert f"its rows: train.csv line {', '.join(map(str, lines[:3]))} and 1 more" in event["message"]
    warnings = json.loads((run.report_folder / "metrics.json").read_bytes())["warnings"]
    assert "Outputs are not finite for 2 rows: held.csv line 5, 10." in warnings
