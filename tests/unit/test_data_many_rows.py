"""Rows that are more than memory holds: the same cells, places, equal rows and parts as of few."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.data import arrays, columns_on_disk
from tunesmith.data.arrays import DIGEST, by_first, first_equal, in_order
from tunesmith.data.columns_on_disk import Chosen, Gathered, Stored
from tunesmith.data.distinct import distinct
from tunesmith.data.rows import Rows
from tunesmith.data.shares import Strata, split

CELLS: list[Any] = ["a", "", "ü\ud83d", None, 1, -2.5, True, b"x\0", ("1", "2"), ["a", None], {"role": "user"}]


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ten rows are already too many for memory, and three are a piece."""
    monkeypatch.setattr(columns_on_disk, "MEMORY_ROWS", 10)
    monkeypatch.setattr(columns_on_disk, "ROWS", 3)
    monkeypatch.setattr(arrays, "FEW", 4)
    return


def stored(cells: list[Any]) -> Stored:
    gathered = Gathered(["column"])
    for begin in range(0, len(cells), 7):
        gathered.add({"column": cells[begin : begin + 7]})
    found = gathered.columns()["column"]
    assert isinstance(found, Stored)
    return found


def test_few_rows_stay_in_lists() -> None:
    gathered = Gathered(["column"])
    gathered.add({"column": CELLS})
    assert gathered.columns() == {"column": CELLS}


def test_a_column_on_the_disk_is_a_sequence_of_the_same_cells(little_memory: None) -> None:
    cells = CELLS * 5
    column = stored(cells)
    assert len(column) == len(cells)
    assert list(column) == cells
    assert [type(cell) for cell in column] == [type(cell) for cell in cells]
    assert [column[row] for row in range(len(cells))] == cells
    assert column[-1] == cells[-1]
    assert column[4:23] == cells[4:23]
    with pytest.raises(IndexError):
        column[len(cells)]


def test_what_has_no_plain_values_stays_in_memory_as_it_is(little_memory: None) -> None:
    cells = [np.full(3, number) for number in range(20)]
    assert all(one is other for one, other in zip(stored(cells), cells, strict=True))


@given(rows=st.lists(st.integers(0, 54)), again=st.lists(st.integers(0, 10)))
@settings(deadline=None)
def test_chosen_rows_are_those_of_a_list(rows: list[int], again: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns_on_disk, "MEMORY_ROWS", 10)
        patch.setattr(columns_on_disk, "ROWS", 3)
        cells = CELLS * 5
        size = len(cells)
        lines = stored(list(range(size)))
        kept = Rows(columns={"a": stored(cells)}, files=(Path("f"),), file_of=[0] * size, lines=lines)
    found = kept.select(rows)
    assert list(found.columns["a"]) == [cells[row] for row in rows]
    assert [found.place(number).line for number in range(len(rows))] == rows
    twice = [row for row in again if row < len(rows)]
    assert list(found.select(twice).lines) == [rows[row] for row in twice]
    assert list(found.columns["a"][1:5]) == [cells[row] for row in rows[1:5]]


def test_rows_without_some_are_the_others_in_their_order() -> None:
    rows = Rows(columns={"a": list("abcdef")}, files=(Path("f"),), file_of=[0] * 6, lines=list(range(6)))
    assert rows.without([]) is rows
    assert list(rows.without([0, 2, 5]).columns["a"]) == ["b", "d", "e"]


def test_parts_are_all_rows_in_order() -> None:
    rows = Rows(columns={"a": list("abcdef")}, files=(Path("f"),), file_of=[0] * 6, lines=list(range(6)))
    assert [(begin, list(part.columns["a"])) for begin, part in rows.parts(4)] == [(0, list("abcd")), (4, list("ef"))]


