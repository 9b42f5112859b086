"""Pages of docs/ that come with the package: their sections as text, and where they can be opened."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import tunesmith

_SECTION = re.compile(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


@lru_cache(maxsize=16)
def file_of(page: str) -> Path | None:
    """The page of this path below docs/, in the installed package or in the checkout that is installed in place."""
    package = Path(tunesmith.__file__).parent
    return next((file for file in (package / page, package.parents[1] / "docs" / page) if file.is_file()), None)


@lru_cache(maxsize=16)
def sections(page: str) -> Mapping[str, str]:
    """The text below each heading of the second level; nothing where the page does not lie on this machine."""
    file = file_of(page)
    found = _SECTION.findall(file.read_text(encoding="utf-8")) if file is not None else []
    return {heading.strip(): text.strip() for heading, text in found}


def error_page(code: str) -> str:
    """What errors.md says about a code; empty where it has no entry."""
    return sections("errors.md").get(code, "")


def error_link(code: str) -> str | None:
    """A file URI of errors.md, with the code as its anchor; None where it has no entry."""
    file = file_of("errors.md")
    return f"{file.as_uri()}#{code.replace('.', '')}" if file is not None and error_page(code) else None
