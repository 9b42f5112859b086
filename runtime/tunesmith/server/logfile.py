"""Pieces of a run's log: its end, a window, the lines that hold a text. Whole lines, bounded memory."""

from __future__ import annotations

import os
from pathlib import Path

from tunesmith.files import OddFileError, open_regular
from tunesmith.protocol.runs import Log

LARGEST = 4 << 20
BLOCK = 1 << 20


def piece(path: Path, *, offset: int | None, limit: int) -> Log:
    """Lines from `offset` (None: as many as fit before the end). A line that is longer than `limit` is cut."""
    limit = min(max(1, limit), LARGEST)
    try:
        with open_regular(path, inside=path.parent) as file:
            size = os.fstat(file.fileno()).st_size
            begin = max(0, size - limit) if offset is None else min(max(0, offset), size)
            file.seek(begin)
            data = file.read(limit)
    except (FileNotFoundError, OddFileError):
        return Log(text="", offset=0, end=0, size=0)
    if offset is None and begin > 0 and b"\n" in data[:-1]:
        first = data.index(b"\n") + 1
        begin, data = begin + first, data[first:]
    if begin + len(data) < size and b"\n" in data:
        data = data[: data.rindex(b"\n") + 1]
    return Log(text=data.decode("utf-8", "replace"), offset=begin, end=begin + len(data), size=size)


def matching(path: Path, text: str, *, offset: int | None, limit: int) -> Log:
    """The lines from `offset` on that hold `text`, in any case, until `limit` bytes of them are found."""
    limit = min(max(1, limit), LARGEST)
    begin = max(0, offset or 0)
    wanted = text.casefold()
    kept: list[str] = []
    held = 0
    try:
        with open_regular(path, inside=path.parent) as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(min(begin, size))
            end = file.tell()
            while held < limit and (line := file.readline(BLOCK)):
                end += len(line)
                decoded = line.decode("utf-8", "replace")
                if wanted in decoded.casefold():
                    kept.append(decoded)
                    held += len(line)
    except (FileNotFoundError, OddFileError):
        return Log(text="", offset=0, end=0, size=0)
    return Log(text="".join(kept), offset=begin, end=end, size=size)
