"""Help texts in the client's language. A language is one file: each English text, as the code has it, and its
translation. A text that a file does not have stays English."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

TRANSLATED = frozenset({"help", "advice", "unit"})  # fields of messages
_SIMPLIFIED = re.compile(r"zh([-_](cn|sg|hans.*))?", re.IGNORECASE)


def language_of(locale: str | None) -> str:
    """The language that a client with this IETF tag (`locale` of LSP's initialize) is spoken to in: "" is English."""
    return "zh-CN" if locale and _SIMPLIFIED.fullmatch(locale) else ""


@cache
def texts(language: str) -> Mapping[str, str]:
    """What the language's file has."""
    found: dict[str, str] = json.loads(Path(__file__).with_name(f"{language}.json").read_text(encoding="utf-8"))
    return found


def translated(message: Any, language: str) -> Any:
    """A message, as JSON, with its help in `language`."""
    if not language:
        return message
    known = texts(language)
    if isinstance(message, Mapping):
        return {
            name: known.get(value, value)
            if name in TRANSLATED and isinstance(value, str)
            else translated(value, language)
            for name, value in message.items()
        }
    return [translated(each, language) for each in message] if isinstance(message, (list, tuple)) else message
