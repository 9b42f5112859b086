"""From a job to rows: columns found, bad rows told or skipped, shares split off, what the data says of itself."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tunesmith.catalog import Catalog, Entry
from tunesmith.checks.data import common_findings
from tunesmith.contracts.task import Facts
from tunesmith.data.dataset import DataSet
from tunesmith.data.fingerprint import Fingerprints, rows_digest
from tunesmith.data.load import guess_columns, load_data, read_rows
from tunesmith.data.rows import Rows
from tunesmith.data.shares import Strata
from tunesmith.data.table import open_table
from tunesmith.errors import InvalidJob, Place, Problem
from tunesmith.job.job import CheckpointsPart, DataPart, EvaluationPart, Job, Pick, TrainingPart
from tunesmith.members import Column, Task, UsualSplit
from tunesmith.options import Interval

SOME_TASK = Task(
    name="some-task",
    help="A task with one of each kind of role.",
    columns={
        "text": Column(help="the text", guesses=("text", "message", "Review")),
        "label": Column(help="the answer", holds="label", answer=True, guesses=("label", "category", "text")),
        "extra": Column(help="something more", holds="number", required=False, many=True, guesses=("x1",)),
        "image": Column(help="a picture", holds="image", required=False),
    },
    targets=("class",),
    metrics=("accuracy",),
    default_metric="accuracy",
    models=("module",),
    split=UsualSplit(by="stratified", why="labels stay in proportion"),
)


class OneTask(Entry[Task]):
    @property
    def member(self) -> Task:
        return SOME_TASK

    @property
    def module(self) -> Any:
        return SimpleNamespace(strata=lambda job, rows: Strata(of=rows.columns["label"]))


def catalog() -> Catalog:
    made = Catalog()
    made.tasks = {"some-task": OneTask("some-task", "")}  # type: ignore[assignment]
    return made


def job(folder: Path, **data: Any) -> Job:
    given: dict[str, Any] = {
        "train": "train.csv",
        "validation": None,
        "test": None,
        "columns": {},
        "duplicates": "keep",
        "imbalance": "none",
        "bad_rows": "error",
        "options": {},
    }
    nothing = Pick(name="none", options={})
    return Job(
        task="some-task",
        model=nothing,
        data=DataPart(**{**given, **data}),
        method=nothing,
        training=TrainingPart(
            epochs=1,
            max_steps=None,
            batch_size=2,
            micro_batch_size=None,
            optimizer=nothing,
            learning_rate=0.1,
            schedule=nothing,
            warmup=0,
            loss=nothing,
            clip_norm=None,
            ema=None,
            precision="fp32",
            activation_checkpointing=False,
            compile=False,
            non_finite_limit=1,
            why={},
        ),
        evaluation=EvaluationPart(every=Interval(1, "epochs"), metric="accuracy", patience=None, batch_size=2),
        checkpoints=CheckpointsPart(every=Interval(1, "epochs"), keep=1),
        seed=7,
        device="cpu",
        network=False,
        file=folder / "x.job.yaml",
        folder=folder,
    )


def load(folder: Path, content: str, **data: Any) -> DataSet:
    (folder / "train.csv").write_text(content, encoding="utf-8")
    return load_data(job(folder, **data), catalog())


def problems(folder: Path, content: str, **data: Any) -> tuple[Problem, ...]:
    with pytest.raises(InvalidJob) as caught:
        load(folder, content, **data)
    return caught.value.problems


def test_only_the_columns_of_the_roles_are_kept_with_the_place_of_each_row(tmp_path: Path) -> None:
    data = load(tmp_path, 'id,Message,label,x1,x2\n1,"a\nb",y,1,2\n2,c,n,3,4\n', columns={"extra": ("x2", "x1")})
    assert data.train.columns == {"text": ["a\nb", "c"], "label": ["y", "n"], "extra": [("2", "1"), ("4", "3")]}
    assert data.train.place(1) == Place(file=tmp_path / "train.csv", line=4)
    assert data.columns == {"text": ("Message",), "label": ("label",), "extra": ("x2", "x1")}
    assert data.validation is None
    assert data.test is None


def test_guesses_take_usual_names_in_any_case_and_no_column_twice() -> None:
    assert guess_columns(["REVIEW", "Label"], SOME_TASK, {}) == {"text": ("REVIEW",), "label": ("Label",)}
    assert guess_columns(["text"], SOME_TASK, {}) == {"text": ("text",)}
    assert guess_columns(["text", "b"], SOME_TASK, {"text": ("b",)}) == {"text": ("b",), "label": ("text",)}


def test_missing_and_ambiguous_columns_and_files_are_reported_together(tmp_path: Path) -> None:
    (tmp_path / "validation_set.csv").touch()
    (tmp_path / "train.csv").write_text("mesage,label,label\na,b,c\n")
    place = Place(file=tmp_path / "x.job.yaml", line=5, column=3, key="data.text")
    given = job(tmp_path, validation="validation-set.csv", columns={"text": ("message",), "label": ("label",)})
    with pytest.raises(InvalidJob) as caught:
        load_data(given, catalog(), places={"data.text": place})
    by_code = {problem.code: problem for problem in caught.value.problems}
    assert list(by_code) == ["data.missing-column", "data.ambiguous-column", "data.missing-file"]
    assert by_code["data.missing-column"].place == place
    assert by_code["data.missing-column"].hint == "did you mean mesage?"
    assert "validation_set.csv" in by_code["data.missing-file"].hint


def test_a_role_without_a_column_and_an_unknown_format_are_reported(tmp_path: Path) -> None:
    assert [(problem.code, problem.allowed) for problem in problems(tmp_path, "a,label\n1,2\n")] == [
        ("data.no-column", ("a", "label"))
    ]
    (tmp_path / "train.docx").touch()
    (wrong,) = problems(tmp_path, "", train="train.docx")
    assert wrong.code == "data.unknown-format"
    assert ".parquet" in wrong.allowed


def test_bad_rows_are_errors_with_their_lines_the_first_twenty_and_a_count(tmp_path: Path) -> None:
    content = "text,label\n" + "good,1\n" + "bad\n" * 3 + ",1\n" + "good,  \n" * 30
    found = problems(tmp_path, content)
    assert [problem.code for problem in found] == ["data.bad-row"] * 3 + ["data.empty-value"] * 17 + [
        "data.more-bad-rows"
    ]
    assert [problem.place.line for problem in found[:5]] == [3, 4, 5, 6, 7]
    assert "the label (column label) is empty" in found[4].message
    assert found[-1].message == "14 more bad rows (34 in all)"


def test_with_a_separator_a_row_may_have_no_label(tmp_path: Path) -> None:
    data = load(tmp_path, "text,label\ngood,a;b\nnone,\n", options={"label_separator": ";"})
    assert data.train.columns["label"] == ["a;b", ""]


def test_skipped_rows_are_listed_and_the_rest_is_used(tmp_path: Path) -> None:
    data = load(tmp_path, "text,label\ngood,1\nbad\n,1\nfine,2\n", bad_rows="skip")
    assert data.train.columns["text"] == ["good", "fine"]
    assert list(data.train.lines) == [2, 5]
    assert [(problem.place.line, problem.severity) for problem in data.skipped] == [(3, "warning"), (4, "warning")]


@pytest.mark.parametrize("content", ["", "text,label\n", "text,label\n,\n"])
def test_a_file_without_usable_rows_is_an_error(tmp_path: Path, content: str) -> None:
    assert [problem.code for problem in problems(tmp_path, content, bad_rows="skip")] == ["data.no-rows"]


def test_shares_and_files_make_the_parts(tmp_path: Path) -> None:
    (tmp_path / "held.csv").write_text("text,label\nheld,1\n")
    content = "text,label\n" + "".join(f"row {number},{'ab'[number % 4 == 0]}\n" for number in range(40))
    data = load(tmp_path, content, validation=0.2, test="held.csv")
    assert data.validation
    assert data.test
    assert (len(data.train), len(data.validation), len(data.test)) == (32, 8, 1)
    assert sorted(data.validation.columns["label"]) == ["a"] * 6 + ["b"] * 2
    assert set(data.fingerprint) == {"train", "test"}
    for row in range(8):
        number = int(data.validation.columns["text"][row].split()[1])
        assert data.validation.place(row).line == number + 2
    assert load(tmp_path, content, validation=0.2, test="held.csv") == data
    assert [p.code for p in problems(tmp_path, "text,label\na,b\n", validation=0.2)] == ["data.too-few-rows"]


def test_rows_from_code_are_read_once_and_known_by_their_content(tmp_path: Path) -> None:
    (tmp_path / "tunesmith_loaded_rows.py").write_text(
        "calls = []\nsize = 300\ndef rows():\n    calls.append(1)\n"
        "    return ({'message': f'row {n}', 'label': n % 2} for n in range(size))\n"
    )
    name = "tunesmith_loaded_rows:rows"
    data = load_data(job(tmp_path, train=name), catalog())
    module = sys.modules["tunesmith_loaded_rows"]
    assert module.calls == [1]
    assert len(data.train) == 300
    assert data.train.columns["label"][:3] == [0, 1, 0]
    assert str(data.train.place(299)) == f"{name}:300"
    assert load_data(job(tmp_path, train=name), catalog()).fingerprint == data.fingerprint
    module.size = 299
    assert load_data(job(tmp_path, train=name), catalog()).fingerprint != data.fingerprint
    with pytest.raises(InvalidJob) as caught:
        load_data(job(tmp_path, train=name), catalog(), trusted=False)
    assert caught.value.code == "job.untrusted"


def test_rows_of_an_image_folder_stand_in_their_own_files(tmp_path: Path) -> None:
    for name in ("train/cat/1.png", "train/dog/2.png", "train/dog/3.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    SOME = replace(
        SOME_TASK,
        columns={
            "image": Column(help="a picture", holds="image"),
            "label": Column(help="its class", holds="label", answer=True),
        },
    )
    made = catalog()

    class Images(OneTask):
        @property
        def member(self) -> Task:
            return SOME

    made.tasks = {"some-task": Images("some-task", "")}  # type: ignore[assignment]
    data = load_data(job(tmp_path, train="train"), made)
    assert data.train.columns["label"] == ["cat", "dog", "dog"]
    assert data.train.place(2) == Place(file=tmp_path / "train/dog/3.png", line=1)
    before = data.fingerprint["train"]
    (tmp_path / "train/dog/3.png").write_bytes(b"other")
    assert load_data(job(tmp_path, train="train"), made).fingerprint["train"] != before
    (tmp_path / "table.csv").write_text("image,label\ntrain/cat/1.png,cat\nno.png,dog\n")
    with pytest.raises(InvalidJob) as caught:
        load_data(job(tmp_path, train="table.csv"), made)
    assert (caught.value.code, caught.value.problem.place.line) == ("data.missing-image", 3)


def test_a_file_for_prediction_may_lack_the_label(tmp_path: Path) -> None:
    (tmp_path / "new.jsonl").write_text('{"message": "a"}\n{"message": "b"}\n')
    columns = {"text": ("message",), "label": ("category",)}
    rows = read_rows(open_table("new.jsonl", tmp_path, catalog()), SOME_TASK, columns=columns)
    assert rows.columns == {"text": ["a", "b"]}
    with pytest.raises(InvalidJob) as caught:
        read_rows(open_table("new.jsonl", tmp_path, catalog()), SOME_TASK, columns={"text": ("massage",)})
    assert caught.value.problem.hint == "did you mean message?"


def test_reading_and_splitting_load_neither_numpy_nor_torch(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom tunesmith.checks import data\nfrom tunesmith.data import load, telling_columns\n"
        "from tunesmith.catalog import Catalog\n"
        "[entry.member for entry in Catalog().readers.values()]\n"
        "print([name for name in ('numpy', 'torch', 'pyarrow', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_fingerprints_are_remembered_only_while_the_file_is_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    from tunesmith.data import fingerprint

    monkeypatch.setattr(fingerprint, "SETTLED_S", -1.0)  # also what changed just now is remembered
    path, memory = tmp_path / "x.csv", tmp_path / "cache" / "fingerprints.json"
    path.write_text("one")
    os.utime(path, (1_000_000, 1_000_000))
    first = Fingerprints(memory)
    digest = first.of(path)
    first.save()
    assert json.loads(memory.read_text())[str(path)][-1] == digest
    memory.write_text(memory.read_text().replace(digest, "kept"))
    assert Fingerprints(memory).of(path) == "kept"  # it was not read again
    path.write_text("two")
    os.utime(path, (1_000_000, 1_000_000))  # same size and time of change, another content
    assert Fingerprints(memory).of(path) == Fingerprints().of(path) != digest
    memory.write_text("{damaged")
    assert Fingerprints(memory).of(path) == Fingerprints().of(path)


def rows(**columns: list[Any]) -> Rows:
    size = len(next(iter(columns.values())))
    answers = frozenset(columns) & {"label"}
    lines = list(range(2, size + 2))
    return Rows(columns=columns, files=(Path("f.csv"),), file_of=[0] * size, lines=lines, answers=answers)


def test_rows_digest_tells_values_order_roles_and_types_apart() -> None:
    different = [
        rows(text=["ab", "c"]),
        rows(text=["a", "bc"]),
        rows(text=["c", "ab"]),
        rows(label=["ab", "c"]),
        rows(text=["1", "2"]),
        rows(text=[1, 2]),
        rows(text=[("1",), "2"]),
        rows(text=[b"1", "2"]),
    ]
    assert len({rows_digest(item) for item in different}) == len(different)
    assert rows_digest(different[0]) == rows_digest(rows(text=["ab", "c"]).select([0, 1]))


def inspected(tmp_path: Path, train: Rows, validation: Rows | None = None, **data: Any) -> dict[str, Problem]:
    labels = sorted(set(train.columns["label"]))
    counts = tuple(train.columns["label"].count(label) for label in labels)
    facts = Facts(labels=tuple(labels), counts=counts, values={"target": "class"})
    dataset = DataSet(train=train, validation=validation, test=None, skipped=(), fingerprint={}, columns={})
    return {problem.code: problem for problem in common_findings(job(tmp_path, **data), dataset, facts)}


def test_rows_in_train_and_validation_are_reported_with_both_places(tmp_path: Path) -> None:
    train = rows(text=["a", "b", "c", "a"], label=["x", "y", "x", "y"])
    found = inspected(tmp_path, train, rows(text=["new", " c"], label=["x", "y"]))
    assert "1 of 2 rows of validation also stand in train" in found["data.leaked-rows"].message
    assert found["data.leaked-rows"].found == "f.csv:3 = f.csv:4"
    assert found["data.contradicting-rows"].found == "f.csv:2 and f.csv:5"
    assert not inspected(tmp_path, rows(text=["a", "b"], label=["x", "x"]), rows(text=["c"], label=["x"]))


def test_large_arrays_are_compared_whole(tmp_path: Path) -> None:
    one, two = np.zeros(5000), np.zeros(5000)
    two[2500] = 1
    train = rows(image=[one], label=["x"])
    assert "data.leaked-rows" not in inspected(tmp_path, train, rows(image=[two], label=["x"]))
    assert "data.leaked-rows" in inspected(tmp_path, train, rows(image=[one.copy()], label=["x"]))


def test_equal_images_under_other_names_are_reported(tmp_path: Path) -> None:
    paths = []
    for number, content in enumerate([b"same", b"othr", b"same"]):
        path = tmp_path / f"{number}.png"
        path.write_bytes(content)
        paths.append(str(path))
    train, validation = rows(image=paths[:2], label=["x", "x"]), rows(image=paths[2:], label=["x"])
    assert "data.leaked-rows" in inspected(tmp_path, train, validation)


@pytest.mark.parametrize(
    ("how", "severity", "found"),
    [
        ("none", "warning", "a 48, b 1"),
        ("weighted-loss", "info", "a 48 -> 24.5, b 1 -> 10"),
        ("oversample", "info", "a 48 -> 48, b 1 -> 48"),
        ("undersample", "info", "a 48 -> 1, b 1 -> 1"),
        ("focal", "info", "a 48, b 1"),
    ],
)
def test_imbalance_is_reported_with_counts_before_and_after(
    tmp_path: Path, how: str, severity: str, found: str
) -> None:
    train = rows(text=[str(number) for number in range(49)], label=["a"] * 48 + ["b"])
    told = inspected(tmp_path, train, imbalance=how)
    assert (told["data.imbalance"].severity, told["data.imbalance"].found) == (severity, found)
    assert "48 times" in told["data.imbalance"].message
    assert told["data.single-row-label"].found == "b"
