"""`tunesmith check` looks into job and data, tells everything at once, and loads no torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tunesmith.cli import main

JOB = "task: text-classification\nmodel: all-MiniLM-L6-v2\ndata:\n  train: reviews.csv\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A job with 120 rows: 90 good, 30 poor."""
    rows = [f"film {number} was {'dull' if number % 4 == 0 else 'fine'}" for number in range(120)]
    lines = [f"{text},{'poor' if text.endswith('dull') else 'good'}" for text in rows]
    (tmp_path / "reviews.csv").write_text("\n".join(["text,label", *lines]) + "\n")
    (tmp_path / "reviews.job.yaml").write_text(JOB)
    return tmp_path


def check(project: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    status = main(["check", str(project / "reviews.job.yaml"), "--quick", *more])
    return status, capsys.readouterr().out


def test_a_good_job_is_reported_with_rows_labels_and_choices(project, capsys):
    status, out = check(project, capsys)
    assert status == 0
    assert "train 108 · validation 12" in out
    assert "text: text · label: label" in out
    assert "loss: auto: cross-entropy, because each answer is one of 2 labels" in out
    assert "learning_rate: auto: 5e-05 is usual for adamw" in out


def test_json_has_counts_before_and_after_the_remedy(project, capsys):
    status, out = check(project, capsys, "--json", "--set", "data.imbalance=oversample")
    answer = json.loads(out)
    assert status == 0
    assert answer["ok"] is True
    assert answer["rows"] == {"train": 108, "validation": 12, "test": None}
    counts = {each["label"]: (each["rows"], each["after"]) for each in answer["labels"]}
    assert counts == {"good": (81, 81.0), "poor": (27, 81.0)}
    assert answer["job"]["training"]["loss"] == {"cross-entropy": answer["job"]["training"]["loss"]["cross-entropy"]}
    assert set(answer["chosen"]) == {"data.split", "training.loss", "training.optimizer", "training.learning_rate"}


def test_errors_of_model_and_data_come_together_with_their_places(project, capsys):
    (project / "reviews.job.yaml").write_text(
        JOB.replace("all-MiniLM-L6-v2", "no-such-model").replace("ws.csv", "w.csv")
    )
    status, out = check(project, capsys, "--json")
    answer = json.loads(out)
    assert status == 2
    assert answer["ok"] is False
    found = {problem["code"]: problem for problem in answer["problems"]}
    assert set(found) == {"model.not-found", "data.missing-file"}
    assert (found["data.missing-file"]["line"], found["data.missing-file"]["column"]) == (4, 10)
    assert "reviews.csv" in found["data.missing-file"]["hint"]


def test_bad_rows_are_errors_or_skipped_as_the_job_says(project, capsys):
    with (project / "reviews.csv").open("a") as file:
        file.write(",good\n")
    status, out = check(project, capsys)
    assert status == 2
    assert "reviews.csv:122" in out
    status, out = check(project, capsys, "--set", "data.bad_rows=skip")
    assert status == 0
    assert "skipped 1" in out
    assert "1 warning" in out


def test_a_broken_job_names_all_its_errors(project, capsys):
    (project / "reviews.job.yaml").write_text(JOB + "  imbalence: none\ntraining: {epochs: 0}\n")
    status, out = check(project, capsys)
    assert status == 2
    assert out.count("error[") == 2
    assert "2 errors, 0 warnings" in out


SLOW = ["asyncio", "email", "importlib.metadata", "logging", "multiprocessing", "numpy", "pickle", "ruamel", "socket",
        "ssl", "subprocess", "tempfile", "torch", "transformers", "urllib.request", "uuid", "xml",
        "zipfile"]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "slow", "most"),
    [
        (["check", "reviews.job.yaml", "--quick"], SLOW, 120),
        (["--help"], sorted({*SLOW} - {"socket", "subprocess"}), 60),
    ],
)
def test_check_and_help_import_only_what_they_need(project, capsys, words, slow, most):
    """`most`: modules of ours. Time is what imports take, so that a new one must have its reason."""
    check(project, capsys)  # asks transformers how the model reads text, where that is not known yet
    code = (
        "import sys\nfrom tunesmith.cli import main\ntry: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=project, capture_output=True, text=True, timeout=120, check=True
    )
    loaded = done.stderr.split()
    assert [name for name in slow if name in loaded] == []
    assert sum(name.partition(".")[0] == "tunesmith" for name in loaded) <= most


@pytest.mark.parametrize(
    ("code", "banned"),
    [
        ("from tunesmith.cli import main; main(['check', 'reviews.job.yaml'])", ["torch", "transformers"]),
        ("from tunesmith.cli import main; main(['schema'])", ["torch", "transformers", "numpy"]),
        (
            "import tunesmith.cli.check, tunesmith.job.load, tunesmith.job.write, tunesmith.job.advice",
            ["torch", "transformers", "numpy", "ruamel"],
        ),
    ],
)
def test_check_and_schema_load_nothing_heavy(project, code, banned):
    told = f"{code}\nimport sys\nsys.stderr.write(','.join(name for name in {banned!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], cwd=project, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
