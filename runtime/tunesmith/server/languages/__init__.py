"""Help texts in the client's language.

A file of words has each English text, as the code has it, and its translation. What one member of the catalog alone
shows is in a file beside the member's own (`tasks/NAME.zh-CN.json`); keys of the job, and what several members show,
are in this folder (`zh-CN.json`). A text that no file has stays English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tunesmith.catalog import Catalog

TRANSLATED = frozenset({"help", "advice", "unit"})  # fields of messages
_SIMPLIFIED = re.compile(r"zh([-_](cn|sg|hans.*))?", re.IGNORECASE)


def language_of(locale: str | None) -> str:
    """The language that a client with this IETF tag (`locale` of LSP's initialize) is spoken to in: "" is English."""
    return "zh-CN" if locale and _SIMPLIFIED.fullmatch(locale) else ""


@cache
def texts(language: str) -> Mapping[str, str]:
    """Each text and its translation, of all files of the language."""
    return {text: translation for file in files(language) for text, translation in read(file).items()}


def files(language: str) -> Iterator[Path]:
    """The language's files: the one of this folder, then those beside the members of the catalog."""
    yield Path(__file__).with_name(f"{language}.json")
    for folder in vars(Catalog()).values():
        yield from filter(Path.is_file, (entry.beside(f"{language}.json") for entry in folder.values()))


def read(file: Path) -> dict[str, str]:
    """Each text of one file and its translation."""
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
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
