"""What data was used, as a checksum of its content."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tunesmith.data.rows import Rows
from tunesmith.files import write_json

SETTLED_S = 2.0
"""A file changed more recently may change again within its time stamp's tick: its checksum is not remembered."""


class Fingerprints:
    """SHA-256 of files and folders. With `memory`, a JSON file, those of unchanged files (path, size and time of
    change) are remembered there; `save` writes it."""

    def __init__(self, memory: Path | None = None) -> None:
        self._memory = memory
        self._known: dict[str, list[Any]] = {}
        self._changed = False
        if memory is not None:
            try:
                self._known = dict(json.loads(memory.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                self._known = {}  # none yet, or damaged: they are computed anew

    def of(self, path: Path) -> str:
        """The checksum of a file, or of a folder's files with their names."""
        if not path.is_dir():
            return self._of_file(path)
        total = hashlib.sha256()
        for file in sorted(item for item in path.rglob("*") if item.is_file()):
            total.update(f"{file.relative_to(path).as_posix()}\0{self._of_file(file)}\n".encode())
        return total.hexdigest()

    def save(self) -> None:
        if self._memory is not None and self._changed:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            write_json(self._memory, self._known)
            self._changed = False

    def _of_file(self, path: Path) -> str:
        status = path.stat()
        stamp = [status.st_size, status.st_mtime_ns]
        known = self._known.get(str(path))
        if isinstance(known, list) and known[:2] == stamp and len(known) == 3:
            return str(known[2])
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        if abs(time.time() - status.st_mtime) > SETTLED_S:
            self._known[str(path)] = [*stamp, digest.hexdigest()]
            self._changed = True
        return digest.hexdigest()


def rows_digest(rows: Rows) -> str:
    """A checksum of the rows' values, by role and in order: what a cache of anything made from them is keyed by.

    Texts under the role `image` that name files count with the file's size and time of change.
    """
    digest = hashlib.sha256(str(len(rows)).encode())
    for role, values in sorted(rows.columns.items()):
        digest.update(f"\0{role}\0".encode())
        if all(type(value) is str for value in values):
            digest.update(json.dumps([len(value) for value in values]).encode())
            digest.update("".join(values).encode("utf-8", "surrogatepass"))
            if role == "image":
                digest.update(json.dumps([_stamp(value) for value in values]).encode())
        else:
            _update(digest, values)
    return digest.hexdigest()


def _stamp(path: str) -> list[int]:
    try:
        status = os.stat(path)  # noqa: PTH116 - a call a row
    except (OSError, ValueError):
        return []
    return [status.st_size, status.st_mtime_ns]


def _update(digest: Any, values: Sequence[Any]) -> None:
    for value in values:
        try:
            content = json.dumps(value, sort_keys=True).encode()
            kind = "json"
        except (TypeError, ValueError):
            content, kind = _bytes(value), type(value).__name__
        digest.update(f"{kind}:{len(content)}:".encode() + content)


def _bytes(value: Any) -> bytes:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if hasattr(value, "tobytes"):  # arrays and images
        shape = getattr(value, "shape", getattr(value, "size", ""))
        return f"{shape}{getattr(value, 'dtype', getattr(value, 'mode', ''))}".encode() + bytes(value.tobytes())
    return pickle.dumps(value, protocol=4)
