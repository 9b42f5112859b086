"""Labels as people write them: every form is read as what it means, or refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support import write_job
from task_parts import job, rows
from tunesmith.checks import label_names
from tunesmith.checks.job import check
from tunesmith.checks.label_names import pairs_of
from tunesmith.data.values import meaning
from tunesmith.errors import TunesmithError
from tunesmith.tasks import text_classification

WANTED = [["a", "c"], [], ["b"], ["a", "b"]]


def checked(folder: Path, cells: list[Any], data: str = "", suffix: str = "jsonl") -> dict[str, Any]:
    """What `check` finds of these labels, each cell on six rows."""
    lines = [(f"text number {row}", cells[row % len(cells)]) for row in range(6 * len(cells))]
    file = folder / f"rows.{suffix}"
    if suffix == "jsonl":
        file.write_text("".join(json.dumps({"text": text, "label": cell}) + "\n" for text, cell in lines))
    else:
        quoted = [[text, '"' + str(cell).replace('"', '""') + '"'] for text, cell in lines]
        file.write_text("text,label\n" + "".join(",".join(pair) + "\n" for pair in quoted))
    return check(write_job(folder, f"train: {file.name}, validation: 25%{data}"))


def codes(found: dict[str, Any]) -> list[str]:
    return [problem.code for problem in found["problems"]]


def encoded(cells: list[Any], **options: Any) -> tuple[tuple[str, ...], Any]:
    """The labels' names, and what the model is to learn of each row."""
    columns = options.pop("columns", None)
    cells = cells if columns else [meaning("label")(cell) for cell in cells]
    started, data = job("text-classification", columns=columns, **options), rows(text=["t"] * len(cells), label=cells)
    facts = text_classification.facts(started, data)
    assert text_classification.unusable_rows(started, data, facts) == []
    return facts.labels, text_classification.build(started, facts).targets.encode(data)["target"].tolist()


VECTORS = [[1, 0, 1], [0, 0, 0], [0, 1, 0], [1, 1, 0]]


@pytest.mark.parametrize(
    "cells",
    [
        VECTORS,
        [[float(place) for place in vector] for vector in VECTORS],
        [[bool(place) for place in vector] for vector in VECTORS],
        [[str(place) for place in vector] for vector in VECTORS],
        [tuple(vector) for vector in VECTORS],
        [np.array(vector) for vector in VECTORS],
        [json.dumps(vector) for vector in VECTORS],
        [str(tuple(vector)) for vector in VECTORS],
        [str(np.array(vector, float)) for vector in VECTORS],  # [1. 0. 1.]
        ["1,0,1", "0,0,0", "0,1,0", "1,1,0"],
    ],
)
def test_vectors_of_0_and_1_are_one_label_a_place_in_every_spelling(cells) -> None:
    assert encoded(cells, labels=("toxic", "insult", "threat")) == (
        ("toxic", "insult", "threat"),
        [[float(place) for place in vector] for vector in VECTORS],
    )
    assert encoded(cells)[0] == ("0", "1", "2")


@pytest.mark.parametrize(
    ("cells", "options"),
    [
        (WANTED, {}),
        ([set(names) for names in WANTED], {}),
        ([json.dumps(names) for names in WANTED], {}),
        ([str(names) for names in WANTED], {}),  # as pandas writes lists into a CSV
        ([";".join(names) for names in WANTED], {"label_separator": ";"}),
        ([{name: int(name in names) for name in "abc"} for names in WANTED], {}),
        ([[0, 2], [], [1], [0, 1]], {"labels": ("a", "b", "c")}),
        ([(1, 0, 1), (0, 0, 0), (0, 1, 0), (1, 1, 0)], {"columns": {"label": ("a", "b", "c")}}),
        ([("1", "0", "1"), ("0", "0", "0"), ("0", "1", "0"), ("1", "1", "0")], {"columns": {"label": ("a", "b", "c")}}),
    ],
)
def test_several_labels_in_every_spelling(cells, options) -> None:
    assert encoded(cells, **options) == (("a", "b", "c"), [[1, 0, 1], [0, 0, 0], [0, 1, 0], [1, 1, 0]])


def test_sets_of_numbers_are_no_vectors() -> None:
    assert encoded([[0], [1], [0, 1], [0]]) == (("0", "1"), [[1, 0], [0, 1], [1, 1], [1, 0]])
    assert encoded([[3], [1, 3], [1]]) == (("1", "3"), [[0, 1], [1, 1], [1, 0]])


def test_numbers_take_the_names_that_the_job_gives() -> None:
    assert encoded([2, 0, 1], labels=("bad", "fair", "good")) == (("bad", "fair", "good"), [2, 0, 1])
    assert encoded(["0", "1"], labels=("no", "yes")) == (("no", "yes"), [0, 1])


