"""What each piece of a job is, for colours: keys, members, callables, numbers, words with a meaning, text, comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tunesmith.job.kinds import Choice
from tunesmith.server.editor.shape import Slot, View
from tunesmith.server.editor.token_types import TokenType
from tunesmith.server.editor.tree import Value
from tunesmith.trust import is_callable_name

NUMBER = re.compile(r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?%?(?: *(?:step|epoch|minute)s?)?")
WORDS = frozenset({"auto", "none", "null", "true", "false", "~"})
Token = tuple[int, int, TokenType]


def tokens(view: View) -> list[Token]:
    """(start, end, colour) of every piece, in the order of the text; none goes over a line end."""
    found = [*_of_entries(view), *((start, end, "comment") for start, end in view.tree.comments)]
    return sorted(piece for token in found for piece in _lines(view.tree.text, token))


def _of_entries(view: View) -> Iterator[Token]:
    for step in view.tree.steps():
        slot = view.slot(step.path)
        yield step.entry.start, step.entry.end, _key_colour(step.entry.key, slot)
        choice = slot.option if slot is not None and isinstance(slot.option, Choice) else None
        for value in (step.entry.value, *step.entry.value.items):
            if value.kind == "scalar":
                yield value.start, value.end, _value_colour(value, choice, view)


def _key_colour(key: str, slot: Slot | None) -> TokenType:
    if is_callable_name(key):
        return "function"
    if slot is not None and slot.is_section:
        return "namespace"
    return "class" if slot is not None and slot.member is not None else "property"


def _value_colour(value: Value, choice: Choice | None, view: View) -> TokenType:
    text = value.text
    if is_callable_name(text):
        return "function"
    if value.style:
        return "string"
    if text in WORDS:
        return "keyword"
    if NUMBER.fullmatch(text):
        return "number"
    if choice is not None and text in getattr(view.catalog, choice.kind):
        return "class"
    return "string"


def _lines(text: str, token: Token) -> Iterator[Token]:
    """A piece that goes over several lines, line by line."""
    start, end, colour = token
    for match in re.finditer(r"[^\r\n]+", text[start:end]):
        begin, stop = start + match.start(), start + match.end()
        begin += len(text[begin:stop]) - len(text[begin:stop].lstrip(" \t"))
        if begin < stop:
            yield begin, stop, colour
