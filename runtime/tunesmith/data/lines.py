"""The lines of a text file, for every reader: a line ends with a line feed, a carriage return, or both.

Other signs that Python's `splitlines` takes for ends (form feed, U+0085, U+2028, ...) are characters of a text.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any, TextIO

from tunesmith.data.encodings import AUTO, encoding_of
from tunesmith.data.limits import HINT
from tunesmith.data.read_options import ReadOptions, ReadSoFar
from tunesmith.errors import Place, TunesmithError

BUFFER = 1 << 16

_UNFIT = re.compile("[\udc80-\udcff\0]")


def open_text(path: Path, options: ReadOptions) -> TextIO:
    """The file as text, line ends untouched. A byte that fits no character becomes a lone surrogate: see `fault`.

    Reading raises data.too-large where a line is longer than the limit.
    """
    codec = encoding_of(path).codec if options.encoding == AUTO else options.encoding
    raw = _Watched(path, options.limits.line, options.so_far)
    return io.TextIOWrapper(io.BufferedReader(raw, BUFFER), codec, errors="surrogateescape", newline="")


class _Watched(io.RawIOBase):
    """A file's bytes, reported to `so_far`; it stops where more of them than `longest` come without a line end."""

    def __init__(self, path: Path, longest: int | None, so_far: ReadSoFar) -> None:
        self._path, self._longest, self._so_far = path, longest, so_far
        self._file = path.open("rb", buffering=0)
        self._size = max(path.stat().st_size, 1)
        self._read = 0
        self._since = 0
        self._line = 1

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = self._file.readinto(buffer)
        self._read += size
        self._so_far.share = self._read / self._size
        if self._longest is not None and size:
            block = bytes(memoryview(buffer)[:size])
            last = max(block.rfind(b"\n"), block.rfind(b"\r"))
            self._since = size - last - 1 if last >= 0 else self._since + size
            self._line += block.count(b"\n")
            if self._since > self._longest:
                message = f"a line is longer than {self._longest >> 20:,} MB"
                raise too_large(self._path, message, line=self._line)
        return size

    def close(self) -> None:
        self._file.close()
        super().close()


def too_large(path: Path, message: str, *, line: int | None = None) -> TunesmithError:
    """The error for data beyond a limit, with the key that raises it."""
    return TunesmithError("data.too-large", message, place=Place(file=path, line=line), hint=HINT)


def fault(text: str, encoding: str) -> str:
    """One sentence on the first byte in `text` that is no character of `encoding`, or "" where all are."""
    if text.isascii() and "\0" not in text:
        return ""
    unfit = _UNFIT.search(text)
    if not unfit:
        return ""
    if unfit[0] == "\0":
        return "holds a NUL character: this is no text"
    name = "UTF-8" if encoding == AUTO or encoding.startswith("utf-8") else encoding
    remedy = "save the file as UTF-8" if name == "UTF-8" else "is `data.encoding` right?"
    return f"byte 0x{ord(unfit[0]) - 0xDC00:02X} is not {name}; {remedy}"
