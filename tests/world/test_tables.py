"""What is said of tables whose cells, rows or columns are not what the job takes them for."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import errors_of, write_job
from tunesmith.checks.job import check
from tunesmith.cli import main
from tunesmith.data.values import Refused, number_with_comma
from tunesmith.errors import Problem
from tunesmith.tasks.parts.number_cells import number, number_hint

NETWORK = "def net(outputs):\n    from torch import nn\n    return nn.Linear(2, outputs)\n"


def checked(folder: Path, data: str, **keys: str) -> dict[str, Any]:
    return check(write_job(folder, f"{data}, validation: 20%", **keys))


def checked_numbers(folder: Path, data: str) -> dict[str, Any]:
    (folder / "plain_net.py").write_text(NETWORK)
    return checked(folder, data, task="regression", model="plain_net:net")


def by_code(answer: dict[str, Any]) -> dict[str, Problem]:
    return {problem.code: problem for problem in reversed(answer["problems"])}


def test_skipped_rows_are_counted_with_the_lines_that_an_open_quote_took(tmp_path: Path) -> None:
    good = "".join(f"message {number},{'ab'[number % 2]}\n" for number in range(40))
    eaten = '"never closed,a\n' + "".join(f"lost {number},b\n" for number in range(20))
    (tmp_path / "a.csv").write_text("text,label\n" + good + "one field\n" + eaten)
    told = by_code(checked(tmp_path, "train: a.csv, bad_rows: skip"))["data.skipped-rows"]
    assert told.message == "2 bad rows (22 lines) are skipped"


def test_columns_that_are_not_read_are_named_once(tmp_path: Path) -> None:
    rows = "".join(f"{number},message {number},{'ab'[number % 2]},x\n" for number in range(20))
    (tmp_path / "a.csv").write_text("id,text,label,remark\n" + rows)
    (tmp_path / "b.csv").write_text("id,text,label,remark\n" + rows.replace("message", "other"))
    told = [
        problem
        for problem in checked(tmp_path, "train: a.csv, test: b.csv")["problems"]
        if problem.code == "data.unread-columns"
    ]
    assert [(problem.severity, problem.message, problem.found) for problem in told] == [
        ("info", "2 columns are not read", "id, remark")
    ]


def test_a_text_beside_columns_of_numbers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,x,y,target\n" + "words,1,2,3\n" * 20)
    told = by_code(checked_numbers(tmp_path, "train: a.csv, text: text, columns: [x, y], target: target"))
    assert told["job.conflict"].found == "text, columns"
    assert (told["job.conflict"].place.key or "").startswith("data.")
    assert told["job.conflict"].severity == "error"


PRICES = ["1.234,50", "12,5", "7", "-3,25", "1 000", "0,5"]


def test_decimal_commas_are_named_and_read_where_the_job_says_so(tmp_path: Path) -> None:
    rows = "".join(f'{number};{number % 7};"{PRICES[number % 6]}"\n' for number in range(30))
    (tmp_path / "a.csv").write_text("x;y;price\n" + rows)
    data = "train: a.csv, columns: [x, y], target: price"
    told = by_code(checked_numbers(tmp_path, data))["data.not-a-number"]
    assert told.place.line == 2
    assert "1.234,50" in told.found
    assert told.hint == 'if the comma is the decimal sign, write `decimal: ","` under `data:`'
    answer = checked_numbers(tmp_path, data + ', decimal: ","')
    assert answer["rows"]["train"] == 24
    assert errors_of(answer) == []


def test_decimal_commas_mean_what_pandas_reads() -> None:
    cells = [cell for cell in PRICES if " " not in cell]
    content = io.StringIO("price\n" + "\n".join(cells) + "\n")
    expected = pd.read_csv(content, sep=";", decimal=",", thousands=".")["price"].tolist()
    assert [number(number_with_comma(cell)) for cell in cells] == expected == [1234.5, 12.5, 7, -3.25, 0.5]


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("12 %", "percent and currency signs"),
        ("€ 3", "percent and currency signs"),
        ("3 ¥", "percent and currency signs"),
        ("1,234.5", "part thousands"),
        ("1,234,567", "part thousands"),
        ("12,5", '`decimal: ","`'),
        ("many", "decimal point and without units"),
    ],
)
def test_the_hint_for_a_cell_that_is_no_number_says_what_to_do(cell: str, hint: str) -> None:
    assert number(cell) is None
    assert hint in number_hint(cell)


@given(st.floats(-1e12, 1e12))
def test_a_comma_means_what_a_point_means_elsewhere(value: float) -> None:
    plain = f"{value:,.3f}"
    european = plain.translate(str.maketrans(",.", ".,"))
    assert number(number_with_comma(european)) == float(plain.replace(",", ""))
    assert number_with_comma(value) == value


def test_a_point_where_the_comma_is_the_decimal_sign_is_refused() -> None:
    for cell in ("1.5", "12.34", "1.2345"):
        with pytest.raises(Refused, match="no number with a decimal comma"):
            number_with_comma(cell)


def new(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(["new", *arguments])
    found = capsys.readouterr()
    return status, found.out + found.err


def test_a_project_without_inputs_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ratings.csv").write_text("comment_text_of_user,rating\nfine,4\nbad,1\n")
    folder = tmp_path / "project"
    given = (str(folder), "--task", "regression", "--data", str(tmp_path / "ratings.csv"))
    status, out = new(capsys, *given)
    assert status == 2
    assert "error[new.no-input]" in out
    assert "found: comment_text_of_user, rating" in out
    assert "hint: name it: --column text=NAME or --column columns=NAME" in out
    assert not folder.exists()
    assert new(capsys, *given, "--column", "text=comment_text_of_user")[0] == 0
    assert "text: comment_text_of_user" in next(folder.glob("*.job.yaml")).read_text()


def test_a_language_model_without_texts_is_not_made_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("number,other\n1,2\n")
    status, out = new(capsys, str(tmp_path / "p"), "--task", "causal-lm", "--data", str(tmp_path / "a.csv"))
    assert status == 2
    assert "hint: name it: --column text=NAME or --column prompt=NAME" in out


def test_hints_of_new_are_options_of_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("words,kind_of_it\nfine,a\nbad,b\n")
    status, out = new(capsys, str(tmp_path / "p"), "--data", str(tmp_path / "a.csv"))
    assert status == 2
    assert "name it: --column text=NAME" in out
    assert "under `data:`" not in out


def test_the_help_of_new_lists_the_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["new", "--help"])
    out = " ".join(capsys.readouterr().out.split()).replace("- ", "-")
    for task in ("causal-lm", "image-classification", "regression", "text-classification"):
        assert task in out


def test_a_task_that_is_not_there_is_answered_honestly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out = new(capsys, str(tmp_path / "p"), "--task", "image-generation")
    assert status == 2
    assert "not there yet: no task makes images; image-classification tells what an image shows" in out
    assert "rename" not in out
    (tmp_path / "a.csv").write_text("text,label\n" + "a,b\n" * 10)
    told = by_code(checked(tmp_path, "train: a.csv", task="Image Generation"))
    assert "not there yet" in told["job.unknown-member"].hint
    assert "rename it to text-classification" in new(capsys, str(tmp_path / "p"), "--task", "text-clasification")[1]
