"""The commit of a project is read as git reads it, and nothing that its repository configures is run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tunesmith.worker.git_commit import commit_of

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="compares with git itself")


def git(folder: Path, *words: str) -> str:
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, env={**os.environ, **quiet}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "deep" / "er").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "a.txt").write_text("one\n", encoding="utf-8")
    git(folder, "add", "a.txt")
    git(folder, "commit", "-qm", "one")
    return folder


def packed(folder: Path) -> None:
    git(folder, "pack-refs", "--all")
    assert not (folder / ".git" / "refs" / "heads" / "main").exists()


def moved_on(folder: Path) -> None:
    """A loose reference is newer than the packed one."""
    packed(folder)
    git(folder, "commit", "-qm", "two", "--allow-empty")


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: None,
        packed,
        moved_on,
        lambda folder: git(folder, "checkout", "-q", "--detach"),
        lambda folder: git(folder, "checkout", "-q", "-b", "feature/with-slash"),
    ],
    ids=["loose", "packed", "moved on", "detached", "branch"],
)
def test_the_commit_is_the_one_that_git_tells(change, repository):
    change(repository)
    wanted = git(repository, "rev-parse", "HEAD")
    assert commit_of(repository) == wanted
    assert commit_of(repository / "deep" / "er") == wanted


def test_a_worktree_has_its_own_commit(repository, tmp_path):
    git(repository, "worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    git(tmp_path / "other", "commit", "-qm", "two", "--allow-empty")
    assert commit_of(tmp_path / "other") == git(tmp_path / "other", "rev-parse", "HEAD") != commit_of(repository)
    git(repository, "pack-refs", "--all")
    assert commit_of(tmp_path / "other") == git(tmp_path / "other", "rev-parse", "HEAD")


def test_a_repository_without_a_commit_or_with_odd_files_has_none(tmp_path):
    git(tmp_path, "init", "-q", "-b", "main")
    assert commit_of(tmp_path) is None
    head = tmp_path / ".git" / "HEAD"
    for text in ("", "ref: refs/../../secret", "ref: /etc/passwd", "secret", "ref: refs/heads/main\0x", "x" * 100_000):
        head.write_text(text, encoding="utf-8")
        assert commit_of(tmp_path) is None
    head.write_bytes(b"\xff\xfe")
    assert commit_of(tmp_path) is None


@pytest.mark.skipif(os.name == "nt", reason="links and pipes as POSIX knows them")
def test_links_and_pipes_in_a_repository_are_not_followed(tmp_path):
    (tmp_path / "secret").write_text("0" * 40, encoding="utf-8")
    git(tmp_path, "init", "-q", "-b", "main")
    branch = tmp_path / ".git" / "refs" / "heads" / "main"
    branch.symlink_to(tmp_path / "secret")
    assert commit_of(tmp_path) is None
    branch.unlink()
    os.mkfifo(branch)
    assert commit_of(tmp_path) is None
    shutil.rmtree(tmp_path / ".git")
    os.mkfifo(tmp_path / ".git")
    assert commit_of(tmp_path) is None


def test_a_folder_outside_of_any_repository_has_no_commit(tmp_path):
    with pytest.raises(subprocess.CalledProcessError, match="128"):  # else this folder is no test of that
        git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "project").mkdir()
    assert commit_of(tmp_path / "project") is None
