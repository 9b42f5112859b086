"""Questions with the places of their answers in a context. No numpy: `check` answers at once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tunesmith.data.rows import Rows
from tunesmith.data.values import is_empty
from tunesmith.tasks.parts.tagged_rows import nearest_place


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """A row as it is used. `answers`: texts with the character at which each begins, () where the context has none;
    None where the row does not say. `moved`: the note about an answer that was looked for."""

    question: str
    context: str
    answers: tuple[tuple[str, int], ...] | None
    moved: str = ""


def question_row(rows: Rows, row: int) -> QuestionRow:
    """The row. Raises ValueError with a phrase that says why it cannot be used."""
    question, context = ("" if is_empty(cell := rows.columns[role][row]) else str(cell) for role in QUESTION)
    if not question or not context:
        raise ValueError(f"its {'context' if question else 'question'} is empty")
    if "answer" not in rows.columns:
        return QuestionRow(question=question, context=context, answers=None)
    starts = rows.columns["answer_start"][row] if "answer_start" in rows.columns else None
    found, moved = [], ""
    for text, start in _given(rows.columns["answer"][row], starts):
        at, change = _place(context, text, start)
        found.append((text, at))
        moved = moved or change
    return QuestionRow(question=question, context=context, answers=tuple(found), moved=moved)


QUESTION = ("question", "context")


def read_question(rows: Rows, row: int) -> QuestionRow | str:
    """The row, or the phrase that says why it cannot be used."""
    try:
        return question_row(rows, row)
    except ValueError as error:
        return str(error)


def _given(cell: Any, start: Any) -> list[tuple[str, int | None]]:
    """Texts and starts in an answer cell: a text, {text, answer_start} of one or of several, or a list of these."""
    if is_empty(cell):
        return []
    if isinstance(cell, Mapping):
        text, starts = cell.get("text"), cell.get("answer_start", cell.get("start"))
        if isinstance(text, (list, tuple)):
            places = list(starts) if isinstance(starts, (list, tuple)) else [None] * len(text)
            if len(places) != len(text):
                raise ValueError(f"it has {len(text)} answers and {len(places)} starts")
            return [(_text(one), _start(place)) for one, place in zip(text, places, strict=True) if not is_empty(one)]
        return [] if is_empty(text) else [(_text(text), _start(starts))]
    if isinstance(cell, (list, tuple)):
        return [pair for item in cell for pair in _given(item, None)]
    return [(_text(cell), _start(start))]


def _text(value: Any) -> str:
    if isinstance(value, (str, int, float)):
        return str(value)
    raise ValueError(f"its answer {value!r:.60} is no text")


def _start(value: Any) -> int | None:
    if is_empty(value):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if number < 0 or not number.is_integer():
        raise ValueError(f"its answer_start {value!r:.40} is no place in the context")
    return int(number)


def _place(context: str, text: str, start: int | None) -> tuple[int, str]:
    """Where the answer begins, and what to report of that."""
    bare = text.strip()
    if start is not None:
        if context[start : start + len(text)] == text:
            return start + text.index(bare), ""
        there = f"at {start} of its context stands {context[start : start + len(text)]!r:.40}, not {text!r:.40}"
        raise ValueError(there + nearest_place(context, text, start) + _alike(context, text))
    at = context.find(bare)
    if at < 0:
        raise ValueError(f"its answer {text!r:.60} does not stand in its context{_alike(context, text)}")
    more = context.count(bare) - 1
    return at, f"{bare!r:.40} stands there {more + 1} times: the first is taken" if more else ""


def _alike(context: str, text: str) -> str:
    """A phrase with the part of the context that is most like an answer that is not in it."""
    if text in context or len(context) > 20_000:
        return ""
    lower = context.lower().find(text.strip().lower())
    if lower >= 0:
        return f"; {context[lower : lower + len(text.strip())]!r:.40} stands at {lower}"
    found = difflib.SequenceMatcher(a=context, b=text, autojunk=False).find_longest_match()
    if found.size < max(4, len(text) // 2):
        return ""
    return f"; the nearest is {context[found.a : found.a + found.size]!r:.40} at {found.a}"


def texts_of(rows: Rows) -> list[str]:
    """Every question and context: what a tokenizer is made from."""
    seen: dict[str, None] = {}
    for role in QUESTION:
        seen.update(dict.fromkeys(str(cell) for cell in rows.columns[role] if not is_empty(cell)))
    return list(seen)


def texts_once(answers: Sequence[tuple[str, int]]) -> list[str]:
    """The answers without their places, each once."""
    return list(dict.fromkeys(text for text, _ in answers))
