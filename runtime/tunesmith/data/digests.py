"""What tells rows with different inputs apart in few bytes, and is the same for equal ones."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.data.arrays import DIGEST
from tunesmith.data.fingerprint import bytes_of


def digests_of(columns: Mapping[str, Sequence[Any]], count: int) -> list[bytes]:
    """For each of `count` rows the digest of its cells in these columns. White space around texts is left out of it."""
    contents = [_contents(columns[role]) for role in sorted(columns)]
    if len(contents) == 1:
        joined = contents[0]
    else:
        joined = [b"".join([b"%d:%b" % (len(each), each) for each in row]) for row in zip(*contents, strict=True)]
        joined = joined or [b""] * count
    return list(map(digest, joined))


def digest(content: bytes) -> bytes:
    """DIGEST bytes."""
    return hashlib.blake2b(content, digest_size=DIGEST).digest()


def _contents(cells: Sequence[Any]) -> list[bytes]:
    kinds = set(map(type, cells))
    if kinds == {str}:
        return [text.strip().encode("utf-8", "surrogatepass") for text in cells]
    return [_content(cell) for cell in cells]


def _content(cell: Any) -> bytes:
    if isinstance(cell, str):
        return cell.strip().encode("utf-8", "surrogatepass")
    if cell is None:
        return b"\0nothing"
    if isinstance(cell, bytes):
        return b"\0bytes" + cell
    if hasattr(cell, "tobytes"):  # repr() of a large array leaves most of it out
        return hashlib.sha256(bytes_of(cell)).digest()
    if isinstance(cell, (int, float)):
        return b"\0number" + repr(int(cell) if cell == cell // 1 else cell).encode()
    return repr(cell).encode("utf-8", "surrogatepass")