def test_words_that_look_like_lists_stay_words() -> None:
    assert encoded(["[spam]", "(other)", "[ham]"])[0] == ("(other)", "[ham]", "[spam]")
    assert encoded(["[1, 0]", "plain"])[0] == ("[1, 0]", "plain")


def test_check_says_that_vectors_go_by_their_places_and_how_to_name_them(tmp_path: Path) -> None:
    found = checked(tmp_path, VECTORS)
    assert [label["label"] for label in found["labels"]] == ["0", "1", "2"]
    assert codes(found) == ["data.unnamed-labels"]
    named = checked(tmp_path, VECTORS, ", labels: [toxic, insult, threat]")
    assert [label["label"] for label in named["labels"]] == ["toxic", "insult", "threat"]
    assert codes(named) == []


def test_several_label_columns_are_several_labels(tmp_path: Path) -> None:
    lines = [f"text {row},{row % 2},{int(row % 3 == 0)}\n" for row in range(60)]
    (tmp_path / "rows.csv").write_text("text,toxic,insult\n" + "".join(lines))
    found = check(write_job(tmp_path, "train: rows.csv, validation: 20%, label: [toxic, insult]"))
    assert [label["label"] for label in found["labels"]] == ["toxic", "insult"]
    assert found["rows"]["validation"] == 12
    assert codes(found) == []


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ([1, 0], "it has 2 places for 3 labels"),
        ([1, 0, 7], "it holds 7 where 0 or 1 is wanted"),
    ],
)
def test_a_vector_that_fits_no_other_is_named_with_its_row(cell: list[Any], says: str) -> None:
    started = job("text-classification")
    train = rows(text=["t"] * 4, label=VECTORS)
    facts = text_classification.facts(started, train)
    more = rows(text=["t", "t"], label=[[0, 1, 0], cell])
    assert text_classification.unusable_rows(started, more, facts) == [(1, f"its label cannot be read: {says}")]
    (problem,) = text_classification.check_rows(started, more, facts, None)
    assert (problem.code, problem.found, problem.place.line) == ("data.bad-label", says, 3)
    with pytest.raises(TunesmithError) as caught:
        text_classification.build(started, facts).targets.encode(more)
    assert caught.value.code == "data.bad-label"


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([[0.7, 0.3], [0.1, 0.9]], "shares of labels cannot be learnt"),
        ([[2, 0, 2], [1, 0, 1]], "a number twice"),
        (['["a", ["b"]]', '["a"]'], "a list within a list"),
    ],
)
def test_cells_that_are_no_labels_are_refused(tmp_path: Path, cells: list[Any], says: str) -> None:
    found = checked(tmp_path, cells)
    problems = [problem for problem in found["problems"] if problem.code == "data.bad-label"]
    assert problems and says in problems[0].found


def test_names_for_labels_that_have_names_or_for_other_vectors_are_refused(tmp_path: Path) -> None:
    assert codes(checked(tmp_path, ["good", "bad"], ", labels: [x, y]")) == ["data.labels-do-not-fit"]
    found = checked(tmp_path, VECTORS, ", labels: [x, y]")
    assert codes(found) == ["data.labels-do-not-fit"]
    assert found["problems"][0].allowed == ("3 names",)


@pytest.mark.parametrize("how", ["oversample", "undersample"])
def test_check_and_run_refuse_resampling_for_several_labels_alike(tmp_path: Path, how: str) -> None:
    from tunesmith.catalog import Catalog
    from tunesmith.contracts.task import Facts
    from tunesmith.job.load import load_job
    from tunesmith.train.assemble import settled_job

    found = checked(tmp_path, [["a"], ["a", "b"], ["b"]], f", imbalance: {how}")
    assert codes(found) == ["job.imbalance-does-not-fit"]
    facts = Facts(labels=("a", "b"), counts=(4, 2), values={"target": "classes"})
    with pytest.raises(TunesmithError) as caught:
        settled_job(load_job(tmp_path / "a.job.yaml", Catalog()).job, facts, Catalog())
    assert caught.value.code == "job.imbalance-does-not-fit"


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_a_share_of_rows_with_several_labels_is_as_large_as_asked(tmp_path: Path, suffix: str) -> None:
    cells = [f"[{row % 7}, {7 + row % 5}, {12 + row % 3}]" for row in range(20)]  # no combination comes twice in a cell
    found = checked(tmp_path, [json.loads(cell) for cell in cells] if suffix == "jsonl" else cells, suffix=suffix)
    assert found["rows"] == {"train": 90, "validation": 30, "test": None}


