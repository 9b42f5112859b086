"""A run that is asked to stop while it evaluates leaves the evaluation out at the next batch, and makes up for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from real_workers import new_run, outcome
from support import write_job
from tunesmith.runs.folder import RunFolder
from tunesmith.worker.training import train

ROWS = [(f"take {word} and {other}", f"{other} and {word}") for word in ("one", "two", "six") for other in "abcdef"]
TRAINING = """
training: {epochs: 9, max_steps: 4, batch_size: 4, ema: 0.5}
evaluation: {every: 2 steps, batch_size: 3}
checkpoints: {every: 2 steps, keep: 9}
"""


class AskedAt:
    """Commands of which the `number`-th look finds one to stop; counts the looks."""

    def __init__(self, number: int) -> None:
        self.number, self.looks = number, 0

    def take(self) -> list[Mapping[str, Any]]:
        self.looks += 1
        return [{"command": "stop"}] if self.looks == self.number else []


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stopped")
    (folder / "d.csv").write_text("source,target\n" + "".join(f"{one},{other}\n" for one, other in ROWS))
    model = "{scratch: {layers: 1, width: 16, heads: 2, vocabulary: 300, window: 32, dropout: 0.1}}"
    data = "train: d.csv, validation: 30%, beams: 1, answered_rows: 3, max_target_length: 6"
    return write_job(folder, data, task="seq2seq", model=model, more=TRAINING)


def evaluations(run: RunFolder) -> list[tuple[int, dict[str, Any], bool]]:
    return [(each["step"], each["metrics"], each["best"]) for each in run.events() if each["kind"] == "evaluation"]


def test_a_stop_anywhere_in_an_evaluation_is_obeyed_at_once_and_changes_nothing(
    job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tunesmith.train.loop.POLL_S", 0.0)
    never = AskedAt(-1)
    whole = new_run(job)
    train(whole, never)
    assert len(evaluations(whole)) == 2
    while_evaluating = 0
    for number in range(2, never.looks + 1, 2):
        run, commands = new_run(job), AskedAt(number)
        train(run, commands)
        if run.state().status == "finished":  # the last looks were the report's
            continue
        assert run.state().status == "stopped"
        assert commands.looks <= number + 1, "only the writing of the checkpoint looks once more"
        step = run.state().step or 0
        while_evaluating += step in (2, 4) and step not in [each[0] for each in evaluations(run)]
        train(run, AskedAt(-1))
        assert run.state().status == "finished"
        assert outcome(run) == outcome(whole)
        assert evaluations(run) == evaluations(whole)
    assert while_evaluating >= 3, "batches of the loss and of the texts that are written"
