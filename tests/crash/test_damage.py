"""Damaged files are found, named and stepped over."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from real_workers import ForkServer, new_run, outcome
from support import write_text_job
from tunesmith.runs.folder import RunFolder

RHYTHM = (
    "training: {epochs: 1, batch_size: 16, learning_rate: 0.001, max_steps: 20}",
    "evaluation: {every: 10 steps}",
    "checkpoints: {every: 5 steps, keep: 3}",
)


@pytest.fixture(scope="module")
def expected(
    workers: ForkServer, library_csv: Path, tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, object]:
    run = new_run(write_text_job(tmp_path_factory.mktemp("whole"), library_csv, tiny_bert, *RHYTHM))
    assert workers.run(run).status == 0, run.log_file.read_text()
    return outcome(run)


@pytest.fixture
def cut(workers: ForkServer, library_csv: Path, tiny_bert: Path, tmp_path: Path) -> RunFolder:
    """A run that was killed after its second checkpoint."""
    run = new_run(write_text_job(tmp_path, library_csv, tiny_bert, *RHYTHM))
    number = 40
    while len(run.checkpoints()) < 2:
        assert workers.run(run, kill_at=number).killed, run.log_file.read_text()
        number += 10
    return run


def truncate(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("harm", [truncate, flip])
@pytest.mark.parametrize("file", ["model.safetensors", "optimizer.safetensors", "state.json", "manifest.json"])
def test_damaged_newest_checkpoint_is_named_and_the_one_before_is_used(
    harm: Callable[[Path], None],
    file: str,
    cut: RunFolder,
    workers: ForkServer,
    expected: dict[str, object],
) -> None:
    newest, before = cut.checkpoints()[:2]
    harm(newest / file)

    assert workers.run(cut).status == 0, cut.log_file.read_text()

    warnings = [event for event in cut.events() if event.get("code") == "run.damaged-checkpoint"]
    assert warnings, "the damage was not told"
    assert str(newest) in warnings[0]["message"]
    resumed = [event["step"] for event in cut.events() if event["kind"] == "resumed"]
    assert resumed[-1] == int(before.name[5:])
    assert outcome(cut) == expected


def test_damaged_state_is_named_and_the_run_goes_on(
    cut: RunFolder, workers: ForkServer, expected: dict[str, object]
) -> None:
    flip(cut.state_file)
    assert [problem.code for problem in cut.problems()] == ["run.damaged-state"]
    assert workers.run(cut).status == 0, cut.log_file.read_text()
    assert cut.state().status == "finished"
    assert outcome(cut) == expected


@pytest.mark.parametrize("harm", [truncate, flip])
def test_damaged_series_is_named_and_made_again_from_the_checkpoint(
    harm: Callable[[Path], None], cut: RunFolder, workers: ForkServer
) -> None:
    harm(cut.series_file("loss"))
    assert workers.run(cut).status == 0, cut.log_file.read_text()
    assert json.loads(cut.state_file.read_text())["status"] == "finished"
