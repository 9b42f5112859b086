"""Templates: each is a real project that runs, and each takes the user's own data."""

import csv
import json
import shutil

import pytest

from support import tunesmith
from template_projects import few_rows
from tunesmith.catalog import Catalog
from tunesmith.errors import InvalidJob, TunesmithError
from tunesmith.job.load import load_job
from tunesmith.templates import templates
from tunesmith.templates.make import make_project

SMALL = {
    "text-classification": ["training.max_steps=2", "training.batch_size=8"],
    "regression": ["training.epochs=1"],
    "question-answering": ["training.max_steps=2", "training.batch_size=8"],
    "token-classification": ["training.max_steps=2", "training.batch_size=8"],
    "image-classification": ["training.epochs=1"],
    "embedding": ["training.max_steps=2", "training.batch_size=8"],
    "causal-lm": [
        "training.max_steps=2",
        "training.batch_size=2",
        "model.scratch.layers=1",
        "model.scratch.vocabulary=400",
    ],
    "seq2seq": ["training.max_steps=4", "training.batch_size=8", "model.scratch.layers=1"],
}


def write_table(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def test_there_is_a_template_for_each_task():
    assert set(templates()) == set(Catalog().tasks)
    assert set(SMALL) == set(templates())


@pytest.mark.parametrize("task", sorted(SMALL))
def test_template_runs_as_it_comes(task, tmp_path):
    made = tunesmith("new", "project", "--task", task, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    project = tmp_path / "project"
    (job,) = project.glob("*.job.yaml")
    assert f"tunesmith run {job.name}" in made.stdout
    assert "What to look at" in (project / "README.md").read_text(encoding="utf-8")
    few_rows(project)
    checked = tunesmith("check", job.name, cwd=project)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    changes = [word for change in SMALL[task] for word in ("--set", change)]
    done = tunesmith("run", job.name, *changes, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    (metrics,) = project.glob(".tunesmith/runs/*/report/test/metrics.json")
    assert json.loads(metrics.read_text(encoding="utf-8"))["rows"] > 0


def test_job_for_your_own_texts_names_your_columns_and_tells_the_labels(tmp_path, monkeypatch, capsys):
    rows = [(f"message {row}", "spam" if row < 10 else "ham") for row in range(100)]
    write_table(tmp_path / "mail.csv", ["id", "Message", "category"], [(row, *cells) for row, cells in enumerate(rows)])
    made = make_project(tmp_path / "mine", "text-classification", Catalog(), data=tmp_path / "mail.csv", columns={})
    job = load_job(made.job, Catalog()).job
    assert job.data.train == "../mail.csv"
    assert dict(job.data.columns) == {"text": ("Message",), "label": ("category",)}
    assert job.data.imbalance == "weighted-loss"
    assert "2 labels: ham 90, spam 10" in made.notes
    assert not (made.folder / "prepare.py").exists()


def test_columns_that_have_no_usual_name_are_asked_for_and_may_be_given(tmp_path):
    write_table(tmp_path / "data.csv", ["a", "b"], [("good film", "yes"), ("bad film", "no")])
    with pytest.raises(InvalidJob) as caught:
        make_project(tmp_path / "mine", "text-classification", Catalog(), data=tmp_path / "data.csv", columns={})
    assert {problem.code for problem in caught.value.problems} == {"data.no-column"}
    assert not (tmp_path / "mine").exists()
    done = tunesmith(*("new", "mine", "--data", "data.csv", "--column", "text=a", "--column", "label=b"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert tunesmith("check", str(next((tmp_path / "mine").glob("*.job.yaml"))), cwd=tmp_path).returncode in (0, 2)


@pytest.mark.parametrize(
    ("header", "row", "model", "roles"),
    [
        (["sqm", "town", "rooms", "price"], [80, "Ulm", 3, 900], "python", {"columns": ("sqm", "rooms")}),
        (["review", "rating"], ["good film", 4.5], "bundled", {"text": ("review",)}),
    ],
)
def test_regression_takes_columns_of_numbers_or_a_text(tmp_path, header, row, model, roles):
    write_table(tmp_path / "data.csv", header, [row, row])
    made = make_project(tmp_path / "mine", "regression", Catalog(), data=tmp_path / "data.csv", columns={})
    job = load_job(made.job, Catalog()).job
    assert job.model.name == model
    assert dict(job.data.columns) == {**roles, "target": (header[-1],)}


def test_folder_of_your_own_pictures_is_taken(tmp_path):
    make_project(tmp_path / "digits", "image-classification", Catalog(), columns={})
    shutil.move(tmp_path / "digits" / "data" / "digits", tmp_path / "pictures")
    made = make_project(tmp_path / "mine", "image-classification", Catalog(), data=tmp_path / "pictures", columns={})
    assert any(note.startswith("10 labels: ") for note in made.notes)
    assert load_job(made.job, Catalog()).job.data.train == "../pictures"


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("ten years of work", encoding="utf-8")
    with pytest.raises(TunesmithError) as caught:
        make_project(tmp_path / "mine", "regression", Catalog(), columns={})
    assert caught.value.code == "new.folder-in-use"
    assert [item.name for item in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_unknown_task_is_told_the_nearest(tmp_path):
    with pytest.raises(TunesmithError) as caught:
        make_project(tmp_path / "mine", "text-clasification", Catalog(), columns={})
    assert caught.value.code == "new.unknown-template"
    assert "text-classification" in caught.value.problem.hint


def test_a_job_for_ones_own_sentences_has_a_model_of_their_size_and_the_usual_metric(tmp_path):
    write_table(tmp_path / "pairs.csv", ["en", "de"], [[f"line {n}", f"Zeile {n}"] for n in range(20)])
    columns = {"source": ["en"], "target": ["de"]}
    made = make_project(tmp_path / "project", "seq2seq", Catalog(), data=tmp_path / "pairs.csv", columns=columns)
    job = load_job(made.job, Catalog()).job
    assert (job.model.name, job.model.options["window"], job.model.options["vocabulary"]) == ("scratch", 256, 8000)
    assert job.evaluation.metric == "loss"
    assert job.training.optimizer.name == "adafactor"


def test_a_job_for_ones_own_data_is_named_after_it(tmp_path):
    for name, job in (("messages.csv", "messages"), ("我的 数据.csv", "我的-数据"), ("..csv", "text-classification")):
        folder = tmp_path / f"p{job}"
        (tmp_path / name).write_text("message,category\n" + "one,a\ntwo,b\n" * 9, encoding="utf-8")
        made = make_project(folder, "text-classification", Catalog(), data=tmp_path / name, columns={})
        assert [file.name for file in folder.glob("*.job.yaml")] == [f"{job}.job.yaml"] == [made.job.name]