def similar(counts: dict[str, int]) -> set[tuple[str, str]]:
    return {(pair.rare, pair.usual) for pair in pairs_of(counts)}


@pytest.mark.parametrize(
    ("rare", "usual"),
    [
        ("Spam", "spam"),
        ("very  good", "very good"),
        ("very_good", "very-good"),
        ("\uff11", "1"),  # full width
        ("1.0", "1"),
        ("2.50", "2.5"),
        ('"spam"', "spam"),
        ("Stra\u00dfe", "STRASSE"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645"),
        ("complaintt", "complaint"),
        ("complant", "complaint"),
        ("comlpaint", "complaint"),
        ("complaimt", "complaint"),
    ],
)
def test_labels_that_look_alike_are_a_pair(rare: str, usual: str) -> None:
    assert similar({usual: 60, rare: 1, "something else": 40}) == {(rare, usual)}


@pytest.mark.parametrize(
    "counts",
    [
        {"class 1": 50, "class 2": 1},  # digits are no letters
        {"C": 30, "C-": 2, "C+": 2, "-1": 3, "1": 3},
        {"house": 40, "mouse": 35},  # both usual
        {"cat": 60, "bat": 1},  # short words are close by nature
        {"\u0915\u093f": 40, "\u0915\u0940": 40},  # vowel signs of Hindi
    ],
)
def test_labels_that_differ_are_no_pair(counts: dict[str, int]) -> None:
    assert similar(counts) == set()


def test_thousands_of_labels_are_compared_without_comparing_each_with_each() -> None:
    counts = {
        f"{word} number {chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}": 1 + 99 * (n % 2)
        for word in ("alpha", "beta")
        for n in range(9_000)
    }
    counts["betta number aaaa"] = 1
    compared = []
    original = label_names._one_apart
    try:
        label_names._one_apart = lambda one, other: compared.append(1) or original(one, other)
        pairs_of(counts)
    finally:
        label_names._one_apart = original
    assert len(compared) < 100 * len(counts)


def test_check_names_similar_labels_with_rows_and_remedy_in_one_warning(tmp_path: Path) -> None:
    found = checked(tmp_path, ["complaint"] * 10 + ["praise"] * 9 + ["Praise"])
    (problem,) = [problem for problem in found["problems"] if problem.code == "data.similar-labels"]
    assert problem.found == (
        "'Praise' (5: rows.jsonl line 20, 40, 60 and 2 more) and 'praise' (40): upper and lower case"
    )
    assert problem.place.line == 20  # of rows.jsonl
    assert problem.severity == "warning" and "write each label in one way" in problem.hint


def test_marks_that_nobody_sees_make_no_label_of_their_own(tmp_path: Path) -> None:
    cells = ["\ufeffcomplaint", "complaint", "praise\u200b", "praise", "cafe\u0301", "caf\u00e9"]
    found = checked(tmp_path, cells)
    assert [label["label"] for label in found["labels"]] == ["caf\u00e9", "complaint", "praise"]
    assert codes(found) == []


def test_words_for_no_value_are_named(tmp_path: Path) -> None:
    assert "data.label-for-no-value" in codes(checked(tmp_path, ["good", "bad", "None"]))
    assert "data.label-for-no-value" not in codes(checked(tmp_path, ["good", "bad", "neutral"]))


@pytest.mark.parametrize(
    ("cells", "warned"),
    [
        (["a;b", "a", "b", "b;c", "c"], True),
        (["rock|pop", "pop|jazz", "jazz|rock"], True),
        (["Salem, OR", "Austin, TX", "Portland, OR"], False),
        (["R&B/Soul", "Rock", "Pop"], False),
        (["A+", "A", "B+", "B"], False),
    ],
)
def test_labels_joined_in_one_cell_are_named_with_the_key_that_parts_them(tmp_path, cells, warned) -> None:
    assert ("data.joined-labels" in codes(checked(tmp_path, cells))) == warned


def test_the_weight_of_a_mistyped_label_is_held_and_reported(tmp_path: Path) -> None:
    lines = ["complaint"] * 220 + ["praise"] * 220 + ["question"] * 228 + ["complaintt"]
    (tmp_path / "rows.csv").write_text("text,label\n" + "".join(f"t{n},{label}\n" for n, label in enumerate(lines)))
    job_file = write_job(tmp_path, "train: rows.csv, validation: none, imbalance: weighted-loss")
    found = {problem.code: problem for problem in check(job_file)["problems"]}
    assert found["data.weight-held"].found == "complaintt (1): 16.7 instead of 167"
    assert "'complaintt' (1: rows.csv line 670) and 'complaint' (220): one letter" in found["data.similar-labels"].found
