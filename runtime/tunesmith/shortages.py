"""What a machine can run out of, or not allow, as one named error each: room, memory, handles, the right to
write; or a path that cannot be followed."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

from tunesmith.errors import NOWHERE, Place, TunesmithError

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_TOO_MANY_FILES = frozenset({errno.EMFILE, errno.ENFILE})
_CANNOT_WRITE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ESTALE})
_IMPOSSIBLE = frozenset({errno.ENAMETOOLONG, errno.ELOOP})
_NO_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "not enough memory",
    "unable to allocate",
    "std::bad_alloc",
    "bad allocation",
    "alloc_failed",  # CUBLAS_STATUS_ALLOC_FAILED and its like
    "could not create a memory",  # oneDNN
    "failed to allocate",
    "can't start new thread",
)
_SHORT_WRITE = re.compile(r"\d+ requested and \d+ written")  # NumPy's, without a number of the system's

PAUSING = frozenset({"run.disk-full", "run.too-many-files", "run.cannot-write", "run.out-of-memory"})
"""The codes after which a run can go on once the machine allows it."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device, or the machine, had no memory left."""
    if isinstance(error, MemoryError) or type(error).__name__ in ("OutOfMemoryError", "_ArrayMemoryError"):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in text for words in _NO_MEMORY)


def is_disk_full(error: BaseException) -> bool:
    """Whether a write failed for want of room, be it of the disk, of a quota, or of a limit on the size of files."""
    return isinstance(error, OSError) and (error.errno in _DISK_FULL or _SHORT_WRITE.search(str(error)) is not None)


def shortage(error: BaseException) -> TunesmithError | None:
    """The named error for what the machine lacked or refused, or None where that was not the cause."""
    seen: BaseException | None = error
    while seen is not None:
        found = _named(seen)
        if found is not None:
            return found
        seen = seen.__cause__
    return None


def refusal(error: BaseException) -> TunesmithError | None:
    """The same, and for a path of which the system says that it is gone or something else: others move and delete
    what is being read. Not for code of the project's, whose own mistake that may be."""
    found = shortage(error)
    if found is not None or not isinstance(error, OSError) or error.errno not in _GONE or error.filename is None:
        return found
    return TunesmithError(
        "run.path-gone",
        f"this path is not there any more, or something else stands in its place: {error.strerror}",
        place=Place(file=Path(os.fsdecode(error.filename))),
        hint="look what stands there; where a project or a run was moved, open it at its new place",
    )


def _named(error: BaseException) -> TunesmithError | None:
    if is_out_of_memory(error):
        return TunesmithError(
            "run.out-of-memory",
            f"memory ran out: {_first_line(error)}",
            hint="close other programs, lower training.micro_batch_size or evaluation.batch_size, or take method: lora",
        )
    if not isinstance(error, OSError):
        return None
    place = Place(file=Path(error.filename)) if isinstance(error.filename, str) else NOWHERE
    reason = error.strerror or str(error)
    if is_disk_full(error):
        return TunesmithError(
            "run.disk-full",
            f"the disk is full: {reason}",
            place=place,
            hint="make room, then go on with `tunesmith resume`",
        )
    if error.errno in _TOO_MANY_FILES:
        return TunesmithError(
            "run.too-many-files",
            f"the process may not open more files: {reason}",
            place=place,
            hint="raise the limit (`ulimit -n 4096`), then go on with `tunesmith resume`",
        )
    if error.errno in _CANNOT_WRITE:
        return TunesmithError(
            "run.cannot-write",
            f"this may not be opened or written: {reason}",
            place=place,
            hint="look who owns it and whether its disk is mounted read-only (`ls -l`, `mount`)",
        )
    if error.errno in _IMPOSSIBLE:
        return TunesmithError(
            "run.impossible-path",
            f"the system cannot follow this path: {reason}",
            found=f"{error.filename!s:.120}",
            hint="names may have 255 bytes, and no link may lead back to itself; write another path",
        )
    return None


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__
