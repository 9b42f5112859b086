"""What killed writers leave is swept: only what bears a name of ours, and only once nobody can be at it any more."""

from __future__ import annotations

import os
import time
from pathlib import Path
from uuid import uuid4

import pytest

from tunesmith.files import remove_stale
from tunesmith.runs.folder import create_run, runs_root
from tunesmith.runs.queue import RunQueue


def aged(path: Path, hours: float) -> Path:
    for item in (*path.rglob("*"), path) if path.is_dir() else (path,):
        os.utime(item, (time.time() - 3600 * hours,) * 2, follow_symlinks=False)
    return path


def temporary(folder: Path, name: str, hours: float, *, is_folder: bool = False) -> Path:
    path = folder / f".{name}.{uuid4().hex}.tmp"
    if is_folder:
        path.mkdir(parents=True)
        (path / "part").write_text("half")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
    return aged(path, hours)


def test_a_new_run_and_the_queue_sweep_what_was_left_beside_them(tmp_path):
    root = runs_root(tmp_path)
    old = temporary(root, "20260101-000000-a-0000", 48, is_folder=True)
    young = temporary(root, "20260101-000000-b-0000", 0, is_folder=True)
    left = temporary(root.parent, "queue.json", 48)
    run = create_run(root, "steps: 10\n")
    RunQueue(root).add(run)
    assert not old.exists()
    assert young.exists()
    assert not left.exists()


@pytest.mark.parametrize("name", [".secret.tmp", "a.tmp", ".tmp", f".a.{'0' * 31}.tmp", f"a.{'0' * 32}.tmp", ".git"])
def test_what_bears_no_name_of_ours_stays(name, tmp_path):
    path = tmp_path / name
    path.write_text("mine")
    remove_stale(tmp_path, older_s=-1)
    assert path.exists()


@pytest.mark.skipif(os.name == "nt", reason="links need a right on Windows")
def test_a_link_of_such_a_name_goes_and_what_it_leads_to_stays(tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "a").write_text("a")
    link = tmp_path / f".a.{uuid4().hex}.tmp"
    link.symlink_to(tmp_path / "precious")
    remove_stale(tmp_path, older_s=-1)
    assert not link.is_symlink()
    assert (tmp_path / "precious" / "a").exists()


def test_something_written_inside_a_moment_ago_keeps_the_whole(tmp_path):
    path = temporary(tmp_path, "a", 48, is_folder=True)
    (path / "new").write_text("just now")
    os.utime(path, (time.time() - 48 * 3600,) * 2)
    remove_stale(tmp_path)
    assert (path / "new").exists()
