"""What the wizard says of a data file: the task, the columns' kinds and roles, the counts of labels."""

from __future__ import annotations

import json

import pytest

from tunesmith.catalog import Catalog
from tunesmith.errors import TunesmithError
from tunesmith.job.document import read_document
from tunesmith.server.work.preview import preview
from tunesmith.templates.make import make_project


def look(path, **asked):
    return preview(path=str(path), **{"task": None, "columns": {}, "rows": 2, **asked})


def written(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_columns_without_usual_names_play_the_roles_that_fit_their_values(tmp_path):
    rows = [f"a comment of some length number {number},{'abc'[number % 3]},{number}" for number in range(60)]
    found = look(written(tmp_path / "forum.csv", ["comment,topic,id", *rows]))
    assert found["task"] == "text-classification"
    assert found["roles"] == {"text": ["comment"], "label": ["topic"]}
    assert [column["kind"] for column in found["columns"]] == ["text", "label", "number"]
    assert [(label["label"], label["rows"]) for label in found["labels"]] == [("a", 20), ("b", 20), ("c", 20)]
    assert found["rows"] == 60 and found["complete"] and len(found["cells"]) == 2


def test_numbers_are_for_regression_and_talks_for_a_language_model(tmp_path):
    numbers = [f"{number / 3},{number * number}" for number in range(40)]
    assert look(written(tmp_path / "n.csv", ["x,y", *numbers]))["task"] == "regression"
    talk = json.dumps({"messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]})
    found = look(written(tmp_path / "talk.jsonl", [talk] * 3))
    assert (found["task"], found["columns"][0]["kind"]) == ("causal-lm", "list")


@pytest.mark.parametrize(
    ("header", "row", "model", "roles"),
    [
        (
            "query,passage",
            "how to {0},You do {0} so.",
            "all-MiniLM-L6-v2",
            {"anchor": ["query"], "positive": ["passage"]},
        ),
        ("a,b,target", "{0},2{0},3{0}.5", None, {"target": ["target"], "columns": ["a", "b"]}),
        (
            "review,target",
            "It was {0} times good.,{0}.5",
            "all-MiniLM-L6-v2",
            {"text": ["review"], "target": ["target"]},
        ),
        ("source,target", "good day {0},guten Tag {0}", None, {"source": ["source"], "target": ["target"]}),
    ],
)
def test_the_model_is_the_one_that_a_new_job_for_these_columns_names(header, row, model, roles, tmp_path):
    rows = [row.format(number) for number in range(30)]
    found = look(written(tmp_path / "rows.csv", [header, *rows]))
    assert (found.get("model"), found["roles"]) == (model, roles)
    made = make_project(tmp_path / "made", found["task"], Catalog(), data=tmp_path / "rows.csv", columns=found["roles"])
    named = read_document(made.job.read_text(encoding="utf-8"), None).root.plain()["model"]
    assert named == model if model else isinstance(named, dict)


def test_a_folder_of_images_is_classified_by_its_folders(tmp_path):
    image = pytest.importorskip("PIL.Image")
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        for number in range(3):
            image.new("RGB", (4, 4)).save(tmp_path / label / f"{number}.png")
    found = look(tmp_path)
    assert found["task"] == "image-classification"
    assert {label["label"]: label["rows"] for label in found["labels"]} == {"cat": 3, "dog": 3}


def test_what_the_user_has_chosen_stays_and_what_is_missing_is_reported(tmp_path):
    data = written(tmp_path / "d.csv", ["a,b", "some words,x", "other words,y"])
    found = look(data, task="text-classification", columns={"text": ["b"]})
    assert found["roles"]["text"] == ["b"]
    wrong = look(data, task="text-classification", columns={"text": ["c"]})
    assert "data.missing-column" in {problem["code"] for problem in wrong["problems"]}
    with pytest.raises(TunesmithError) as caught:
        look(tmp_path / "e.csv")
    assert caught.value.code == "data.missing-file"


def test_long_cells_are_cut_and_an_empty_file_has_no_rows(tmp_path):
    found = look(written(tmp_path / "long.csv", ["text,label", f"{'word ' * 1000},x"]))
    assert len(found["cells"][0][0]) == 500
    assert look(written(tmp_path / "head.csv", ["text,label"]))["rows"] == 0
