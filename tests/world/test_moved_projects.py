"""A project may be renamed, moved or copied: its runs go on from where they lie now, or say what is missing."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from real_workers import ForkServer, new_run, outcome, rewind
from support import tunesmith, write_digits_job
from tunesmith.catalog import Catalog
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.frozen import read_frozen
from tunesmith.use.load import load_run

RHYTHM = ("training: {max_steps: 6, batch_size: 16, learning_rate: 0.001}", "checkpoints: {every: 2 steps, keep: 9}")


@pytest.fixture
def made(workers: ForkServer, tmp_path: Path) -> RunFolder:
    """A finished run in the project `old`."""
    (tmp_path / "old").mkdir()
    return workers.finish(new_run(write_digits_job(tmp_path / "old", *RHYTHM)))


def test_a_renamed_project_resumes_and_answers(made: RunFolder, workers: ForkServer, tmp_path: Path) -> None:
    before = outcome(made)
    (tmp_path / "old").rename(tmp_path / "new")
    run = RunFolder(tmp_path / "new" / ".tunesmith" / "runs" / made.id)
    sys.modules.pop("perceptron", None)  # this process may have imported another project's
    load_run(run)
    rewind(run)
    workers.finish(run)
    assert outcome(run) == before
    assert not (tmp_path / "old").exists()


def test_a_copied_project_uses_its_own_files(made: RunFolder, tmp_path: Path) -> None:
    shutil.copytree(tmp_path / "old", tmp_path / "copy")
    run = RunFolder(tmp_path / "copy" / ".tunesmith" / "runs" / made.id)
    assert read_frozen(run, Catalog()).folder == tmp_path / "copy"
    assert read_frozen(made, Catalog()).folder == tmp_path / "old"


def test_a_run_whose_job_names_a_folder_that_is_gone_looks_beside_it(made: RunFolder, tmp_path: Path) -> None:
    text = made.job_text()
    made.write_job(text.replace("folder: ../../..", "folder: /no/such/project"))
    assert read_frozen(made, Catalog()).folder == tmp_path / "old"


def test_a_run_without_its_project_says_so_and_makes_nothing(
    made: RunFolder, workers: ForkServer, tmp_path: Path
) -> None:
    project = (tmp_path / "old").resolve()
    text = made.job_text()
    made.write_job(text.replace("folder: ../../..", f"folder: {project}"))
    rewind(made)
    shutil.copytree(made.path, tmp_path / "backup" / made.id)
    shutil.rmtree(project)
    run = RunFolder(tmp_path / "backup" / made.id)
    exported = tunesmith("export", str(run.path), "--to", "out", cwd=tmp_path)
    assert exported.returncode != 0
    assert "run.project-moved" in exported.stderr, exported.stderr
    assert "Traceback" not in exported.stderr
    assert workers.run(run).status == 1
    assert run.state().extra.get("error") == "run.project-moved"
    assert str(project) in run.state().message
    assert not project.exists()
