"""What server and helper process say to each other: a length (4 bytes, big-endian), then that much JSON in UTF-8."""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

LENGTH = struct.Struct(">I")
LARGEST = 64 * 2**20
"""Bytes of one message: more is a bug, and must not be collected in memory."""


def frame(message: dict[str, Any]) -> bytes:
    """The bytes of one message. Raises ValueError for one that is too large, TypeError for one that is not JSON."""
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if len(body) > LARGEST:
        raise ValueError(f"a message of {len(body)} bytes is too large")
    return LENGTH.pack(len(body)) + body


def message(body: bytes) -> dict[str, Any]:
    """The message of a frame's body."""
    found: dict[str, Any] = json.loads(body.decode("utf-8", "surrogatepass"))
    return found


def read_frame(stream: BinaryIO) -> dict[str, Any] | None:
    """The next message; None where the other side is gone."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    length = LENGTH.unpack(head)[0]
    body = stream.read(length)
    return message(body) if len(body) == length else None