def test_equal_digests_are_found_with_and_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(1)
    known = [os.urandom(DIGEST) for _ in range(300)]
    digests = random.choices(known, k=1000)
    first: dict[bytes, int] = {}
    expected = [first.setdefault(each, row) for row, each in enumerate(digests)]
    for few, of_share, at_once in ((arrays.FEW, arrays.PASS, arrays.AT_ONCE), (10, 10_000, 999), (10, 64, 100)):
        monkeypatch.setattr(arrays, "FEW", few)
        monkeypatch.setattr(arrays, "PASS", of_share)
        monkeypatch.setattr(arrays, "AT_ONCE", at_once)
        assert list(first_equal(digests) or ()) == expected
        assert list(first_equal(digests[:333], [], digests[333:]) or ()) == expected
        assert first_equal(known) is None


@given(keys=st.lists(st.sampled_from([0.0, 0.25, 0.5, 7.0, 1.6e9, -3.5, 1e300]), min_size=1, max_size=40))
@settings(deadline=None)
def test_order_is_the_same_with_and_without_numpy(keys: list[float]) -> None:
    rows = array("i", range(len(keys)))
    expected = in_order(rows, array("d", keys))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "FEW", 0)
        assert in_order(rows, array("d", keys)) == expected


@given(
    labels=st.lists(st.sampled_from([*"abc", "a ", 1, 1.0, None]), min_size=1, max_size=60),
    copies=st.lists(st.integers(0, 10_000), max_size=20),
    alike=st.booleans(),
    seed=st.integers(0, 99),
)
@settings(deadline=None)
def test_many_rows_are_divided_as_few_are(labels: list[object], copies: list[int], alike: bool, seed: int) -> None:
    twins = array("i", range(len(labels)))
    for number in copies:
        row = number % len(labels)
        if twins[row] == row and row not in twins[row + 1 :]:
            twins[row] = twins[number % (row + 1)]
            labels[row] = labels[twins[row]] if alike else labels[row]
    strata = Strata(of=[str(label).strip() for label in labels])
    rest = by_first(twins)
    few = split(len(labels), {"validation": 0.2, "test": 0.1}, seed=seed, strata=strata, twins=twins)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("FEW", 0), ("PASS", 7), ("AT_ONCE", 5)):
            patch.setattr(arrays, name, value)
        assert by_first(twins) == rest
        many = split(len(labels), {"validation": 0.2, "test": 0.1}, seed=seed, strata=strata, twins=twins)
    assert many == few


def test_distinct_cells_keep_types_apart_and_the_order_in_which_they_come(little_memory: None) -> None:
    cells = ["a", 1, 1.0, True, "1", ["a"], None, "a", ["a"]] * 3
    for column in (cells, stored(cells)):
        found = distinct(column)
        assert [(type(value), value) for value in found.values] == [(type(value), value) for value in cells[:7]]
        assert list(found.codes) == [0, 1, 2, 3, 4, 5, 6, 0, 5] * 3
        assert found.counts() == [6, 3, 3, 3, 3, 6, 3]
    some = distinct(Chosen(stored(cells), array("i", [8, 4, 5, 13])))
    assert (some.values, list(some.codes)) == ([["a"], "1"], [0, 1, 0, 1])


@pytest.mark.parametrize(("values", "bytes_each"), [(256, 1), (257, 2), (65_536, 2), (65_537, 4)])
def test_codes_of_few_distinct_cells_take_few_bytes(values: int, bytes_each: int) -> None:
    found = distinct([str(number) for number in (*range(values), 0, values - 1)])
    assert list(found.codes) == [*range(values), 0, values - 1]
    assert found.codes.itemsize == bytes_each


def job_of(folder: Path, text: str) -> Path:
    file = folder / "a.job.yaml"
    file.write_text(text, "utf-8")
    return file


def text_rows(folder: Path) -> str:
    random = Random(2)
    words = ["good", "bad", "fine", "poor", "dull", "bright"]
    lines = ["text,label"]
    for number in range(200):
        if number % 41 == 7:
            lines.append("one,two,three")
        elif number % 37 == 5:
            lines.append(",good")
        elif number % 29 == 3:
            lines.append(f'"{random.choice(words)}\nüber",bad')
        else:
            lines.append(f"{' '.join(random.choices(words, k=2))},{random.choice(('good', 'bad', 'Bad', 'rare'))}")
    (folder / "rows.csv").write_text("\n".join([*lines, 'it ends,"good']), "utf-8")
    return "task: text-classification\ndata: {train: rows.csv, text: text, label: label, bad_rows: skip, test: 0.2}\n"


