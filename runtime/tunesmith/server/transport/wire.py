"""Messages on a stream of bytes, as LSP wraps them: headers, an empty line, a body. No input stops it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LARGEST_HEADERS = 8 << 10
LARGEST_BODY = 64 << 20
HOPELESS_BODY = 1 << 30
NAME = re.compile(rb"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Fault:
    """What came was no message; `code` is JSON-RPC's. `fatal`: what follows cannot be understood any more."""

    code: int
    text: str
    fatal: bool = False


def framed(body: bytes) -> bytes:
    """A message's bytes with its headers."""
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


class Frames:
    """Takes bytes as they come and hands out bodies and faults. Memory is bounded by the largest allowed message."""

    def __init__(self, *, largest_body: int = LARGEST_BODY) -> None:
        self._largest = largest_body
        self._buffer = bytearray()
        self._length: int | None = None  # of the body, as the headers so far say
        self._missing: int | None = None  # bytes of the body; None while reading headers
        self._skipping = False  # a body that is too large
        self._garbage = False  # within lines that are no headers; they are reported once
        self._headers = 0  # bytes of this message's headers

    def feed(self, data: bytes) -> Iterator[bytes | Fault]:
        """What is complete with these bytes."""
        self._buffer += data
        while True:
            found = self._body() if self._missing is not None else self._line()
            if found is None:
                return
            if found is not _NOTHING:
                yield found

    def _body(self) -> bytes | Fault | None:
        missing = self._missing or 0
        if self._skipping:
            taken = min(missing, len(self._buffer))
            del self._buffer[:taken]
            self._missing = missing - taken
            if self._missing:
                return None
            self._next()
            return _NOTHING
        if len(self._buffer) < missing:
            return None
        found = bytes(self._buffer[:missing])
        del self._buffer[:missing]
        self._next()
        return found

    def _next(self) -> None:
        self._length = self._missing = None
        self._skipping = False
        self._headers = 0

    def _line(self) -> bytes | Fault | None:
        end = self._buffer.find(b"\n")
        if end < 0:
            if self._headers + len(self._buffer) <= LARGEST_HEADERS:
                return None
            self._buffer.clear()
            self._next()
            return self._refuse("headers without an end")
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        self._headers += end + 1
        if not line.strip():
            return self._end_of_headers()
        name, colon, value = line.partition(b":")
        if not colon or self._headers > LARGEST_HEADERS or not NAME.fullmatch(name.strip()):
            self._next()
            # A body that was shorter than its headers said ends in the middle of this line, right before the next ones.
            _, found, value = line.lower().rpartition(b"content-length:")
            if found and value.strip().isdigit() and len(value) <= 20:
                self._length, self._headers = int(value), len(value)
            return self._refuse("a line that is no header")
        if name.strip().lower() == b"content-length":
            return self._set_length(value.strip())
        return _NOTHING

    def _set_length(self, value: bytes) -> Fault | bytes:
        if not value.isdigit() or len(value) > 20:
            self._next()
            return self._refuse("a Content-Length that is no number")
        self._length = int(value)
        return _NOTHING

    def _end_of_headers(self) -> bytes | Fault:
        if self._length is None:
            had_headers = self._headers > 2
            self._next()
            return self._refuse("headers without Content-Length") if had_headers else _NOTHING
        self._garbage = False
        self._missing = self._length
        if self._length <= self._largest:
            return _NOTHING
        self._skipping = True
        text = f"a message of {self._length} bytes is too large: at most {self._largest}"
        return Fault(-32600, text, fatal=self._length > HOPELESS_BODY)

    def _refuse(self, text: str) -> Fault | bytes:
        if self._garbage:
            return _NOTHING
        self._garbage = True
        return Fault(-32700, f"what came is no message: {text}")


_NOTHING = b"\0nothing yet"
