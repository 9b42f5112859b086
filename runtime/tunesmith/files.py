"""Paths as users write them; opening files that others may have put there; writing files so that no reader sees half
of one, and no power cut leaves one.

Every file of a run goes through here. `tests/crash` counts these calls and kills the process at each of them.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
TEMPORARY = re.compile(r"\..+\.[0-9a-f]{32}\.(?:tmp|new)")
STALE_S = 24 * 3600.0
AT_ONCE = 1 << 14
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_OPENING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)  # a pipe never waits
_IN_FOLDER = os.open in os.supports_dir_fd and bool(_NO_LINK)


class OddFileError(OSError):
    """What stands there is no regular file, or larger than any of its kind: it was not read."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(errno.EINVAL, what, str(path))

    def __str__(self) -> str:
        return f"{self.filename} is {self.strerror}"


def resolved(folder: Path, path: str) -> Path:
    """`path` as an absolute one: `~` is the user's home (see `expanded`), a relative one starts from `folder`."""
    return real_path(folder / expanded(path))


def expanded(path: str) -> Path:
    """`path` with the user's home for `~`; a name such as `~.csv` or `~nobody`, which has no home, as it stands."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - Path's own raises where there is no home


def is_utf8(path: Path) -> bool:
    """Whether every name in `path` is UTF-8: on Linux, names are bytes of any kind."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def real_path(path: Path) -> Path:
    """`path` as an absolute one without links; one that leads round in a circle stays as far as it can be followed."""
    return Path(os.path.realpath(path))  # `Path.resolve` raises RuntimeError for a circle


def open_regular(path: Path, *, inside: Path | None = None, most: int | None = None, buffered: bool = True) -> BinaryIO:
    """The regular file `path`, opened to be read; it never waits for somebody who writes.

    `inside`: the folder that it must lie in; nothing behind that folder may be a link. Without it, links are followed.
    Raises OddFileError for a pipe, a device, a folder, a link that may not be followed, a file of more than `most`
    bytes, and OSError as `open` does.
    """
    handle = open_handle(path, os.O_RDONLY, inside=inside)
    if most is not None and os.fstat(handle).st_size > most:
        os.close(handle)
        raise _too_large(path, most)
    return os.fdopen(handle, "rb", buffering=-1 if buffered else 0)


def open_handle(path: Path, flags: int, *, inside: Path | None = None, mode: int = 0o644) -> int:
    """A handle of the regular file `path`, for `flags` and `mode` as `os.open` takes them; see `open_regular`."""
    try:
        if inside is None or not _IN_FOLDER:
            _refuse_links(path, inside)
            found = path.stat() if inside is None else path.lstat()
            _refuse_odd(path, found.st_mode)  # before it is opened: some devices act on that alone
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
    handle = _opened(path, flags | _OPENING, inside, mode)
    try:
        _refuse_odd(path, os.fstat(handle).st_mode)
    except OddFileError:
        os.close(handle)
        raise
    return handle


def _opened(path: Path, flags: int, inside: Path | None, mode: int) -> int:
    folder: int | None = None
    try:
        if inside is None or not _IN_FOLDER:
            return os.open(path, flags, mode)
        *folders, name = _way(path, inside)
        if not folders:
            return os.open(path, flags | _NO_LINK, mode)
        folder = open_folder(inside.joinpath(*folders), inside=inside)
        return os.open(name, flags | _NO_LINK, mode, dir_fd=folder)
    except OSError as error:
        if isinstance(error, OddFileError):
            raise
        what = _kind(path) if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR) else None
        if what is not None:
            raise OddFileError(path, f"{what}, not a file") from None
        error.filename = str(path)
        raise
    finally:
        if folder is not None:
            os.close(folder)


def open_folder(path: Path, *, inside: Path) -> int:
    """A handle of the folder `path` in or below `inside`, on the way to which nothing is a link.

    Raises OddFileError where something is, or is no folder. Not on Windows.
    """
    handle, way = os.open(inside, os.O_RDONLY | os.O_DIRECTORY | _OPENING), inside
    for name in _way(path, inside):
        above, way = handle, way / name
        try:
            handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | _NO_LINK | _OPENING, dir_fd=above)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR):
                raise OddFileError(way, f"{_kind(way) or 'a file'}, not a folder") from None
            error.filename = str(way)
            raise
        finally:
            os.close(above)
    return handle


def names_in(folder: Path, *, inside: Path) -> list[str]:
    """The names in a folder of `inside`, sorted; none where there is no such folder.

    Raises OddFileError where it, or a folder on the way to it, is a link or no folder.
    """
    try:
        if not _IN_FOLDER:
            _refuse_links(folder, inside)
            return sorted(os.listdir(folder))  # noqa: PTH208 - names alone
        handle = open_folder(folder, inside=inside)
        try:
            return sorted(os.listdir(handle))  # noqa: PTH208 - of a handle
        finally:
            os.close(handle)
    except FileNotFoundError:
        return []


