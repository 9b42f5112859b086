"""The report as a whole: files on disk and what they say, also where there is little or nothing to say."""

import json
import struct
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import r2_score

from tunesmith.catalog import Catalog
from tunesmith.contracts.task import Facts
from tunesmith.data.rows import Rows
from tunesmith.errors import TunesmithError
from tunesmith.explain.report import write_report
from tunesmith.guarded import decode, decode_line
from tunesmith.job.job import CheckpointsPart, DataPart, EvaluationPart, Job, Pick, TrainingPart
from tunesmith.options import Interval
from tunesmith.tasks.parts.judge_class import judge_class

RECORD = struct.Struct("<qdd")  # docs: step int64, seconds float64, value float64


TASKS = {
    "class": "text-classification",
    "classes": "text-classification",
    "number": "regression",
    "token": "causal-lm",
}
"""One for each kind of target."""


class WithLosses:
    """A task, with losses that the test chooses."""

    def __init__(self, task, losses):
        self.task, self.losses = task, np.asarray(losses, dtype=np.float64)

    def row_losses(self, outputs, features):
        return self.losses

    def judge(self, outputs, features, rows, answers=None):
        return self.task.judge(outputs, features, rows, answers)


def a_job(folder: Path, task: str = "text-classification", metric: str = "f1_macro") -> Job:
    every = Interval(100, "steps")
    return Job(
        task=task,
        model=Pick(name="transformers", options={"name": "tiny"}),
        data=DataPart(
            train="train.csv",
            validation=0.1,
            test=None,
            columns={},
            duplicates="keep",
            imbalance="none",
            bad_rows="error",
            options={},
        ),
        method=Pick(name="full", options={}),
        training=TrainingPart(
            epochs=1.0,
            max_steps=None,
            batch_size=8,
            micro_batch_size=None,
            optimizer=Pick(name="adamw", options={}),
            learning_rate=1e-3,
            schedule=Pick(name="linear", options={}),
            warmup=0.1,
            loss=Pick(name="cross-entropy", options={}),
            clip_norm=None,
            ema=None,
            precision="float32",
            activation_checkpointing=False,
            compile=False,
            non_finite_limit=5,
            why={},
        ),
        evaluation=EvaluationPart(every=every, metric=metric, patience=None, batch_size=8),
        checkpoints=CheckpointsPart(every=every, keep=3),
        seed=1,
        device="cpu",
        network=False,
        file=folder / "job.yaml",
        folder=folder,
    )


def write_series(folder: Path, name: str, points) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.bin").write_bytes(b"".join(RECORD.pack(step, step * 0.1, value) for step, value in points))


def rows_of(labels) -> Rows:
    count = len(labels)
    return Rows(
        columns={"text": [f"text {row} | with_signs" for row in range(count)], "label": list(labels)},
        files=(Path("data/reviews.csv"),),
        file_of=[0] * count,
        lines=[row + 2 for row in range(count)],
    )


def report(tmp_path, outputs, target, *, kind="class", labels=("no", "yes"), rows=None, losses=None, **more):
    features = {"target": np.asarray(target)}
    job = more.pop("job", a_job(tmp_path, TASKS.get(kind, "text-classification")))
    values = {"target": kind, "mean": [0.0], "deviation": [1.0], "form": "text", **more.pop("values", {})}
    facts = Facts(labels=labels, counts=(), values=values)
    task = Catalog().tasks[job.task].call("build", job, facts)
    return write_report(
        tmp_path / "report",
        job=job,
        facts=facts,
        task=WithLosses(task, np.zeros(len(outputs)) if losses is None else losses),
        outputs=np.asarray(outputs, dtype=np.float32),
        features=features,
        rows=rows,
        metrics=more.pop("metrics", {}),
        series_folder=tmp_path / "series",
        **more,
    )


def is_png(path: Path) -> bool:
    from PIL import Image

    with Image.open(path) as image:
        image.load()
        return image.format == "PNG" and min(image.size) > 200


