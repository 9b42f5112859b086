"""The one door to the terminal: whatever a command prints, it acts on nothing and ends nothing.

Labels, texts, names and logs come from anywhere. Commands print them as they are; here, control characters are written
out (`shown.text`), and so is what the terminal's encoding does not have. Only the live display has styles of its own
and writes to the stream behind, see `behind`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from tunesmith import shown


class ShownStream:
    """A text stream that shows what is written to it; everything else is the stream's behind it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(shown.text(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for each in lines:
            self.write(each)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def safe_streams() -> Iterator[None]:
    """Standard output and standard error show what is written to them, until the block ends."""
    before = sys.stdout, sys.stderr
    for stream in before:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=shown.errors_written_out())
    sys.stdout, sys.stderr = (cast(TextIO, ShownStream(stream)) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


@contextmanager
def own_streams() -> Iterator[None]:
    """The streams as they were, until the block ends: for the user's own program, which may colour what it prints."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (behind(stream) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def behind(stream: TextIO) -> TextIO:
    """The stream that styles go to; whoever writes to it shows every text by `shown.text` first."""
    return stream._stream if isinstance(stream, ShownStream) else stream
