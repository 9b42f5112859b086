"""The feature cache: what a task made of its rows, by the content of all that went into it, memory-mapped.

CACHE/KEYHASH/manifest.json    the key, each array's file, type, shape, size and checksum; and its own checksum
              0.npy ...        plain arrays; two files (values, offsets) for a Ragged

An entry appears by rename, whole or not at all. Two processes may build the same one: the first to finish wins, the
other drops its own and opens the winner's. An entry that does not fit its manifest is put aside and built again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from tunesmith.data.features import Features, Ragged
from tunesmith.errors import Place, TunesmithError
from tunesmith.files import folder_atomic, remove_stale, write_json

FORMAT = 1
FULL_CHECK_BYTES = 64 << 20
"""Files up to this size are read whole when opened; larger ones are checked by size and header only."""
ATTEMPTS = 3


class _DamagedError(Exception):
    """An entry that does not fit its manifest."""


def cached(folder: Path, key: Mapping[str, Any], build: Callable[[], Features]) -> Features:
    """The features for `key` (JSON values; everything that decides them), from the cache `folder` or made by `build`.

    The arrays are read-only views of mapped files. Raises data.cache-damaged where what was just written reads back
    different, and OSError where the disk is full.
    """
    entry = folder / entry_name(key)
    for attempt in range(ATTEMPTS):
        if entry.exists():
            try:
                return _open(entry)
            except (_DamagedError, OSError, ValueError, KeyError, TypeError):
                _put_aside(entry)
        if attempt == 0:
            folder.mkdir(parents=True, exist_ok=True)
            remove_stale(folder)
        features = build()
        with folder_atomic(entry) as temporary:
            _write(temporary, key, features)
        del features  # the mapped copy takes its place
    try:
        return _open(entry)
    except (_DamagedError, OSError, ValueError, KeyError, TypeError) as error:
        raise TunesmithError(
            "data.cache-damaged",
            "the feature cache reads back different from what was written",
            place=Place(file=entry),
            found=str(error),
            hint="check the disk; the cache folder may be deleted at any time",
        ) from error


def entry_name(key: Mapping[str, Any]) -> str:
    """The folder name of the entry for `key`: 32 hexadecimal digits."""
    return _digest(_canonical({"format": FORMAT, "key": key}), size=16)


def trim(folder: Path, *, limit_bytes: int) -> list[str]:
    """Remove the entries that were not used for longest until the cache is within `limit_bytes`; gives their names.

    Entries that a process has mapped stay readable to it (where the system lets go of names: not on Windows).
    """
    found = sorted(_size_and_use(manifest.parent) for manifest in folder.glob("*/manifest.json"))
    total = sum(size for _, _, size in found)
    removed = []
    for _, entry, size in found:
        if total <= limit_bytes:
            break
        _put_aside(entry)
        removed.append(entry.name)
        total -= size
    return removed


def _size_and_use(entry: Path) -> tuple[float, Path, int]:
    """When it was last used, the entry, its bytes; zeros for one that vanishes meanwhile."""
    try:
        size = sum(file.stat().st_size for file in entry.iterdir())
        return (entry / "manifest.json").stat().st_mtime, entry, size
    except OSError:
        return 0.0, entry, 0


def _put_aside(entry: Path) -> None:
    """Take the entry's name away at once, so that nobody opens half of it, then delete it."""
    aside = entry.with_name(f".{entry.name}.{uuid4().hex}.tmp")
    try:
        entry.rename(aside)
    except FileNotFoundError:  # another process was faster
        return
    shutil.rmtree(aside, ignore_errors=True)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def _digest(content: bytes, *, size: int = 32) -> str:
    return hashlib.blake2b(content, digest_size=size).hexdigest()


def _file_digest(path: Path) -> str:
    digest = hashlib.blake2b(digest_size=32)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _write(folder: Path, key: Mapping[str, Any], features: Features) -> None:
    files: list[dict[str, Any]] = []

    def save(array: NDArray[Any]) -> int:
        path = folder / f"{len(files)}.npy"
        np.save(path, np.ascontiguousarray(array), allow_pickle=False)
        files.append(
            {
                "name": path.name,
                "bytes": path.stat().st_size,
                "dtype": array.dtype.str,
                "shape": list(array.shape),
                "blake2b": _file_digest(path),
            }
        )
        return len(files) - 1

    named: dict[str, list[int]] = {}
    for name, value in features.items():
        arrays = (value.values, value.offsets) if isinstance(value, Ragged) else (value,)
        named[name] = [save(array) for array in arrays]
    manifest = {"format": FORMAT, "key": dict(key), "features": named, "files": files}
    write_json(folder / "manifest.json", {**manifest, "blake2b": _digest(_canonical(_plain(manifest)))})


def _plain(value: Any) -> Any:
    """As JSON gives it back (tuples are lists)."""
    return json.loads(json.dumps(value))


def _open(entry: Path) -> Features:
    path = entry / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    checksum = manifest.pop("blake2b")
    if checksum != _digest(_canonical(manifest)) or manifest["format"] != FORMAT:
        raise _DamagedError("the manifest fails its checksum")
    arrays = [_open_array(entry / file["name"], file) for file in manifest["files"]]
    _touch(path)
    return {
        name: Ragged(arrays[parts[0]], arrays[parts[1]]) if len(parts) == 2 else arrays[parts[0]]
        for name, parts in manifest["features"].items()
    }


def _open_array(path: Path, expected: Mapping[str, Any]) -> NDArray[Any]:
    if path.stat().st_size != expected["bytes"]:
        raise _DamagedError(f"{path.name} has {path.stat().st_size} bytes, not {expected['bytes']}")
    if expected["bytes"] <= FULL_CHECK_BYTES and _file_digest(path) != expected["blake2b"]:
        raise _DamagedError(f"{path.name} fails its checksum")
    mapped = 0 not in expected["shape"]  # nothing cannot be mapped
    array = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    if array.dtype.str != expected["dtype"] or list(array.shape) != expected["shape"]:
        raise _DamagedError(f"{path.name} holds another array")
    array.flags.writeable = False
    plain: NDArray[Any] = array.view(np.ndarray)  # indexing a memmap object costs more
    return plain


def _touch(manifest: Path) -> None:
    """Remember the use, for `trim`. A cache that may only be read serves all the same."""
    try:
        os.utime(manifest)
    except OSError:
        return
