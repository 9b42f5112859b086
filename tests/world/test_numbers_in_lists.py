"""Numbers that stand in lists, truth values among numbers, labels with spaces: one meaning in every task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from torch import nn

from support import errors_of, write_job
from task_parts import job, rows
from tunesmith.checks.job import check
from tunesmith.contracts.model import LoadedModel
from tunesmith.tasks import image_classification

NUMBERS = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
LABELS = ["a", "b"] * 10
MODEL = LoadedModel(module=nn.Identity(), kind="module")
NET = "from torch import nn\ndef net(outputs):\n    return nn.Linear(4, outputs)\n"


def checked(folder: Path, task: str, data: str) -> dict[str, Any]:
    (folder / "net.py").write_text(NET)
    return check(write_job(folder, f"{data}, validation: 20%", task=task, model="net:net"))


@pytest.mark.parametrize(
    "cells",
    [
        [tuple(row) for row in NUMBERS.tolist()],
        [(row,) for row in NUMBERS.tolist()],
        [(row[0], row[1:]) for row in NUMBERS.tolist()],
        [(row,) for row in NUMBERS],
        [(row[:2].tolist(), row[2:].tolist()) for row in NUMBERS],
    ],
    ids=["columns", "a list", "a number and a list", "an array", "two lists"],
)
def test_numbers_in_lists_are_the_same_numbers_as_in_columns(cells: list[Any]) -> None:
    asked = job("image-classification", {"columns": ("x",), "label": ("label",)}, normalise="none")
    data = rows(columns=cells, label=LABELS)
    facts = image_classification.facts(asked, data)
    assert facts.values["width"] == 4
    assert image_classification.unusable_rows(asked, data, facts) == []
    encoded = image_classification.build(asked, facts).encode(data, MODEL)
    assert np.array_equal(encoded["inputs"], NUMBERS)


@pytest.mark.parametrize("chosen", ["unit", "standard"])
def test_numbers_in_lists_are_scaled_as_those_in_columns(chosen: str) -> None:
    asked = job("image-classification", {"columns": ("x",), "label": ("label",)}, normalise=chosen)
    plain = rows(columns=[tuple(row) for row in NUMBERS.tolist()], label=LABELS)
    listed = rows(columns=[(row[0], row[1:]) for row in NUMBERS.tolist()], label=LABELS)
    assert image_classification.facts(asked, listed) == image_classification.facts(asked, plain)


def test_a_row_of_another_width_is_reported_by_its_width() -> None:
    asked = job("image-classification", {"columns": ("x",), "label": ("label",)}, normalise="none")
    data = rows(columns=[([1.0, 2.0],), ([3.0],), (["odd", 4.0],)], label=["a", "b", "a"])
    found = image_classification.unusable_rows(asked, data, image_classification.facts(asked, data))
    assert found == [
        (1, "holds 1 numbers where the first row holds 2"),
        (2, "holds ['odd', 4.0], which is no number"),
    ]


def test_a_list_column_of_a_parquet_file_passes_check(tmp_path: Path) -> None:
    table = pa.table({"x": pa.array(NUMBERS.tolist(), pa.list_(pa.float32())), "label": LABELS})
    pq.write_table(table, tmp_path / "d.parquet")
    found = checked(tmp_path, "image-classification", "train: d.parquet, columns: [x], label: label")
    assert errors_of(found) == []


def test_truth_values_written_as_text_are_no_numbers_and_the_hint_says_what_is(tmp_path: Path) -> None:
    lines = [f"{row},{bool(row % 2)},{row}" for row in range(10)]
    (tmp_path / "d.csv").write_text("\n".join(["a,new,price", *lines]) + "\n")
    found = checked(tmp_path, "regression", "train: d.csv, columns: [a, new], target: price")
    problem = errors_of(found)[0]
    assert (problem.code, problem.hint) == ("data.not-a-number", "write 1 and 0 instead of true and false")


def test_what_no_part_is_to_blame_for_is_reported_once(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,label\n" + "".join(f"{row},same\n" for row in range(20)))
    found = checked(tmp_path, "image-classification", "train: d.csv, columns: [a], label: label")
    assert [problem.code for problem in found["problems"]].count("data.too-few-labels") == 1


def test_a_space_beside_a_label_contradicts_nothing_and_makes_no_stratum_of_its_own(tmp_path: Path) -> None:
    lines = [f"{row % 10},{'ab'[row % 2]}{' ' * (row // 10)}" for row in range(20)]
    (tmp_path / "d.csv").write_text("\n".join(["a,label", *lines]) + "\n")
    found = checked(tmp_path, "image-classification", "train: d.csv, columns: [a], label: label")
    assert "data.contradicting-rows" not in [problem.code for problem in found["problems"]]
    asked = job("image-classification", {"columns": ("x",), "label": ("label",)})
    strata = image_classification.strata(asked, rows(columns=[(1,)] * 4, label=["a", "a ", "b", " b"]))
    assert strata is not None
    assert list(strata.of) == [("a",), ("a",), ("b",), ("b",)]