def test_a_classification_report_has_its_files_and_figures(tmp_path):
    generator = np.random.default_rng(0)
    target = generator.integers(0, 2, 200)
    outputs = generator.normal(0, 1, (200, 2)) + 2.0 * (target[:, None] == np.arange(2))
    losses = generator.random(200)
    write_series(tmp_path / "series", "loss", [(step, 1.0 / (1 + step)) for step in range(500)])
    write_series(tmp_path / "series", "learning_rate", [(step, 1e-3) for step in range(500)])
    write_series(tmp_path / "series", "validation_loss", [(100, 0.5), (200, 0.4), (400, 0.9)])
    rows = rows_of(["no" if t == 0 else "yes" for t in target])
    summary = report(tmp_path, outputs, target, rows=rows, losses=losses, metrics={"accuracy": 0.9})
    folder = tmp_path / "report"
    assert decode((folder / "metrics.json").read_bytes(), required=True) == json.loads(json.dumps(summary))
    accuracy = np.mean(outputs.argmax(1) == target)
    assert summary["classification"]["accuracy"] == pytest.approx(accuracy)
    for name in ("confusion.png", "curves.png", "calibration.png", "areas.png"):
        assert name in summary["files"]
        assert is_png(folder / name)
    assert sorted(path.name for path in folder.iterdir()) == summary["files"]
    hardest = [json.loads(line) for line in (folder / "hardest.jsonl").read_text().splitlines()]
    assert len(hardest) == 50
    worst = int(losses.argmax())
    assert hardest[0]["row"] == worst
    assert hardest[0]["line"] == worst + 2
    assert hardest[0]["file"].endswith("reviews.csv")
    assert hardest[0]["expected"] == rows.columns["label"][worst]
    assert hardest[0]["predicted"]["label"] in ("no", "yes")
    assert [row["loss"] for row in hardest] == sorted(losses, reverse=True)[:50]
    page = (folder / "report.md").read_text()
    assert summary["headline"].split(";")[0] in page
    assert f"text {worst} \\| with\\_signs" in page
    assert any("lowest at step 200" in sentence for sentence in summary["words"])
    kept = np.load(folder / "validation.npz", allow_pickle=False)
    assert kept["outputs"].tolist() == np.asarray(outputs, np.float32).tolist()
    assert kept["target"].tolist() == target.tolist()


def test_accuracy_of_99_percent_on_one_sided_rows_is_called_no_sign_of_learning(tmp_path):
    target = np.array([0] * 198 + [1] * 2)
    outputs = np.tile([3.0, -3.0], (200, 1))
    summary = report(tmp_path, outputs, target, labels=("fine", "fraud"), pictures=False)
    assert summary["classification"]["majority"] == {"label": "fine", "share": 0.99}
    assert "99.0%" in summary["headline"] and "always answering “fine” would reach 99.0%" in summary["headline"]
    told = " ".join(summary["warnings"])
    assert "no sign of learning" in told
    assert "Never answered, although rows of it exist: fraud" in told
    assert summary["classification"]["by_class"][1]["recall"] == 0.0


def test_a_model_better_than_the_majority_gets_no_such_warning(tmp_path):
    target = np.array([0] * 60 + [1] * 40)
    outputs = np.where(target[:, None] == np.arange(2), 2.0, 0.0)
    outputs[:10] = outputs[:10, ::-1]
    summary = report(tmp_path, outputs, target, pictures=False)
    assert summary["warnings"] == []
    assert any("30.0 points more" in sentence for sentence in summary["words"])


def test_one_class_only(tmp_path):
    summary = report(tmp_path, np.tile([2.0, 0.0], (5, 1)), np.zeros(5, np.int64))
    assert any("All held-out rows belong to “no”" in warning for warning in summary["warnings"])
    assert is_png(tmp_path / "report" / "confusion.png")
    assert not (tmp_path / "report" / "areas.png").exists()


def test_outputs_that_are_not_finite_count_as_wrong_and_are_reported(tmp_path):
    outputs = np.array([[1.0, 0.0], [np.nan, 0.0], [0.0, np.inf], [0.0, 1.0]])
    summary = report(tmp_path, outputs, np.array([0, 0, 1, 1]), losses=[0.1, np.nan, 0.2, 0.3])
    assert summary["classification"]["accuracy"] == 0.5
    assert summary["classification"]["no_answer"] == 2
    assert "2 rows" in summary["warnings"][0]
    hardest = [json.loads(line) for line in (tmp_path / "report" / "hardest.jsonl").read_text().splitlines()]
    assert hardest[0]["row"] == 1
    assert hardest[0]["predicted"] is None
    assert hardest[0]["loss"] == "NaN"


