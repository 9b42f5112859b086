"""The feature cache: what a task made of its rows, by the content of all that went into it, memory-mapped.

CACHE/KEYHASH/manifest.json    the key, each array's file, type, shape, size and checksum; and its own checksum
              0.npy ...        plain arrays; two files (values, offsets) for a Ragged

An entry appears by rename, whole or not at all. Two processes may build the same one: the first to finish wins, the
other drops its own and opens the winner's. An entry that does not fit its manifest is put aside and built again. Many
rows are made in parts, each of them an entry until they are joined.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from tunesmith.data.features import Features, Ragged
from tunesmith.errors import Place, TunesmithError
from tunesmith.files import beside, folder_atomic, remove_stale, write_json

FORMAT = 1
FEW_ROWS = 16_384
"""Rows that are made at once; more are made in parts of at most so many."""
FIRST_ROWS = 1024
PART_BYTES = 16 << 20
"""Roughly what a part takes; the first one tells how many rows that are."""
FULL_CHECK_BYTES = 64 << 20
"""Files up to this size are read whole when opened; larger ones are checked by size and header only."""
ATTEMPTS = 3


Made = TypeVar("Made")
LeftOut: TypeAlias = "Callable[[str, Features], Ragged | NDArray[Any]]"


class _DamagedError(Exception):
    """An entry that does not fit its manifest."""


def cached(folder: Path, key: Mapping[str, Any], build: Callable[[], Features]) -> Features:
    """The features for `key` (JSON values; everything that decides them), from the cache `folder` or made by `build`.

    The arrays are read-only views of mapped files. Raises data.cache-damaged where what was just written reads back
    different, and OSError where the disk is full.
    """
    return _kept(folder, key, build, lambda temporary, features: _write(temporary, key, features))


def cached_in_parts(
    folder: Path,
    key: Mapping[str, Any],
    count: int,
    build: Callable[[int, int], Features],
    *,
    left_out: LeftOut,
    made: Callable[[int], None] = lambda rows: None,
) -> Features:
    """As `cached`, of `count` rows, of which `build(begin, end)` makes some: many rows are never in memory at once.

    What was made before the process ended is not made again. `left_out(name, features)` gives what `build` leaves out
    of rows of which a feature says nothing, where others have it. `made` is called with the rows that there are so far,
    whenever some were made, and when all are there.
    """
    if count <= FEW_ROWS:
        return cached(folder, key, lambda: build(0, count))
    parts: list[Path] = []

    def make() -> list[Path]:
        begin, size = 0, FIRST_ROWS
        while begin < count:
            own = {"part of": dict(key), "from": begin}
            end = min(begin + size, count)
            is_there = (folder / entry_name(own)).exists()
            features = cached(folder, own, partial(build, begin, end))
            size = max(1, min(FEW_ROWS, (end - begin) * PART_BYTES // max(_bytes(features), 1)))
            parts.append(folder / entry_name(own))
            begin = end
            if not is_there or begin == count:
                made(begin)
        return parts

    features = _kept(folder, key, make, lambda temporary, parts: _join(temporary, key, parts, left_out))
    for part in parts:
        _put_aside(part)
    return features


def _kept(
    folder: Path, key: Mapping[str, Any], make: Callable[[], Made], write: Callable[[Path, Made], None]
) -> Features:
    """The features for `key` from the cache, or as `write` puts what `make` has made into a folder."""
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
        made = make()
        with folder_atomic(entry) as temporary:
            write(temporary, made)
        del made  # the mapped copy takes its place
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
    aside = beside(entry, "tmp")
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
    writing = _Writing(folder)
    for name, value in features.items():
        arrays = (value.values, value.offsets) if isinstance(value, Ragged) else (value,)
        writing.add(name, [(array.dtype, array.shape, [array]) for array in arrays])
    writing.finish(key)


Content = tuple[np.dtype[Any], tuple[int, ...], Iterable[NDArray[Any]]]
"""An array's type and shape, and the pieces that it is made of, one behind the other."""


