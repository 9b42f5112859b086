"""Text files as they are met: UTF-8 with or without a byte-order mark, UTF-16 with one (what Excel writes)."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import TextIO

_UNFIT = re.compile("[\udc80-\udcff\0]")


def open_text(path: Path) -> TextIO:
    """The file as text, line ends untouched. A byte that fits no character becomes a lone surrogate: see `fault`."""
    with path.open("rb") as file:
        start = file.read(3)
    encoding = "utf-8"
    if start.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    elif start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    return path.open(encoding=encoding, errors="surrogateescape", newline="")


def fault(text: str) -> str:
    """One sentence on the first byte in `text` that is no character, or "" where all are."""
    if text.isascii() and "\0" not in text:
        return ""
    unfit = _UNFIT.search(text)
    if not unfit:
        return ""
    if unfit[0] == "\0":
        return "holds a NUL character: this is no text"
    return f"byte 0x{ord(unfit[0]) - 0xDC00:02X} is not UTF-8; save the file as UTF-8"
