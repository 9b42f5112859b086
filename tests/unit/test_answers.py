"""Answers in a context: where they stand, how they are read, and SQuAD's figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from task_parts import job, rows
from tunesmith.data.readers import jsonl
from tunesmith.data.values import meaning
from tunesmith.scores.squad import exact, f1, normalised
from tunesmith.tasks import question_answering as task
from tunesmith.tasks.parts.answer_rows import question_row

CONTEXT = "Ada Lovelace wrote the first program in 1843. The program was never run."


def asked(**cells):
    found = question_row(
        rows(question=["Who?"], context=[CONTEXT], **{name: [cell] for name, cell in cells.items()}), 0
    )
    return found.answers


@pytest.mark.parametrize(
    "cells",
    [
        {"answer": "in 1843", "answer_start": 37},
        {"answer": "in 1843"},
        {"answer": " in 1843 ", "answer_start": None},
        {"answer": "in 1843", "answer_start": "37.0"},
        {"answer": {"text": ["in 1843"], "answer_start": [37]}},
        {"answer": [{"text": "in 1843", "answer_start": 37}]},
        {"answer": {"text": "in 1843", "start": 37}},
    ],
)
def test_answers_are_read_however_they_are_written(cells):
    ((text, start),) = asked(**cells)
    assert (text.strip(), start) == ("in 1843", 37)


@pytest.mark.parametrize("cell", [None, "", [], {"text": [], "answer_start": []}, float("nan")])
def test_a_question_may_have_no_answer(cell):
    assert asked(answer=cell) == ()


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (
            {"answer": "in 1843", "answer_start": 36},
            "at 36 of its context stands ' in 184', not 'in 1843', which stands at 37",
        ),
        ({"answer": "In 1843"}, "does not stand in its context; 'in 1843' stands at 37"),
        ({"answer": "the first programme"}, "the nearest is 'the first program' at 19"),
        ({"answer": "Charles Babbage"}, "does not stand in its context"),
        ({"answer": "in 1843", "answer_start": -3}, "its answer_start -3 is no place in the context"),
        ({"answer": {"text": ["a", "b"], "answer_start": [1]}}, "it has 2 answers and 1 starts"),
    ],
)
def test_an_answer_that_stands_elsewhere_is_named_with_the_nearest_place(cells, why):
    with pytest.raises(ValueError) as caught:
        asked(**cells)
    assert why in str(caught.value)


def test_check_names_every_fault_with_its_row():
    started = job("question-answering")
    data = rows(
        question=["Who?", "", "What?", "When?"],
        context=[CONTEXT, CONTEXT, CONTEXT, CONTEXT],
        answer=["Ada Lovelace", "x", "program", "in 1844"],
    )
    found = task.check_rows(started, data, task.facts(started, data), None)
    assert {(problem.code, problem.place.line, problem.severity) for problem in found} == {
        ("data.bad-answer", 3, "error"),
        ("data.several-places", 4, "warning"),
        ("data.bad-answer", 5, "error"),
    }
    assert [row for row, _ in task.unusable_rows(started, data, task.facts(started, data))] == [1, 3]
    assert task.facts(started, data).values["unanswerable"] == 0


SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Ada",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {"id": "1", "question": "Who?", "answers": [{"text": "Ada Lovelace", "answer_start": 0}]},
                        {"id": "2", "question": "Where?", "answers": [], "is_impossible": True},
                    ],
                }
            ],
        }
    ],
}


@pytest.mark.parametrize("indent", [None, 2])
def test_files_of_squad_give_a_row_for_each_question(tmp_path: Path, indent):
    (tmp_path / "train.json").write_text(json.dumps(SQUAD, indent=indent), encoding="utf-8")
    names = ["question", "context", "answers"]
    assert jsonl.header(tmp_path / "train.json") == ["id", "title", "context", "question", "answers", "is_impossible"]
    found = [(record.line, record.values) for record in jsonl.read(tmp_path / "train.json", columns=names)]
    assert found == [
        (1, {"question": "Who?", "context": CONTEXT, "answers": [{"text": "Ada Lovelace", "answer_start": 0}]}),
        (2, {"question": "Where?", "context": CONTEXT, "answers": []}),
    ]


def test_a_torn_file_of_squad_is_one_error(tmp_path: Path):
    from tunesmith.errors import TunesmithError

    (tmp_path / "train.json").write_text(json.dumps(SQUAD)[:-9], encoding="utf-8")
    with pytest.raises(TunesmithError, match="begins like a file of SQuAD, but is no JSON"):
        list(jsonl.read(tmp_path / "train.json"))


def test_answers_that_a_table_holds_as_text_are_read():
    spans = meaning("spans")
    assert spans("{'text': ['in 1843'], 'answer_start': [37]}") == {"text": ["in 1843"], "answer_start": [37]}
    assert spans("[3] is a reference") == "[3] is a reference"
    assert spans("[3]") == "[3]"


@pytest.mark.parametrize(
    ("answer", "right", "expected"),
    [
        ("the cat", ["Cat!"], (1.0, 1.0)),
        ("in the year 1843", ["in 1843"], (0.0, 0.8)),
        ("", [], (1.0, 1.0)),
        ("in 1843", [], (0.0, 0.0)),
        ("", ["in 1843"], (0.0, 0.0)),
        ("dog dog cat", ["cat", "dog cat"], (0.0, 0.8)),
    ],
)
def test_figures_are_those_of_squad(answer, right, expected):
    assert (exact(answer, right), f1(answer, right)) == pytest.approx(expected)
    assert normalised("The  Cat's, an example") == "cats example"


def test_the_worked_example_of_the_docs_is_right():
    page = (Path(__file__).parents[2] / "docs" / "tasks" / "question-answering.md").read_text(encoding="utf-8")
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| wh")]
    figures = []
    for _, right, answer, told_exact, told_f1 in lines:
        answers = [] if right == "(none)" else [right]
        figures.append((exact(answer, answers), f1(answer, answers)))
        assert (f"{figures[-1][0]:.0f}", f"{figures[-1][1]:.3f}") == (told_exact, told_f1)
    assert len(figures) == 3
    means = [sum(column) / 3 for column in zip(*figures, strict=True)]
    assert f"| mean | | | {means[0]:.3f} | {means[1]:.3f} |" in page
