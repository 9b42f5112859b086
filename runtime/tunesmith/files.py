"""Paths as users write them; writing files so that no reader sees half of one, and no power cut leaves one.

Every file of a run goes through here. `tests/crash` counts these calls and kills the process at each of them.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4


def resolved(folder: Path, path: str) -> Path:
    """`path` as an absolute one: `~` is the user's home, a relative one starts from `folder`.

    A name such as `~.csv` or `~nobody`, for which there is no home, is taken as it stands.
    """
    return (folder / os.path.expanduser(path)).resolve()  # noqa: PTH111 - Path's own raises where there is no home


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable. A no-op where folders cannot be opened (Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make what was written to `path` durable."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def write_atomic(path: Path, content: bytes | str, *, durable: bool = True, private: bool = False) -> None:
    """Replace `path` by `content`: temporary file, fsync, rename, fsync of the folder. Text is UTF-8.

    Not `durable`: without the syncs, for what is written often and can be lost in a power cut (never seen by halves).
    `private`: only its owner can read it.
    """
    temporary = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
    try:
        if private:
            temporary.touch(mode=0o600)
        with temporary.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def write_json(path: Path, value: Any) -> None:
    """`value` as indented JSON with sorted keys kept as given; NaN and infinities travel as strings."""
    write_atomic(path, json.dumps(finite(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def finite(value: Any) -> Any:
    """`value` with every float that JSON cannot carry replaced by "NaN", "Infinity" or "-Infinity"."""
    if isinstance(value, float) and value - value != 0:
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value


@contextmanager
def folder_atomic(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target` that takes its name, all its files synced, when the block ends well.

    If `target` exists by then (another process was faster), the temporary folder is dropped and `target` stays.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{uuid4().hex}.tmp")
    temporary.mkdir()
    try:
        yield temporary
        for file in sorted(temporary.rglob("*")):
            if file.is_file():
                sync_file(file)
        for folder in sorted((item for item in temporary.rglob("*") if item.is_dir()), reverse=True):
            sync_folder(folder)
        sync_folder(temporary)
        try:
            temporary.rename(target)
        except OSError:
            if not target.exists():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    sync_folder(target.parent)
