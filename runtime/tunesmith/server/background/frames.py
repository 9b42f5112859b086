"""What server and helper process say to each other: a length (4 bytes, big-endian), then that much JSON in UTF-8."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from tunesmith.errors import Place, Problem

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


def problem_fields(problem: Problem) -> dict[str, Any]:
    """A problem as JSON values; `as_problem` makes it one again."""
    file = problem.place.file
    place = {**asdict(problem.place), "file": None if file is None else str(file)}
    return {**asdict(problem), "place": place, "allowed": list(problem.allowed)}


def as_problem(fields: dict[str, Any]) -> Problem:
    """The problem that `problem_fields` took apart."""
    place = fields["place"]
    file = place["file"]
    made = Place(**{**place, "file": Path(file) if file is not None else None})
    return Problem(**{**fields, "place": made, "allowed": tuple(fields["allowed"])})
