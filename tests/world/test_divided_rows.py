"""Shares taken by group and by time, and what `check` says of rows that should not stand on both sides."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import GroupShuffleSplit, TimeSeriesSplit

from support import write_job
from tunesmith.catalog import Catalog
from tunesmith.checks import near_duplicates
from tunesmith.checks.job import check
from tunesmith.data.dataset import DataSet
from tunesmith.data.load import load_data
from tunesmith.errors import InvalidJob, Problem, TunesmithError
from tunesmith.job.load import load_job, parse_job
from tunesmith.job.write import dump

CATALOG = Catalog()


def table(folder: Path, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def loaded(job: Path) -> DataSet:
    return load_data(load_job(job, CATALOG).job, CATALOG)


def found(job: Path) -> dict[str, Problem]:
    return {problem.code: problem for problem in check(job)["problems"]}


def numbers(rows: Any) -> list[int]:
    """The rows of a file by their number from 0: its header is line 1."""
    return [line - 2 for line in rows.lines]


def visits(count: int, *, patients: int, seed: int = 0) -> dict[str, list[Any]]:
    random = Random(seed)
    who = [f"p{random.randrange(patients)}" for _ in range(count)]
    return {
        "text": [f"visit {row}" for row in range(count)],
        "label": [random.choice("ab") for _ in who],
        "patient": who,
    }


def test_groups_are_held_out_whole_as_scikit_learn_holds_them_out(tmp_path: Path) -> None:
    data = visits(400, patients=40)
    table(tmp_path, "d.csv", data)
    job = write_job(tmp_path, "train: d.csv, validation: 20%, test: 10%, split: {group: {column: patient}}")
    parts = loaded(job)
    own = {name: numbers(rows) for name, rows in vars_of(parts).items()}
    groups = {name: {data["patient"][row] for row in rows} for name, rows in own.items()}
    assert sorted(row for rows in own.values() for row in rows) == list(range(400))
    assert not groups["train"] & groups["validation"] and not groups["train"] & groups["test"]
    assert not groups["validation"] & groups["test"]
    [(train, held_out)] = GroupShuffleSplit(1, test_size=0.2, random_state=0).split(
        data["text"], groups=data["patient"]
    )
    theirs = {data["patient"][row] for row in held_out}
    assert not theirs & {data["patient"][row] for row in train}
    assert abs(len(groups["validation"]) - len(theirs)) <= 2  # theirs is a share of the groups, ours one of the rows
    assert 72 <= len(own["validation"]) <= 80
    labels = [data["label"][row] for row in own["validation"]]
    assert abs(labels.count("a") / len(labels) - data["label"].count("a") / 400) < 0.05
    assert parts.division == (
        f"Split by patient: {len(groups['train'])} groups in training, {len(groups['validation'])} in validation, "
        f"{len(groups['test'])} in test."
    )
    assert found(job)["data.divided"].message == parts.division


def vars_of(parts: DataSet) -> dict[str, Any]:
    named = {"train": parts.train, "validation": parts.validation, "test": parts.test}
    return {name: rows for name, rows in named.items() if rows is not None}


def test_rows_belong_together_only_where_they_agree_in_all_columns_of_a_group(tmp_path: Path) -> None:
    table(
        tmp_path,
        "d.csv",
        {
            "text": [f"text {row}" for row in range(60)],
            "label": ["a", "b"] * 30,
            "site": [row // 30 for row in range(60)],
            "patient": [row // 3 % 10 for row in range(60)],
        },
    )
    job = write_job(tmp_path, "train: d.csv, validation: 20%, split: {group: {column: [site, patient]}}")
    parts = loaded(job)
    assert "20 groups" not in parts.division
    held_out = {(row // 30, row // 3 % 10) for row in numbers(parts.validation)}
    assert not held_out & {(row // 30, row // 3 % 10) for row in numbers(parts.train)}
    assert len(held_out) == 4


@pytest.mark.parametrize("gap", [0, 5])
def test_the_last_rows_by_time_are_held_out_as_scikit_learn_holds_them_out(tmp_path: Path, gap: int) -> None:
    order = list(range(100))
    Random(3).shuffle(order)
    days = [date(2026, 1, 1) + timedelta(days=number) for number in order]
    table(tmp_path, "d.csv", {"text": [f"row {row}" for row in order], "label": ["a", "b"] * 50, "date": days})
    more = f", gap: {gap} days" if gap else ""
    job = write_job(tmp_path, f"train: d.csv, validation: 20%, split: {{time: {{column: date{more}}}}}")
    parts = loaded(job)
    *_, (train, held_out) = TimeSeriesSplit(2, test_size=20, gap=max(0, gap - 1)).split(np.arange(100))
    assert sorted(order[row] for row in numbers(parts.validation)) == held_out.tolist()
    assert sorted(order[row] for row in numbers(parts.train)) == train.tolist()
    left_out = f", {gap - 1} in gaps are left out" if gap else ""
    last = date(2026, 1, 1) + timedelta(days=int(train[-1]))
    assert parts.division == (
        f"Split by date: {len(train)} rows in training to {last}, 20 in validation from 2026-03-22{left_out}."
    )


def test_test_rows_are_the_last_and_rows_of_one_time_stay_together(tmp_path: Path) -> None:
    years = [2000 + row // 10 for row in range(100)]
    table(tmp_path, "d.csv", {"text": [f"row {row}" for row in range(100)], "label": ["a", "b"] * 50, "year": years})
    job = write_job(tmp_path, "train: d.csv, validation: 13%, test: 8%, split: {time: {column: year}}")
    parts = loaded(job)
    by_part = {name: {years[row] for row in numbers(rows)} for name, rows in vars_of(parts).items()}
    assert by_part == {"train": set(range(2000, 2008)), "validation": {2008}, "test": {2009}}


def test_times_with_zones_are_compared_as_instants(tmp_path: Path) -> None:
    times = ["2026-01-01 12:00", "2026-01-01T13:30:00+02:00", "2026-01-01T12:00:00.500Z", "2026-01-01T05:00-08:00"]
    table(tmp_path, "d.csv", {"text": list("wxyz"), "label": ["a", "b"] * 2, "at": times})
    job = write_job(tmp_path, "train: d.csv, validation: 25%, test: 25%, split: {time: {column: at}}")
    parts = loaded(job)
    assert [numbers(rows) for rows in vars_of(parts).values()] == [[0, 1], [2], [3]]


@pytest.mark.parametrize(
    ("split", "cells", "said"),
    [
        ("time: {column: key}", ["2026-01-01", "03/04/2026"], "is 03/04/2026, neither a date such as 2026-11-30"),
        ("time: {column: key}", ["2026-01-01", "2026-02-30"], "there is no such date"),
        ("time: {column: key}", ["2026-01-01", "7"], "is a number, where rows before have a date"),
        ("time: {column: key}", ["2026-01-01", ""], "is empty, so the row has no time"),
        ("group: {column: key}", ["p1", " "], "is empty, so the row belongs to no group"),
    ],
)
def test_a_row_that_cannot_be_placed_is_an_error_with_its_line(
    tmp_path: Path, split: str, cells: list[str], said: str
) -> None:
    table(tmp_path, "d.csv", {"text": ["x", "y"], "label": ["a", "b"], "key": cells})
    job = write_job(tmp_path, f"train: d.csv, validation: 50%, split: {{{split}}}")
    with pytest.raises(InvalidJob) as caught:
        loaded(job)
    (problem,) = caught.value.problems
    assert said in problem.message
    assert (problem.code, problem.place.line) == ("data.wrong-value", 3)


def test_a_column_that_is_not_there_and_a_way_that_does_not_fit_are_errors(tmp_path: Path) -> None:
    table(tmp_path, "d.csv", visits(60, patients=9))
    job = write_job(tmp_path, "train: d.csv, validation: 20%, split: {group: {column: pateint}}")
    missing = found(job)["data.missing-column"]
    assert (missing.found, missing.hint) == ("pateint", "did you mean patient?")
    assert missing.place.line == 3
    job = write_job(tmp_path, "train: d.csv, validation: 20%, split: {time: {column: patient, gap: 3}}")
    assert "data.wrong-value" in found(job)
    table(tmp_path, "t.csv", {"text": ["x", "y"], "label": ["a", "b"], "at": [1, 2]})
    job = write_job(tmp_path, "train: t.csv, validation: 50%, split: {time: {column: at, gap: 3 days}}")
    with pytest.raises(TunesmithError) as caught:
        loaded(job)
    assert (caught.value.code, caught.value.problem.allowed) == ("job.gap-does-not-fit", ("a number",))
    job = write_job(tmp_path, "train: d.csv, split: stratified, columns: [patient]", task="regression")
    assert "group" in found(job)["job.split-does-not-fit"].allowed


def test_groups_of_files_that_stand_on_both_sides_are_reported(tmp_path: Path) -> None:
    for name, patients in (("train.csv", ["p1", "p2", "p3"]), ("held.csv", ["p3", "p4", "p3"])):
        rows = [f"{name} {row}" for row in range(3)]
        table(tmp_path, name, {"text": rows, "label": ["a", "b", "a"], "patient": patients})
    told = found(write_job(tmp_path, "train: train.csv, validation: held.csv, split: {group: {column: patient}}"))
    leak = told["data.leaked-groups"]
    assert "2 of 3 rows of validation have a patient that stands in train" in leak.message
    assert (leak.severity, leak.place.line) == ("warning", 2)


def test_files_out_of_time_order_are_reported(tmp_path: Path) -> None:
    table(tmp_path, "train.csv", {"text": ["u", "v"], "label": ["a", "b"], "day": ["2026-01-01", "2026-02-01"]})
    table(tmp_path, "held.csv", {"text": ["w", "x"], "label": ["a", "b"], "day": ["2026-01-15", "2026-03-01"]})
    job = write_job(tmp_path, "train: train.csv, validation: held.csv, split: {time: {column: day}}")
    leak = found(job)["data.time-order"]
    assert "1 of 2 rows of validation are not later than the training rows" in leak.message
    assert leak.found == "train ends with day 2026-02-01, validation begins with 2026-01-15"


def test_columns_that_look_like_groups_or_times_are_reported_until_the_job_decides(tmp_path: Path) -> None:
    data = visits(100, patients=30)
    days = [date(2026, 1, 1) + timedelta(days=row) for row in range(100)]
    table(tmp_path, "d.csv", {**data, "patient": data["patient"], "visit_date": days, "row_id": range(100)})
    told = found(write_job(tmp_path, "train: d.csv, validation: 20%"))
    grouped, timed = told["data.looks-grouped"], told["data.looks-timed"]
    assert "the column patient looks as if several rows came from one patient" in grouped.message
    assert "`split: {group: {column: patient}}` under `data:`, or `split: stratified`" in grouped.hint
    assert "`split: {time: {column: visit_date}}`" in timed.hint
    for split in ("stratified", "{group: {column: patient}}", "{time: {column: visit_date}}"):
        told = found(write_job(tmp_path, f"train: d.csv, validation: 20%, split: {split}"))
        assert not {"data.looks-grouped", "data.looks-timed"} & set(told)
        assert not [problem for problem in told.values() if problem.severity == "error"]


def test_columns_that_tell_no_groups_are_left_alone(tmp_path: Path) -> None:
    own = [f"u{row}" for row in range(60)]
    few = ["x", "y"] * 30
    table(tmp_path, "d.csv", {"text": own, "label": few, "user_id": own, "group": few, "time": ["soon", "late"] * 30})
    told = found(write_job(tmp_path, "train: d.csv, validation: 20%"))
    assert not {"data.looks-grouped", "data.looks-timed"} & set(told)


def test_texts_that_differ_in_case_and_punctuation_only_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table(tmp_path, "train.csv", {"text": ["The parcel is late!", "equal", "Fine"], "label": ["a", "b", "a"]})
    table(tmp_path, "held.csv", {"text": ["the parcel is  LATE", "equal", "other"], "label": ["a", "b", "a"]})
    told = found(write_job(tmp_path, "train: train.csv, validation: held.csv"))
    near = told["data.near-duplicates"]
    assert "1 of 3 rows of validation" in near.message
    assert near.found == f"{tmp_path / 'held.csv'}:2 ~ {tmp_path / 'train.csv'}:2"
    assert "1 of 3 rows of validation also stand in train" in told["data.leaked-rows"].message
    monkeypatch.setattr(near_duplicates, "LOOKED_AT", 2)
    told = found(write_job(tmp_path, "train: train.csv, validation: held.csv"))
    near = "1 of the first 2 of 3 rows of validation are a training row (of the first 2 training rows)"
    assert near in told["data.near-duplicates"].message


def test_questions_on_one_context_stay_in_one_part(tmp_path: Path) -> None:
    contexts = [f"The {row // 4} th house is red." for row in range(80)]
    questions = [f"Which colour, {row}?" for row in range(80)]
    table(tmp_path, "d.csv", {"question": questions, "context": contexts, "answer": ["red"] * 80})
    job = write_job(tmp_path, "train: d.csv, validation: 20%", task="question-answering")
    parts = loaded(job)
    assert not set(parts.train.columns["context"]) & set(parts.validation.columns["context"])  # type: ignore[union-attr]
    assert len(parts.validation or ()) == 16
    assert parts.division == "Split by context: 16 groups in training, 4 in validation."
    assert "group by context, because" in check(job)["chosen"]["data.split"]
    job = write_job(tmp_path, "train: d.csv, validation: 20%, split: random", task="question-answering")
    parts = loaded(job)
    assert set(parts.train.columns["context"]) & set(parts.validation.columns["context"])  # type: ignore[union-attr]


def test_a_frozen_job_keeps_how_its_rows_are_divided(tmp_path: Path) -> None:
    table(tmp_path, "d.csv", visits(20, patients=5))
    job = write_job(tmp_path, "train: d.csv, split: {time: {column: patient, gap: 2 hours}}")
    first = load_job(job, CATALOG).job
    assert parse_job(dump(first), job, tmp_path, CATALOG).job == first
