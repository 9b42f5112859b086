"""What may lie where a file is looked for; each function makes one of them at a path."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def pipe(path: Path) -> None:
    """Whoever opens it waits for ever."""
    os.mkfifo(path)


def device(path: Path) -> None:
    """Whoever reads it reads without end."""
    path.symlink_to("/dev/zero")


def bound_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def folder(path: Path) -> None:
    path.mkdir()


def circle(path: Path) -> None:
    path.symlink_to(path)


def nothing(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


def holes(path: Path) -> None:
    """Four terabytes that take no room."""
    with path.open("wb") as file:
        file.truncate(1 << 42)
