"""The page of docs/errors.md that belongs to a code: its text, and where it can be opened."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import tunesmith

ENTRY = re.compile(r"^## (\S+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def page_of(code: str) -> str:
    """What the page says about a code; empty where it has no entry."""
    return _entries().get(code, "")


def link_of(code: str) -> str | None:
    """A file URI of the page, with the code as its anchor; None where the page does not lie on this machine."""
    file = _file()
    return f"{file.as_uri()}#{code.replace('.', '')}" if file is not None and code in _entries() else None


@lru_cache(maxsize=1)
def _file() -> Path | None:
    """The page in the installed package, or in the checkout that is installed in place."""
    package = Path(tunesmith.__file__).parent
    return next(
        (file for file in (package / "errors.md", package.parents[1] / "docs" / "errors.md") if file.is_file()), None
    )


@lru_cache(maxsize=1)
def _entries() -> dict[str, str]:
    file = _file()
    if file is None:
        return {}
    return {code: text.strip() for code, text in ENTRY.findall(file.read_text(encoding="utf-8"))}
