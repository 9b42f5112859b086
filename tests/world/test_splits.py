"""Repeated rows: kept on one side of a split, and kept, left out or refused as the job says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support import write_job
from tunesmith.catalog import Catalog
from tunesmith.checks.job import check
from tunesmith.data.load import load_data
from tunesmith.errors import InvalidJob
from tunesmith.job.load import load_job


def written(folder: Path, data: str, **files: list[tuple[str, str]]) -> Path:
    """The job file, beside its data files."""
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in lines))
    return write_job(folder, f"train: train.csv, {data}")


def loaded(path: Path) -> Any:
    catalog = Catalog()
    return load_data(load_job(path, catalog).job, catalog)


def codes(path: Path) -> list[str]:
    return [problem.code for problem in check(path)["problems"]]


REPEATED = [(f"text {row % 40}", "ab"[row % 2]) for row in range(100)]  # each text two or three times


def test_a_share_holds_no_row_that_train_holds(tmp_path: Path) -> None:
    path = written(tmp_path, "validation: 20%, test: 10%", train=REPEATED)
    data = loaded(path)
    parts = [set(rows.columns["text"]) for rows in (data.train, data.validation, data.test)]
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]
    assert 18 <= len(data.validation) <= 20 and 8 <= len(data.test) <= 10
    assert "data.leaked-rows" not in codes(path)


def test_drop_keeps_the_first_of_equal_rows_and_takes_judged_rows_out_of_train(tmp_path: Path) -> None:
    train = [("one", "a"), ("two", "b"), ("one", "a"), ("two", "a"), ("held", "a"), ("three", "b")]
    validation = [("held", "a"), ("held", "a"), ("tested", "b"), ("new", "b")]
    path = written(
        tmp_path,
        "validation: held.csv, test: test.csv, duplicates: drop",
        train=train,
        held=validation,
        test=[("tested", "b")],
    )
    data = loaded(path)
    assert list(data.train.lines) == [2, 3, 5, 7]  # two rows of `two` contradict each other: neither is a copy
    assert list(data.validation.columns["text"]) == ["held", "new"]
    assert len(data.test) == 1
    assert dict(data.dropped) == {"train": 2, "validation": 2}
    found = codes(path)
    assert "data.dropped-rows" in found and "data.leaked-rows" not in found


def test_error_refuses_repeated_rows_in_check_and_run_alike(tmp_path: Path) -> None:
    path = written(
        tmp_path, "validation: held.csv, duplicates: error", train=[("one", "a"), ("two", "b")], held=[(" two", "b")]
    )
    assert codes(path) == ["data.repeated-rows"]
    with pytest.raises(InvalidJob) as caught:
        loaded(path)
    (problem,) = caught.value.problems
    assert (problem.place.line, problem.found) == (3, f"equal to {tmp_path / 'held.csv'}:2")


def test_dropping_every_training_row_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("x,target\n1,2\n3,4\n")
    path = tmp_path / "a.job.yaml"
    data = "{train: train.csv, validation: train.csv, columns: [x], duplicates: drop}"
    path.write_text(f"task: regression\nmodel: some:net\ndata: {data}\n")
    (problem,) = [problem for problem in check(path)["problems"] if problem.code.startswith("data.")]
    assert (problem.code, problem.place.key) == ("data.no-rows", "data.train")
    assert "every training row stands in another part" in problem.message


def test_keep_keeps_them_and_warns(tmp_path: Path) -> None:
    path = written(tmp_path, "validation: held.csv", train=[("one", "a"), ("two", "b")], held=[("two", "b")])
    assert (len(loaded(path).train), codes(path)[0]) == (2, "data.leaked-rows")


def test_too_few_different_rows_for_a_part_are_counted_as_such(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("text,label\n" + "the same,x\n" * 18)
    path = write_job(tmp_path, "train: d.csv, validation: 20%")
    problems = [problem for problem in check(path)["problems"] if problem.code == "data.too-few-rows"]
    assert [problem.found for problem in problems] == ["18 rows, 1 of them with inputs of their own"]


@pytest.mark.parametrize("part", ["validation", "test"])
def test_what_the_error_for_too_few_rows_advises_can_be_done(tmp_path: Path, part: str) -> None:
    toy = [("good", "a"), ("bad", "b")] * 30
    other = "" if part == "validation" else "validation: none, "
    path = written(tmp_path, f"{other}{part}: 20%", train=toy)
    [problem] = [problem for problem in check(path)["problems"] if problem.severity == "error"]
    assert problem.code == "data.too-few-rows"
    assert "add rows that differ, give a file of its own" in problem.hint
    assert problem.hint.endswith(f"or write `{part}: none`")
    for remedy, rows in ((f"{other}{part}: none", toy), (f"{other}{part}: held.csv", toy)):
        path = written(tmp_path, remedy, train=rows, held=[("fair", "a")])
        assert [found for found in check(path)["problems"] if found.severity == "error"] == []
    path = written(tmp_path, f"{other}{part}: 20%", train=toy + [(f"text {row}", "ab"[row % 2]) for row in range(20)])
    assert [found for found in check(path)["problems"] if found.severity == "error"] == []
