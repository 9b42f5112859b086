"""Damaged files are found, named and stepped over."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from real_workers import ForkServer, new_run, outcome
from support import write_text_job
from tunesmith.cli import main
from tunesmith.errors import TunesmithError
from tunesmith.runs.damage import problems_of
from tunesmith.runs.folder import RunFolder
from tunesmith.server.messages.report import report
from tunesmith.server.messages.run_details import compare, detail, events_of
from tunesmith.use.card import model_card
from tunesmith.use.load import load_run

RHYTHM = (
    "training: {epochs: 1, batch_size: 16, learning_rate: 0.001, max_steps: 20}",
    "evaluation: {every: 10 steps}",
    "checkpoints: {every: 5 steps, keep: 3}",
)


@pytest.fixture(scope="module")
def whole(
    workers: ForkServer, library_csv: Path, tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory
) -> RunFolder:
    """A run that ended well, with its report."""
    return workers.finish(new_run(write_text_job(tmp_path_factory.mktemp("whole"), library_csv, tiny_bert, *RHYTHM)))


@pytest.fixture(scope="module")
def expected(whole: RunFolder) -> dict[str, object]:
    return outcome(whole)


@pytest.fixture(scope="module")
def killed(
    workers: ForkServer, library_csv: Path, tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory
) -> RunFolder:
    """A run that was killed after its second checkpoint."""
    run = new_run(write_text_job(tmp_path_factory.mktemp("killed"), library_csv, tiny_bert, *RHYTHM))
    number = 40
    while len(run.checkpoints()) < 2:
        assert workers.run(run, kill_at=number).killed, run.log_file.read_text()
        number += 10
    return run


@pytest.fixture
def cut(killed: RunFolder, tmp_path: Path) -> RunFolder:
    """A copy of that run, in a copy of its project, to be damaged."""
    project = killed.path.parents[2]
    shutil.copytree(project, tmp_path / "project")
    return RunFolder(tmp_path / "project" / killed.path.relative_to(project))


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

    workers.finish(cut)

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
    assert [problem.code for problem in problems_of(cut)] == ["run.damaged-state"]
    workers.finish(cut)
    assert cut.state().status == "finished"
    assert outcome(cut) == expected


@pytest.mark.parametrize("harm", [truncate, flip])
def test_damaged_series_is_named_and_made_again_from_the_checkpoint(
    harm: Callable[[Path], None], cut: RunFolder, workers: ForkServer
) -> None:
    harm(cut.series_file("loss"))
    workers.finish(cut)
    assert json.loads(cut.state_file.read_text())["status"] == "finished"


# --- one flipped byte in any file: whoever reads it says the same as before, or names it

UNGUARDED = ("log.txt", "lock", ".reserve", "step-10.keep")
FLIPS = 1


def as_plain(found: Any) -> str:
    return json.dumps(found, default=repr, sort_keys=True)


def answers(run: RunFolder) -> dict[str, Callable[[], str]]:
    """Every reader of a finished run; each gives a text, and raises nothing but errors of ours."""

    def loaded() -> str:
        found = load_run(run)
        values = {name: float(value.double().sum()) for name, value in found.model.module.state_dict().items()}
        return as_plain([found.facts, found.job, found.checkpoint.name, values, found.notes])

    return {
        "detail": lambda: as_plain(detail(run, position=None)),
        "events": lambda: as_plain([events_of(run), problems_of(run)]),
        "report": lambda: as_plain(report(run)),
        "compare": lambda: as_plain([compare([run, run]).metrics, problems_of(run)]),
        "card": lambda: model_card(run),
        "load": loaded,
    }


COMMANDS = (["show"], ["report"], ["log", "--json"])


def test_a_flipped_byte_in_any_file_is_named_or_changes_nothing(
    whole: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder(shutil.copytree(whole.path, tmp_path / ".tunesmith" / "runs" / whole.id))
    chosen = random.Random(0)
    readers = answers(run)
    before = {name: read() for name, read in readers.items()}
    printed = {" ".join(words): told(run, words, capsys) for words in COMMANDS}
    files = sorted(file for file in run.path.rglob("*") if file.is_file() and file.stat().st_size)
    silent: list[str] = []
    for file in files:
        if file.name in UNGUARDED:
            continue
        content = file.read_bytes()
        for _ in range(FLIPS):
            flipped = bytearray(content)
            place = chosen.randrange(len(content))
            flipped[place] ^= 1 << chosen.randrange(8)
            file.write_bytes(bytes(flipped))
            # The model is not loaded again for what has nothing to do with it.
            asked = readers.keys() - ({"load"} if file.parent.name in ("report", "series") else set())
            after = {name: tried(readers[name]) for name in asked}
            after |= {" ".join(words): told(run, words, capsys) for words in COMMANDS}
            for name, found in after.items():
                good = (before | printed)[name]
                if found != good and not (names(found, file) and found.count("damaged") > good.count("damaged")):
                    silent.append(f"{name} after byte {place} of {file.relative_to(run.path)}: {found[:300]}")
        file.write_bytes(content)
    assert silent == []


def tried(read: Callable[[], str]) -> str:
    try:
        return read()
    except TunesmithError as error:
        return str(error)


def told(run: RunFolder, words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    name, *others = words
    project = ["--project", str(run.path.parents[2])]
    main([name, run.id, *others, *project])
    found = capsys.readouterr()
    return found.out + found.err


def names(found: str, file: Path) -> bool:
    """A checkpoint is named as a whole, a series by its name."""
    part = file.parent.name if file.parent.name.startswith("step-") else file.stem
    return file.name in found or part in found


def test_damaged_facts_are_written_anew_and_other_damage_ends_a_resume_by_name(
    cut: RunFolder, workers: ForkServer, expected: dict[str, object]
) -> None:
    for name in ("environment.json", "job.yaml"):
        good = (cut.path / name).read_bytes()
        flip(cut.path / name)
        assert workers.run(cut).status == 1
        state = cut.state()
        assert (state.status, state.extra["error"]) == ("failed", "run.damaged-file")
        assert name in state.message
        (cut.path / name).write_bytes(good)
    good = (cut.path / "facts.json").read_bytes()
    flip(cut.path / "facts.json")
    workers.finish(cut)
    assert "run.damaged-facts" in [event.get("code") for event in cut.events() if event["kind"] == "warning"]
    assert (cut.path / "facts.json").read_bytes() == good
    assert outcome(cut) == expected


def test_a_damaged_entry_of_a_manifest_makes_that_checkpoint_none(
    cut: RunFolder, workers: ForkServer, expected: dict[str, object]
) -> None:
    newest, before = cut.checkpoints()[:2]
    manifest = newest / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"sha256"', b'"sha!256"', 1))
    workers.finish(cut)
    (warning,) = [event for event in cut.events() if event.get("code") == "run.damaged-checkpoint"]
    assert str(newest) in warning["message"]
    assert [event["step"] for event in cut.events() if event["kind"] == "resumed"][-1] == int(before.name[5:])
    assert outcome(cut) == expected