def test_all_outputs_nan(tmp_path):
    summary = report(tmp_path, np.full((4, 2), np.nan), np.array([0, 0, 1, 1]))
    assert summary["classification"]["accuracy"] == 0.0
    assert "calibration" not in summary


def test_labels_that_training_never_saw_are_left_out_and_reported(tmp_path):
    summary = report(tmp_path, np.tile([1.0, 0.0], (3, 1)), np.array([0, 1, -1]), pictures=False)
    assert summary["classification"]["rows"] == 2
    assert any("never saw" in warning for warning in summary["warnings"])


@pytest.mark.parametrize("kind", ["class", "classes", "number", "token"])
def test_no_held_out_rows(tmp_path, kind):
    write_series(tmp_path / "series", "loss", [(0, 1.0), (1, 0.5)])
    summary = write_report(
        tmp_path / "report",
        job=a_job(tmp_path),
        facts=Facts(labels=("a", "b"), counts=(), values={"target": kind}),
        task=WithLosses(None, []),
        outputs=None,
        features=None,
        rows=None,
        metrics={},
        series_folder=tmp_path / "series",
    )
    assert summary["rows"] == 0
    assert "no held-out row" in summary["headline"]
    assert summary["files"] == ["curves.png", "metrics.json", "report.md"]


def test_nothing_at_all(tmp_path):
    summary = write_report(
        tmp_path / "report",
        job=a_job(tmp_path),
        facts=Facts(values={"target": "class"}),
        task=WithLosses(None, []),
        outputs=np.zeros((0, 2), np.float32),
        features={"target": np.zeros(0, np.int64)},
        rows=None,
        metrics={},
        series_folder=tmp_path / "missing",
    )
    assert summary["files"] == ["metrics.json", "report.md"]


def test_a_file_whose_name_is_not_utf8_stands_among_the_hardest_rows(tmp_path):
    rows = replace(rows_of(["no", "yes"]), files=(Path("caf\udce9.csv"),))
    report(tmp_path, np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0, 1]), rows=rows, pictures=False)
    lines = (tmp_path / "report" / "hardest.jsonl").read_bytes().splitlines()
    assert {decode_line(line)["file"] for line in lines} == {"caf\udce9.csv"}


def test_an_old_report_leaves_nothing_behind(tmp_path):
    report(tmp_path, np.tile([1.0, 0.0], (4, 1)), np.array([0, 0, 1, 1]))
    summary = report(tmp_path, np.zeros((4, 1)), np.ones((4, 1)), kind="number", labels=(), pictures=False)
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == summary["files"]
    assert "confusion.png" not in summary["files"]


def test_several_labels_a_row(tmp_path):
    target = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [0, 0, 1]])
    outputs = np.array([[2.0, -1, -1], [2, 1, -2], [-1, -1, -1], [-1, 1, -1]])
    summary = report(tmp_path, outputs, target, kind="classes", labels=("a", "b", "c"))
    section = summary["labels"]
    assert section["exact_match"] == 0.75
    assert [figures["recall"] for figures in section["by_class"]] == [1.0, 1.0, 0.0]
    assert any("Never given" in warning and "c" in warning for warning in summary["warnings"])
    matrix = json.loads((tmp_path / "report" / "confusion.json").read_text())
    assert matrix["counts_by_label"][1] == [[2, 1], [0, 1]]
    hardest = [json.loads(line) for line in (tmp_path / "report" / "hardest.jsonl").read_text().splitlines()]
    assert hardest[1]["expected"] == ["a", "b"]


def test_numbers(tmp_path):
    generator = np.random.default_rng(2)
    target = generator.normal(0, 1, 80)
    outputs = (target + generator.normal(0, 0.3, 80))[:, None]
    job = a_job(tmp_path, "regression", "mae")
    summary = report(tmp_path, outputs, target, kind="number", labels=(), job=job)
    assert summary["regression"]["rows"] == 80
    assert summary["regression"]["r2"] > 0.8
    assert "always answering their mean" in summary["headline"]
    assert is_png(tmp_path / "report" / "residuals.png")


