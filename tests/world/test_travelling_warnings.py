"""What the data give reason to doubt stands beside every figure made from them, and test rows stand first."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from real_workers import ForkServer, new_run
from support import write_job
from tunesmith.cli import main
from tunesmith.cli.parts.closing_summary import summary
from tunesmith.runs.comparison import data_warnings
from tunesmith.runs.folder import RunFolder
from tunesmith.server.messages.report import report
from tunesmith.server.messages.run_details import detail
from tunesmith.server.messages.run_summary import summary as line_of
from tunesmith.use.card import model_card
from tunesmith.use.evaluate import measure

NET = "from torch import nn\n\n\ndef net(outputs):\n    return nn.Linear(2, outputs)\n"
LEAKED = "8 of 20 rows of validation also stand in train"


def table(path: Path, rows: np.ndarray) -> None:
    path.write_text("a,b,y\n" + "".join(",".join(f"{value:.6f}" for value in row) + "\n" for row in rows))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, workers: ForkServer) -> RunFolder:
    """A finished run with test rows, of which 8 of 20 validation rows were trained on."""
    folder = tmp_path_factory.mktemp("travel")
    generator = np.random.default_rng(0)
    inputs = generator.normal(size=(120, 2))
    rows = np.column_stack([inputs, inputs @ [3.0, -2.0] + generator.normal(0, 0.5, 120)])
    table(folder / "train.csv", rows[:80])
    table(folder / "held.csv", np.concatenate([rows[:8], rows[80:92]]))
    table(folder / "test.csv", rows[92:])
    (folder / "net.py").write_text(NET)
    data = "train: train.csv, validation: held.csv, test: test.csv, columns: [a, b], target: y"
    more = "training: {epochs: 2, batch_size: 16}\n"
    return workers.finish(new_run(write_job(folder, data, task="regression", model="net:net", more=more)))


def shown(run: RunFolder, *command: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main([*command, str(run.path)]) == 0
    return capsys.readouterr().out


def test_the_warning_stands_wherever_a_figure_does(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    pages = {
        "summary": summary(run, run.state()),
        "report": shown(run, "report", capsys=capsys).replace("\n", " "),
        "show": shown(run, "show", capsys=capsys),
        "report.md": (run.report_folder / "report.md").read_text(),
        "test/report.md": (run.report_folder / "test" / "report.md").read_text(),
        "card": model_card(run),
        "client's report": " ".join(report(run).warnings),
        "client's run": " ".join(detail(run, position=None).warnings),
    }
    assert main(["compare", str(run.path), str(run.path)]) == 0
    pages["compare"] = capsys.readouterr().out
    assert {name for name, text in pages.items() if LEAKED not in text} == set()
    assert str(run.path.parents[2]) not in pages["card"]  # a card goes to others


def test_lists_of_runs_count_the_warnings_beside_the_best_figure(
    run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = len(data_warnings(run))
    assert expected > 0
    root = str(run.path.parents[2])
    assert main(["runs", "--project", root]) == 0
    assert f"{expected} warning" in next(line for line in capsys.readouterr().out.splitlines() if run.id in line)
    assert main(["runs", "--project", root, "--json"]) == 0
    assert [each["warning_count"] for each in json.loads(capsys.readouterr().out) if each["id"] == run.id] == [expected]
    assert line_of(run).warning_count == expected
    before, of_training = run.state(), ["a weight never moved", "another"]
    assert before.changed("finished", {"doubts": of_training}).warning_count == expected + 2


def test_a_run_without_a_report_yet_shows_the_warning_with_its_evaluation(run: RunFolder, tmp_path: Path) -> None:
    import shutil

    from tunesmith.runs.comparison import outcome_of

    going_on = RunFolder(Path(shutil.copytree(run.path, tmp_path / run.path.name)))
    shutil.rmtree(going_on.report_folder)
    outcome = outcome_of(going_on)
    assert "rmse" in outcome.figures
    assert any(LEAKED in text for text in outcome.warnings)


def test_test_rows_stand_before_validation_rows(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    kept = json.loads((run.report_folder / "metrics.json").read_bytes())
    of_test = json.loads((run.report_folder / "test" / "metrics.json").read_bytes())
    assert kept["test"]["metrics"] == of_test["metrics"] != kept["metrics"]
    assert kept["headline"].startswith(f"Test rows, the figures to believe: {of_test['headline']}")
    for text in (summary(run, run.state()), shown(run, "show", capsys=capsys)):
        assert text.index("test_rmse") < text.index("\n  rmse")
    for text in (shown(run, "report", capsys=capsys), model_card(run), (run.report_folder / "report.md").read_text()):
        assert text.index("test (28 rows)") < text.index("validation (20 rows)")
    assert next(iter(report(run).metrics)) == "test_loss"


def test_measuring_again_keeps_the_warning_and_the_figures(run: RunFolder) -> None:
    before = json.loads((run.report_folder / "metrics.json").read_bytes())
    measure(run)
    after = json.loads((run.report_folder / "metrics.json").read_bytes())
    assert after["warnings"] == before["warnings"]
    assert after["test"]["metrics"] == pytest.approx(before["test"]["metrics"])


def test_what_the_rows_make_doubtful_is_found_once_for_the_same_data(run: RunFolder, workers: ForkServer) -> None:
    job = run.path.parents[2] / "a.job.yaml"
    kept = list((job.parent / ".tunesmith" / "cache").glob("*.doubts.json"))
    assert len(kept) == 1
    kept[0].write_text('[["data.made-up", "kept from before"]]')
    again = workers.finish(new_run(job))
    assert "kept from before" in json.loads((again.report_folder / "metrics.json").read_bytes())["warnings"]


def test_a_run_refuses_what_check_refuses(tmp_path: Path, workers: ForkServer) -> None:
    (tmp_path / "rows.csv").write_text("text,label\n" + "".join(f"text {row},only\n" for row in range(20)))
    made = new_run(write_job(tmp_path, "train: rows.csv"))
    assert workers.run(made).status != 0
    assert "at least two different labels" in made.state().message


def test_a_metric_that_is_never_a_number_is_said_at_the_stop_and_beside_the_figures(
    tmp_path: Path, workers: ForkServer
) -> None:
    rows = np.random.default_rng(1).normal(size=(40, 3))
    table(tmp_path / "train.csv", rows)
    rows[:, 2] = 1.0  # equal targets have no R2
    table(tmp_path / "held.csv", rows[:10])
    (tmp_path / "net.py").write_text(NET)
    data = "train: train.csv, validation: held.csv, columns: [a, b], target: y"
    more = "training: {epochs: 5, batch_size: 16}\nevaluation: {metric: r2, patience: 2}\n"
    made = workers.finish(new_run(write_job(tmp_path, data, task="regression", model="net:net", more=more)))
    (stop,) = [event for event in made.events() if event["kind"] == "early-stop"]
    assert stop["message"] == "r2 was not a number in 2 evaluations, so there is no best checkpoint"
    assert made.state().best is None
    assert "r2 was not a number in any evaluation" in (made.report_folder / "report.md").read_text()