def number_rows(folder: Path) -> str:
    random = Random(3)
    rows = [f"{random.random():.3f},{random.random():.3f},{random.random():.3f}" for _ in range(100)]
    rows[17], rows[64] = "1,x,2", "1,2,n/a"
    (folder / "rows.csv").write_text("\n".join(["a,b,y", *rows, *rows[:9]]), "utf-8")
    return "task: regression\ndata: {train: rows.csv, columns: [a, b], target: y, bad_rows: skip, duplicates: drop}\n"


def chat_rows(folder: Path) -> str:
    import json

    rows = [
        {"messages": [{"role": "user", "content": f"{number % 30}?"}, {"role": "assistant", "content": "yes"}]}
        for number in range(80)
    ]
    rows[3]["messages"][0]["role"] = "nobody"
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n{", "utf-8")
    return "task: causal-lm\ndata: {train: rows.jsonl, messages: messages, bad_rows: skip}\n"


@pytest.mark.parametrize("write", [text_rows, number_rows, chat_rows])
def test_check_says_the_same_of_rows_on_the_disk(write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tunesmith.checks.job import as_fields, check

    file = job_of(tmp_path, write(tmp_path) + "model: scratch\nseed: 3\n")
    expected = check(file)
    monkeypatch.setattr(columns_on_disk, "MEMORY_ROWS", 10)
    monkeypatch.setattr(columns_on_disk, "ROWS", 3)
    monkeypatch.setattr(arrays, "FEW", 4)
    found = check(file)
    assert [as_fields(problem) for problem in found["problems"]] == [
        as_fields(problem) for problem in expected["problems"]
    ]
    assert expected["problems"]
    assert {**found, "problems": []} == {**expected, "problems": []}


@pytest.mark.parametrize("write", [text_rows, number_rows])
def test_rows_on_the_disk_are_parted_alike(write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tunesmith.catalog import Catalog
    from tunesmith.data.fingerprint import rows_digest
    from tunesmith.data.load import load_data
    from tunesmith.job.load import read_job

    catalog = Catalog()
    text = write(tmp_path) + "model: scratch\nseed: 3\n"
    job = read_job(text, tmp_path / "a.job.yaml", tmp_path, catalog).job
    assert job is not None
    expected = load_data(job, catalog)
    monkeypatch.setattr(columns_on_disk, "MEMORY_ROWS", 10)
    monkeypatch.setattr(columns_on_disk, "ROWS", 3)
    found = load_data(job, catalog)
    for name in ("train", "validation", "test"):
        one, other = getattr(expected, name), getattr(found, name)
        if one is not None:
            assert not isinstance(other.lines, list)
            assert list(map(one.place, range(len(one)))) == list(map(other.place, range(len(other))))
            assert rows_digest(one) == rows_digest(other)
    assert found.skipped == expected.skipped
    assert found.fingerprint == expected.fingerprint


def test_many_rows_divided_by_time_are_all_there_the_last_ones_held_out(tmp_path: Path, little_memory: None) -> None:
    years = [1990 + 7 * row % 40 for row in range(40)]
    rows = [f"text {year},{'ab'[year % 2]},{year}" for year in years]
    (tmp_path / "rows.csv").write_text("\n".join(["text,label,year", *rows]), "utf-8")
    from tunesmith.catalog import Catalog
    from tunesmith.data.load import load_data
    from tunesmith.job.load import read_job

    data = "{train: rows.csv, validation: 20%, text: text, label: label, split: {time: {column: year}}}"
    file = job_of(tmp_path, f"task: text-classification\nmodel: scratch\ndata: {data}\n")
    job = read_job(file.read_text(), file, tmp_path, Catalog()).job
    assert job is not None
    found = load_data(job, Catalog(), fingerprinted=False)
    assert found.validation is not None
    assert sorted(found.validation.columns["text"]) == [f"text {year}" for year in range(2022, 2030)]
    assert sorted(found.train.columns["text"]) == [f"text {year}" for year in range(1990, 2022)]