def test_two_targets_are_reported_one_by_one(tmp_path):
    generator = np.random.default_rng(4)
    target = generator.normal(size=(40, 2))
    outputs = np.stack([target[:, 0] + 0.1 * generator.normal(size=40), -target[:, 1]], axis=1)
    values = {"mean": [500_000.0, 3.0], "deviation": [100_000.0, 1.0]}
    job = a_job(tmp_path, "regression", "mae")
    job = replace(job, data=replace(job.data, columns={"target": ("price", "rooms")}))
    summary = report(tmp_path, outputs, target, kind="number", labels=(), job=job, values=values)
    section = summary["regression"]
    expected = r2_score(target, outputs.astype(np.float32), multioutput="raw_values")  # R2 has no unit
    assert [figures["target"] for figures in section["by_target"]] == ["price", "rooms"]
    assert [figures["r2"] for figures in section["by_target"]] == pytest.approx(expected, rel=1e-4)
    assert section["r2"] == pytest.approx(expected.mean(), rel=1e-4)
    assert f"price {expected[0]:.3f}, rooms {expected[1]:.3f}" in summary["headline"]
    assert any(text.startswith("rooms: R2 is") and "no better" in text for text in summary["warnings"])
    assert "| rooms |" in (tmp_path / "report" / "report.md").read_text()
    assert is_png(tmp_path / "report" / "residuals.png")


def test_predictions_that_are_not_finite_leave_no_figure_and_are_reported(tmp_path):
    target = np.linspace(-1, 1, 20)
    outputs = target.copy()
    outputs[3] = np.nan
    summary = report(tmp_path, outputs[:, None], target, kind="number", labels=(), pictures=False)
    assert "1 prediction not finite on 20 held-out rows" in summary["headline"]
    assert np.isnan(summary["regression"]["mae"])


def test_a_kind_of_target_that_is_unknown_is_judged_as_nothing_else(tmp_path):
    with pytest.raises(TunesmithError) as caught:
        report(tmp_path, np.eye(2), np.array([0, 1]), kind="boxes")
    assert caught.value.code == "run.unknown-target"


def test_equal_targets_have_no_r2(tmp_path):
    summary = report(tmp_path, np.ones((5, 1)), np.ones(5), kind="number", labels=(), pictures=False)
    assert any("R2 is not defined" in warning for warning in summary["warnings"])
    assert json.loads((tmp_path / "report" / "metrics.json").read_text())["regression"]["r2"] == "NaN"


def test_language(tmp_path):
    outputs = np.array([[20.0, 10.0], [5.0, 10.0], [0.0, 0.0]])
    summary = report(tmp_path, outputs, np.zeros(3), kind="token", labels=(), losses=[2.0, 0.5, 0.0])
    assert summary["language"]["perplexity"] == pytest.approx(np.exp(25 / 20))
    assert is_png(tmp_path / "report" / "losses.png")


def test_many_classes_stay_readable(tmp_path):
    names = tuple(f"a class with a rather long name, number {c}" for c in range(120))
    target = np.repeat(np.arange(120), 2)
    outputs = np.eye(120)[target] * 3
    report(tmp_path, outputs, target, labels=names)
    assert is_png(tmp_path / "report" / "confusion.png")


def test_labels_that_look_like_formulas_or_other_scripts_can_be_drawn(tmp_path, recwarn):
    report(tmp_path, np.eye(3)[[0, 1, 2, 2]], np.array([0, 1, 2, 0]), labels=("$5 to $10", "好评", "a_b^c\\frac"))
    assert is_png(tmp_path / "report" / "confusion.png")
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]


def test_without_matplotlib_the_report_says_which_command_adds_pictures(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    summary = report(tmp_path, np.eye(2), np.array([0, 1]))
    assert not list((tmp_path / "report").glob("*.png"))
    assert "pip install 'tunesmith[plots]'" in summary["notes"][0]
    assert "pip install" in (tmp_path / "report" / "report.md").read_text()


def test_drawing_changes_no_settings_of_the_user(tmp_path):
    import matplotlib

    before = matplotlib.rcParams.copy()  # looking up "backend" would choose one
    report(tmp_path, np.eye(2), np.array([0, 1]))
    assert matplotlib.rcParams.copy() == before
    assert "matplotlib.pyplot" not in sys.modules


def test_one_logit_for_two_classes():
    judged = judge_class(np.array([[2.0], [-1.0], [0.5]]), np.array([1, 0, 0]), ("no", "yes"))
    assert [answer["label"] for answer in judged.predicted] == ["yes", "no", "yes"]