class _Writing:
    """An entry in the making."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[dict[str, Any]] = []
        self._features: dict[str, list[int]] = {}

    def add(self, name: str, arrays: Sequence[Content]) -> None:
        """A feature: one array, or the two of a Ragged."""
        self._features[name] = [self._save(*content) for content in arrays]

    def finish(self, key: Mapping[str, Any]) -> None:
        """Write what is there."""
        manifest = {"format": FORMAT, "key": dict(key), "features": self._features, "files": self._files}
        digest = _digest(_canonical(_plain(manifest)))
        write_json(self._folder / "manifest.json", {**manifest, "blake2b": digest})

    def _save(self, kind: np.dtype[Any], shape: tuple[int, ...], pieces: Iterable[NDArray[Any]]) -> int:
        if kind.hasobject:
            raise ValueError("Object arrays cannot be kept")
        path = self._folder / f"{len(self._files)}.npy"
        header = io.BytesIO()
        described = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(header, described)
        digest = hashlib.blake2b(header.getvalue(), digest_size=32)
        with path.open("wb") as file:
            file.write(header.getvalue())
            for piece in pieces:
                content = np.ascontiguousarray(piece, kind).reshape(-1).view(np.uint8).data
                file.write(content)
                digest.update(content)
        about = {"dtype": kind.str, "shape": list(shape), "blake2b": digest.hexdigest()}
        self._files.append({"name": path.name, "bytes": path.stat().st_size, **about})
        return len(self._files) - 1


def _join(folder: Path, key: Mapping[str, Any], parts: Sequence[Path], left_out: LeftOut) -> None:
    """Write the parts one behind the other, with one of them open at a time."""

    def each(name: str) -> Iterator[Ragged | NDArray[Any]]:
        for part in parts:
            features = _open(part, whole=False)  # they were looked at when they were made
            yield features[name] if name in features else left_out(name, features)

    def values(name: str) -> Iterator[NDArray[Any]]:
        return (value.values if isinstance(value, Ragged) else value for value in each(name))

    def offsets(name: str) -> Iterator[NDArray[Any]]:
        begin = 0
        yield np.zeros(1, np.int64)
        for value in each(name):
            assert isinstance(value, Ragged)
            yield value.offsets[1:] + begin
            begin += int(value.offsets[-1])

    writing = _Writing(folder)
    fullest = max((_open(part, whole=False) for part in parts), key=len)
    for name, some in fullest.items():
        first = some.values if isinstance(some, Ragged) else some
        size = sum(map(len, values(name)))
        arrays: list[Content] = [(first.dtype, (size, *first.shape[1:]), values(name))]
        if isinstance(some, Ragged):
            arrays.append((np.dtype(np.int64), (1 + sum(map(len, each(name))),), offsets(name)))
        writing.add(name, arrays)
    writing.finish(key)


def _bytes(features: Features) -> int:
    arrays = (value.values if isinstance(value, Ragged) else value for value in features.values())
    return sum(array.nbytes for array in arrays)


def _plain(value: Any) -> Any:
    """As JSON gives it back (tuples are lists)."""
    return json.loads(json.dumps(value))


def _open(entry: Path, *, whole: bool = True) -> Features:
    """The features of an entry; `whole`: small files are read to see whether they are what was written."""
    path = entry / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    checksum = manifest.pop("blake2b")
    if checksum != _digest(_canonical(manifest)) or manifest["format"] != FORMAT:
        raise _DamagedError("the manifest fails its checksum")
    arrays = [_open_array(entry / file["name"], file, whole=whole) for file in manifest["files"]]
    _touch(path)
    return {
        name: Ragged(arrays[parts[0]], arrays[parts[1]]) if len(parts) == 2 else arrays[parts[0]]
        for name, parts in manifest["features"].items()
    }


def _open_array(path: Path, expected: Mapping[str, Any], *, whole: bool) -> NDArray[Any]:
    if path.stat().st_size != expected["bytes"]:
        raise _DamagedError(f"{path.name} has {path.stat().st_size} bytes, not {expected['bytes']}")
    if whole and expected["bytes"] <= FULL_CHECK_BYTES and _file_digest(path) != expected["blake2b"]:
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
