"""Text that others wrote, as it may be shown: what acts on a terminal, or turns the order of what stands there, is
written out.

Written out means as in JSON, `\\u001b`: what is inside of a JSON text stays one. Visible signs of any script stay, and
so do the joiners that Persian words and emoji are made of.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from functools import cache

# Control characters but tab and line end; what changes the direction of text; line ends that only some know; signs
# that nobody sees (byte-order marks, notes between lines, tags); halves of characters, of names that are no UTF-8.
_ACTS = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff"
)
_ERRORS = "tunesmith.written-out"


def text(value: str) -> str:
    """`value`, of any number of lines, without effect on what shows it."""
    if _is_harmless(value.replace("\n", "")):
        return value
    return _acting().sub(_written_out, value)


def line(value: object) -> str:
    """The same in one line: a name or a value that could otherwise look like several."""
    plain = str(value)
    if _is_harmless(plain):
        return plain
    return _acting("\t\n").sub(_written_out, plain)


def indented(value: str) -> str:
    """The same in several lines, where every line but the first is indented: none of them passes for one of ours."""
    return text(value).replace("\n", "\n    ")


def listed(items: Sequence[str], most: int = 5, between: str = ", ") -> str:
    """The first `most` items, and how many more there are."""
    more = f" and {len(items) - most:,} more" if len(items) > most else ""
    return between.join(items[:most]) + more


def errors_written_out() -> str:
    """The name of an error handler for encoding: what an encoding does not have is written out the same way."""
    codecs.register_error(_ERRORS, _unencodable)
    return _ERRORS


def _is_harmless(value: str) -> bool:
    """Nearly all that is shown: Python prints all of it, so that none of it acts, tags apart."""
    return value.isprintable() and (value.isascii() or max(value) < "\U000e0000")


@cache
def _acting(*others: str) -> re.Pattern[str]:
    """Finds the signs that act, and these others. Making it takes longer than most that is shown."""
    return re.compile(f"[{_ACTS}{''.join(others)}]")


def _unencodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_escape, error.object[error.start : error.end])), error.end


def _written_out(found: re.Match[str]) -> str:
    return _escape(found[0])


def _escape(sign: str) -> str:
    code = ord(sign)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
