"""SQuAD's files: one JSON object with articles, paragraphs and questions, as a row for each question."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tunesmith.data.lines import too_large
from tunesmith.data.read_options import ReadOptions
from tunesmith.data.rows import Record
from tunesmith.errors import Place, TunesmithError

_BEGIN = 4096


def is_squad(path: Path) -> bool:
    """Whether the file begins as such a file does."""
    with path.open("rb") as file:
        begin = file.read(_BEGIN)
    return begin.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"paragraphs"' in begin


def read(path: Path, *, columns: Sequence[str] | None, options: ReadOptions) -> Iterator[Record]:
    """Every question, numbered from 1. Raises data.unreadable and data.too-large."""
    most = options.limits.unpacked
    if most is not None and path.stat().st_size > most:
        raise too_large(path, f"the file is larger than {most >> 20:,} MB")
    encoding = "utf-8-sig" if options.encoding == "auto" else options.encoding
    try:
        found = json.loads(path.read_text(encoding=encoding))
    except (ValueError, RecursionError) as error:
        raise TunesmithError(
            "data.unreadable", f"begins like a file of SQuAD, but is no JSON: {error}", place=Place(file=path)
        ) from None
    number = 0
    for article in _items(found, "data"):
        for paragraph in _items(article, "paragraphs"):
            for asked in _items(paragraph, "qas"):
                number += 1
                if not isinstance(asked, dict):
                    yield Record(number, None, "is no question: a JSON object is expected")
                    continue
                row = {
                    "id": asked.get("id"),
                    "title": article.get("title"),
                    "context": paragraph.get("context"),
                    "question": asked.get("question"),
                    "answers": asked.get("answers") or [],
                    "is_impossible": bool(asked.get("is_impossible")),
                }
                yield Record(number, row if columns is None else {name: row[name] for name in columns})


def _items(value: Any, key: str) -> list[Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []
