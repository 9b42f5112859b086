"""Jobs whose figures would be too good, or say nothing, are refused or doubted before they train."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support import write_job
from tunesmith.checks.job import check

NET = "from torch import nn\n\n\ndef net(outputs):\n    return nn.LazyLinear(outputs)\n"


def rows(begin: int, end: int, *, target: str = "{n}") -> str:
    return "\n".join(["a,b,y", *(f"{n},{n % 7},{target.format(n=n)}" for n in range(begin, end))]) + "\n"


def found(folder: Path, data: str) -> dict[str, Any]:
    (folder / "net.py").write_text(NET, encoding="utf-8")
    problems = check(write_job(folder, data, task="regression", model="net:net"))["problems"]
    return {problem.code: problem for problem in problems}


@pytest.mark.parametrize("columns", ["[a, b, y]", "[y]"])
def test_the_answer_among_the_inputs_is_refused(columns: str, tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(rows(0, 40), encoding="utf-8")
    problem = found(tmp_path, f"train: train.csv, columns: {columns}, target: y")["job.answer-as-input"]
    assert (problem.severity, problem.found, problem.place.key) == ("error", "y", "data.columns")


def test_a_column_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(rows(0, 40), encoding="utf-8")
    problem = found(tmp_path, "train: train.csv, columns: [a, b, a], target: y")["job.column-named-twice"]
    assert (problem.severity, problem.found, problem.place.key) == ("error", "a", "data.columns")


def test_test_rows_that_chose_the_checkpoint_are_reported(tmp_path: Path) -> None:
    for name, begin, end in (("train", 0, 40), ("held", 40, 60), ("test", 55, 75)):
        (tmp_path / f"{name}.csv").write_text(rows(begin, end), encoding="utf-8")
    data = "train: train.csv, validation: held.csv, test: test.csv, columns: [a, b], target: y"
    problem = found(tmp_path, data)["data.leaked-rows"]
    assert problem.message.startswith("5 of 20 rows of test also stand in validation")
    assert (problem.place.file.name, problem.place.line) == ("test.csv", 2)
    assert f"{tmp_path / 'test.csv'}:2 = {tmp_path / 'held.csv'}:17" in problem.found
    (tmp_path / "test.csv").write_text(rows(60, 75), encoding="utf-8")
    assert "data.leaked-rows" not in found(tmp_path, data)


def test_a_target_that_never_changes_is_reported(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(rows(0, 40, target="2.50"), encoding="utf-8")
    data = "train: train.csv, columns: [a, b], target: y"
    problem = found(tmp_path, data)["data.one-target"]
    assert (problem.severity, problem.found) == ("warning", "2.5")
    (tmp_path / "train.csv").write_text(rows(0, 40), encoding="utf-8")
    assert "data.one-target" not in found(tmp_path, data)
