"""JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from tunesmith.data.readers._text import fault, open_text
from tunesmith.data.rows import Record
from tunesmith.errors import Place, TunesmithError
from tunesmith.members import Reader

MEMBER = Reader(
    name="jsonl",
    help="One JSON object a line, UTF-8; values may be nested, such as a list of chat messages.",
    when="Texts with line ends, chats, lists of labels.",
    source="jsonlines.org, RFC 8259",
    suffixes=(".jsonl", ".ndjson", ".json"),
)

HEADER_ROWS = 1000


def header(path: Path) -> list[str]:
    """The keys of the first thousand objects, in order of appearance."""
    records = islice(read(path), HEADER_ROWS)
    return list(dict.fromkeys(key for record in records if record.values is not None for key in record.values))


def read(path: Path, *, columns: Sequence[str] | None = None) -> Iterator[Record]:
    """Every object, with all keys or only `columns` (None where the object lacks one). Blank lines are no rows.

    Raises TunesmithError data.unreadable for a file that is one JSON list.
    """
    with open_text(path) as file:
        for number, line in enumerate(file, start=1):
            text = line.strip()
            if not text:
                continue
            if number == 1 and text.startswith("[") and not text.endswith("]"):
                raise _is_a_list(path)
            values = _parse(text)
            if number == 1 and isinstance(values, list):
                raise _is_a_list(path)
            if isinstance(values, str):
                yield Record(number, None, values)
            elif not isinstance(values, dict):
                yield Record(number, None, f"is a JSON {type(values).__name__}, not an object")
            elif columns is None:
                yield Record(number, values)
            else:
                yield Record(number, {name: values.get(name) for name in columns})


def _parse(text: str) -> Any:
    """The value, or as a str one sentence that says why there is none (a JSON string is no row either)."""
    wrong = fault(text)
    if wrong:
        return wrong
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return f"is not JSON: {error.msg} at column {error.colno}"
    except (ValueError, RecursionError) as error:
        return f"is not readable JSON: {error}"
    if "\\ud" in text or "\\uD" in text:  # an escaped half of a character, which no tokenizer takes
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return "holds half of an escaped character (a lone surrogate such as \\ud83d)"
    return "is a JSON string, not an object" if isinstance(value, str) else value


def _is_a_list(path: Path) -> TunesmithError:
    return TunesmithError(
        "data.unreadable",
        "the file is one JSON list, not one object a line",
        place=Place(file=path, line=1),
        hint=f"jq -c '.[]' {path.name} > {path.stem}.jsonl",
    )
