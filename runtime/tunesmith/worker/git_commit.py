"""The commit that a project stands on, from git's files alone.

The program `git` is not asked: it obeys the repository's own configuration, which names programs to run (fsmonitor,
filters, diff drivers, hooks), and a repository may lie in any folder that somebody sent.
"""

from __future__ import annotations

import re
from pathlib import Path

from tunesmith.files import read_regular

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REF = re.compile(r"ref: (refs/[^\s\\]+)")
_LINE = 4096
_PACKED = 64 << 20  # a million references


def commit_of(folder: Path) -> str | None:
    """The commit of HEAD in the repository around `folder`; None where there is none, or its files are not understood.

    Whether files have changed since is not known: only git with its filters can find out.
    """
    try:
        git = next((found for parent in (folder, *folder.parents) if (found := _git_folder(parent))), None)
        return _head(git) if git is not None else None
    except (OSError, ValueError):
        return None


def _git_folder(folder: Path) -> Path | None:
    git = folder / ".git"
    if git.is_dir():
        return git
    if not git.is_file():
        return None
    # A worktree or a submodule: the file names the folder.
    return folder / _line(git, inside=folder).removeprefix("gitdir: ")


def _head(git: Path) -> str | None:
    head = _line(git / "HEAD", inside=git)
    if _COMMIT.fullmatch(head):
        return head
    named = _REF.fullmatch(head)
    if named is None or ".." in named[1].split("/"):
        return None
    common = git / _line(git / "commondir", inside=git) if (git / "commondir").is_file() else git
    try:
        found = _line(common / named[1], inside=common)
    except FileNotFoundError:
        packed = read_regular(common / "packed-refs", most=_PACKED, inside=common).decode("utf-8", "replace")
        found = next((line[: -len(named[1]) - 1] for line in packed.splitlines() if line.endswith(f" {named[1]}")), "")
    return found if _COMMIT.fullmatch(found) else None


def _line(file: Path, *, inside: Path) -> str:
    return read_regular(file, most=_LINE, inside=inside).decode().strip()
