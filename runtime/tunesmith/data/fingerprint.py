"""What data was used, as a checksum of its content."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tunesmith.data.rows import Rows
from tunesmith.files import write_json

SETTLED_S = 2.0
"""A file changed more recently may change again within its time stamp's tick: its checksum is not remembered."""

AT_ONCE = 4096
"""Texts that are taken into a checksum together."""


class Fingerprints:
    """SHA-256 of files and folders. With `memory`, a JSON file, those of unchanged files are remembered there; `save`
    writes it.

    Unchanged are a file's size, both its times and its place on the disk. A program that puts another content there
    and sets the time of change back (rsync, tar) sets neither the other time nor, mostly, the place.
    """

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
            total.update(
                f"{file.relative_to(path).as_posix()}\0{self._of_file(file)}\n".encode("utf-8", "surrogateescape")
            )
        return total.hexdigest()

    def of_image(self, path: str) -> str:
        """The checksum of a picture's file, or of the path alone where none can be read there."""
        try:
            return self._of_file(Path(path))
        except (OSError, ValueError):
            return hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()

    def of_all(self, files: Sequence[Path]) -> str:
        """The checksum of several files in this order."""
        total = hashlib.sha256()
        for file in files:
            total.update(f"{file.name}\0{self.of(file)}\n".encode())
        return total.hexdigest()

    def save(self) -> None:
        """Write the memory. Where that cannot be, the files are read again next time."""
        if self._memory is not None and self._changed:
            with suppress(OSError):
                self._memory.parent.mkdir(parents=True, exist_ok=True)
                write_json(self._memory, self._known)
            self._changed = False

    def _of_file(self, path: Path) -> str:
        status = path.stat()
        stamp = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
        known = self._known.get(str(path))
        if isinstance(known, list) and known[:-1] == stamp:
            return str(known[-1])
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        if abs(time.time() - max(status.st_mtime, status.st_ctime)) > SETTLED_S:
            self._known[str(path)] = [*stamp, digest.hexdigest()]
            self._changed = True
        return digest.hexdigest()


def rows_digest(rows: Rows, prints: Fingerprints | None = None) -> str:
    """A checksum of the rows' values, by role and in order: what a cache of anything made from them is keyed by.

    Texts under the role `image` that name files count as what is in the files, by `prints`.
    """
    prints = prints or Fingerprints()
    digest = hashlib.sha256(str(len(rows)).encode())
    for role, values in sorted(rows.columns.items()):
        digest.update(f"\0{role}\0".encode())
        if all(type(value) is str for value in values):
            texts = [prints.of_image(value) for value in values] if role == "image" else values
            digest.update(b"[")
            for begin in range(0, len(texts), AT_ONCE):
                lengths = json.dumps([len(text) for text in texts[begin : begin + AT_ONCE]])[1:-1]
                digest.update(f"{', ' if begin else ''}{lengths}".encode())
            digest.update(b"]")
            for begin in range(0, len(texts), AT_ONCE):
                digest.update("".join(texts[begin : begin + AT_ONCE]).encode("utf-8", "surrogatepass"))
        else:
            _update(digest, values)
    return digest.hexdigest()


def _update(digest: Any, values: Sequence[Any]) -> None:
    for value in values:
        try:
            content = json.dumps(value, sort_keys=True).encode()
            kind = "json"
        except (TypeError, ValueError):
            content, kind = bytes_of(value), type(value).__name__
        digest.update(f"{kind}:{len(content)}:".encode() + content)


def bytes_of(value: Any) -> bytes:
    """What a cell that JSON has no form for is made of: bytes, or an array's or picture's numbers with its shape."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    # arrays and images; of an array of objects it would be their addresses
    if hasattr(value, "tobytes") and not getattr(getattr(value, "dtype", None), "hasobject", False):
        shape = getattr(value, "shape", getattr(value, "size", ""))
        return f"{shape}{getattr(value, 'dtype', getattr(value, 'mode', ''))}".encode() + bytes(value.tobytes())
    import pickle

    return pickle.dumps(value, protocol=4)
