"""JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from tunesmith.data.lines import fault, open_text
from tunesmith.data.read_options import USUALLY, ReadOptions
from tunesmith.data.readers.parts import squad
from tunesmith.data.rows import Record
from tunesmith.errors import Place, TunesmithError
from tunesmith.members import Reader

TEXT = True

MEMBER = Reader(
    name="jsonl",
    help="One JSON object a line, UTF-8; values may be nested, such as a list of chat messages.",
    when="Texts with line ends, chats, lists of labels.",
    source="jsonlines.org, RFC 8259",
    suffixes=(".jsonl", ".ndjson", ".json"),
)

DECODE = json.JSONDecoder().raw_decode
"""What json.loads calls for the value, without what it does around that for every line."""
HEADER_ROWS = 1000
DEEPEST = 100
"""Levels of lists and objects: what works on values recursively must come to an end."""


def header(path: Path, *, options: ReadOptions = USUALLY) -> list[str]:
    """The keys of the first thousand objects, in order of appearance."""
    records = islice(read(path, options=options), HEADER_ROWS)
    return list(dict.fromkeys(key for record in records if record.values is not None for key in record.values))


def read(path: Path, *, columns: Sequence[str] | None = None, options: ReadOptions = USUALLY) -> Iterator[Record]:
    """Every object, with all keys or only `columns` (None where the object lacks one). Blank lines are no rows.

    Raises TunesmithError data.unreadable for a file that is one JSON list. A file of SQuAD gives its questions.
    """
    if path.suffix.lower() == ".json" and squad.is_squad(path):
        yield from squad.read(path, columns=columns, options=options)
        return
    with open_text(path, options) as file:
        first = True  # of the lines that are not blank
        for number, line in enumerate(file, start=1):
            text = line.strip()
            if not text:
                continue
            if first and text.startswith("[") and not text.endswith("]"):
                raise _is_a_list(path, number)
            values = _parse(text, options.encoding)
            if first and isinstance(values, list):
                raise _is_a_list(path, number)
            first = False
            if isinstance(values, str):
                yield Record(number, None, values)
            elif not isinstance(values, dict):
                yield Record(number, None, f"is a JSON {type(values).__name__}, not an object")
            elif columns is None:
                yield Record(number, values)
            else:
                yield Record(number, {name: values.get(name) for name in columns})


def _parse(text: str, encoding: str) -> Any:
    """The value, or as a str one sentence that says why there is none (a JSON string is no row either)."""
    wrong = fault(text, encoding)
    if wrong:
        return wrong
    try:
        try:
            value, end = DECODE(text)
        except json.JSONDecodeError:
            end = -1
        if end != len(text):
            value = json.loads(text)  # which raises the error
    except json.JSONDecodeError as error:
        return f"is not JSON: {error.msg} at column {error.colno}"
    except (ValueError, RecursionError) as error:
        return f"is not readable JSON: {error}"
    if text.count("[") + text.count("{") > DEEPEST and _depth(value) > DEEPEST:
        return f"is nested more than {DEEPEST} deep"
    if "\\ud" in text or "\\uD" in text:  # an escaped half of a character, which no tokenizer takes
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return "holds half of an escaped character (a lone surrogate such as \\ud83d)"
    return "is a JSON string, not an object" if isinstance(value, str) else value


def _depth(value: Any) -> int:
    """How deep lists and objects are nested, without recursion."""
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, (list, dict))]:
        depth += 1
        level = [item for held in level for item in (held.values() if isinstance(held, dict) else held)]
    return depth


def _is_a_list(path: Path, line: int) -> TunesmithError:
    return TunesmithError(
        "data.unreadable",
        "the file is one JSON list, not one object a line",
        place=Place(file=path, line=line),
        hint=f"jq -c '.[]' {path.name} > {path.stem}.jsonl",
    )
