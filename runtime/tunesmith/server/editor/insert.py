"""How a chosen completion is written into the text: quotes, colons, snippets for nested forms."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tunesmith.job.json_schema import plain_default
from tunesmith.members import Member
from tunesmith.options import REQUIRED, Option
from tunesmith.server.editor.cursor import Cursor
from tunesmith.server.editor.shape import Slot, takes_keys

PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`][^,\[\]{}#]*")
WORDS_OF_YAML = re.compile(r"(?i)null|true|false|~|[-+.]?[\d.].*")
SHOWN_OPTIONS = 2


def scalar(text: str, quote: str = "") -> str:
    """`text` as a scalar of YAML, in the quotes that are begun already, or in quotes where it needs some."""
    if quote == "'":
        return "'" + text.replace("'", "''") + "'"
    plain = PLAIN.fullmatch(text) and ": " not in text and " #" not in text and not text.endswith((":", " "))
    if quote == '"' or not plain or any(ord(character) < 32 for character in text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'
    return text


def text_scalar(text: str, quote: str = "") -> str:
    """Like `scalar`, and quoted where YAML would read a number, a truth value or nothing."""
    return scalar(text, quote or ('"' if WORDS_OF_YAML.fullmatch(text) else ""))


def key_text(cursor: Cursor, slot: Slot, *, snippets: bool) -> tuple[str, bool]:
    """A key with its colon (unless that stands there already) and room for its value; whether it is a snippet."""
    key = scalar(slot.key, cursor.quote)
    if cursor.colon:
        return key, False
    if not takes_keys(slot) or (slot.member is not None and not slot.member.options):
        return (f"{key}:" if slot.member is not None else f"{key}: "), False
    if not snippets:
        return f"{key}: ", False
    if cursor.flow:
        return f"{escaped(key)}: {{$0}}", True
    return f"{escaped(key)}:\n  $0", True  # the editor adds the indentation of the line


def member_snippet(name: str, member: Member) -> str:
    """A member with its first options to fill in: `{lora: {rank: ${1:8}, alpha: ${2:16}}}`."""
    shown = [(key, _default(option)) for key, option in member.options.items()]
    shown = [(key, default) for key, default in shown if default][:SHOWN_OPTIONS]
    pairs = ", ".join(f"{key}: ${{{number}:{escaped(text)}}}" for number, (key, text) in enumerate(shown, 1))
    return f"{{{escaped(name)}: {{{pairs or '$0'}}}}}"


def escaped(text: str) -> str:
    """`text` with nothing in it that a snippet would take for a place to fill in."""
    return re.sub(r"([\\$}])", r"\\\1", text)


def defaults(option: Option) -> Sequence[str]:
    """The default as it is written, if it has one."""
    found = _default(option)
    return [found] if found else []


def _default(option: Option) -> str:
    value = None if option.default is REQUIRED else plain_default(option)
    if value is None or isinstance(value, (dict, list)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