def read_regular(path: Path, *, most: int, inside: Path | None = None) -> bytes:
    """What the regular file `path` holds, opened as `open_regular` does.

    Raises OddFileError where it holds more than `most` bytes.
    """
    handle = open_handle(path, os.O_RDONLY, inside=inside)
    try:
        content = os.read(handle, min(AT_ONCE, most + 1))  # of a thousand runs, no second call each
        if len(content) == AT_ONCE:
            with os.fdopen(handle, "rb", closefd=False) as file:
                content += file.read(most + 1 - AT_ONCE)
    finally:
        os.close(handle)
    if len(content) > most:
        raise _too_large(path, most)
    return content


def copy_regular(source: Path, target: Path, *, inside: Path) -> None:
    """Copy what the regular file `source` of the folder `inside` holds. Raises OddFileError."""
    with open_regular(source, inside=inside) as read, target.open("wb") as written:
        shutil.copyfileobj(read, written, 1 << 20)


def is_regular(path: Path) -> bool:
    """Whether `path` itself is a regular file, not a link to one."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether `path` itself is a folder, not a link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _way(path: Path, inside: Path) -> tuple[str, ...]:
    """The names from the folder `inside` to `path`."""
    whole, within = str(path), f"{inside}{os.sep}"  # of a thousand runs: `relative_to` takes ten times as long
    if whole == within[: -len(os.sep)]:
        return ()
    names = tuple(whole[len(within) :].split(os.sep)) if whole.startswith(within) else ("..",)  # noqa: PTH206
    if ".." in names:
        raise OddFileError(path, f"not in {inside}")
    return names


def _refuse_odd(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise OddFileError(path, f"{KINDS.get(stat.S_IFMT(mode), 'something else')}, not a file")


def _too_large(path: Path, most: int) -> OddFileError:
    return OddFileError(path, f"larger than {most:,} bytes")


def _refuse_links(path: Path, inside: Path | None) -> None:
    """Where the system cannot open a file in a folder that is open (Windows)."""
    if inside is None:
        return
    way = inside
    for name in _way(path, inside):
        way = way / name
        if way.is_symlink() or _is_junction(way):
            raise OddFileError(way, "a link, not a file")


def _is_junction(path: Path) -> bool:
    try:
        return bool(getattr(os.lstat(path), "st_reparse_tag", 0))
    except OSError:
        return False


def _kind(path: Path) -> str | None:
    try:
        return KINDS.get(stat.S_IFMT(os.lstat(path).st_mode))
    except OSError:
        return None


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


def beside(path: Path, ending: str) -> Path:
    """A hidden name in the folder of `path` that nobody else takes; see TEMPORARY for what happens to leftovers."""
    return path.with_name(f".{path.name}.{os.urandom(16).hex()}.{ending}")


def write_atomic(path: Path, content: bytes | str, *, durable: bool = True, private: bool = False) -> None:
    """Replace `path` by `content`: temporary file, fsync, rename, fsync of the folder. Text is UTF-8.

    Not `durable`: without the syncs, for what is written often and can be lost in a power cut (never seen by halves).
    `private`: only its owner can read it.
    """
    temporary = beside(path, "tmp")
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


def write_new(path: Path, content: bytes) -> None:
    """Make `path` with `content`, readable by its owner alone; it appears as a whole. Raises FileExistsError."""
    temporary = beside(path, "tmp")
    try:
        with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if os.name == "nt":
            temporary.rename(path)  # refuses there what is there already
        else:
            os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in `path`; an empty one where there is no such file. Raises ValueError for what is no JSON."""
    if not path.is_file():
        return {}
    found = json.loads(path.read_text("utf-8"))
    return found if isinstance(found, dict) else {}


def write_json(path: Path, value: Any) -> None:
    """`value` as indented JSON, its keys in the order given; NaN and infinities travel as strings."""
    text = json.dumps(finite(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    # Halves of characters, as in names that are not UTF-8, are written as JSON writes them.
    write_atomic(path, text.encode("utf-8", "backslashreplace"))


def finite(value: Any) -> Any:
    """`value` with every float that JSON cannot carry replaced by "NaN", "Infinity" or "-Infinity"."""
    if isinstance(value, float) and value - value != 0:
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value


def remove_stale(folder: Path, *, older_s: float = STALE_S) -> None:
    """Remove what killed writers left in `folder`: temporary files and folders of ours, by their names, which nothing
    was written to for `older_s`. Their owners may live elsewhere, so only their age can decide."""
    try:
        names = [name for name in os.listdir(folder) if TEMPORARY.fullmatch(name)]  # noqa: PTH208 - names alone
    except OSError:
        return
    for name in names:
        leftover = folder / name
        if time.time() - _newest(leftover) > older_s:
            if is_folder(leftover):
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                with suppress(OSError):
                    leftover.unlink()


def _newest(path: Path) -> float:
    """When something of it was written last; now, where its owner is just at work on it."""
    try:
        below = list(path.rglob("*")) if is_folder(path) else []
        return max(item.lstat().st_mtime for item in (path, *below))
    except OSError:
        return time.time()


@contextmanager
def folder_atomic(target: Path, *, parents: bool = True) -> Iterator[Path]:
    """A temporary folder beside `target` that takes its name, all its files synced, when the block ends well.

    Without `parents`, the folder that it lies in must be there.

    If `target` exists by then (another process was faster), the temporary folder is dropped and `target` stays.
    """
    if parents:
        target.parent.mkdir(parents=True, exist_ok=True)
    temporary = beside(target, "tmp")
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
