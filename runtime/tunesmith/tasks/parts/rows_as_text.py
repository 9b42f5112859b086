"""What a causal-lm job's rows hold, as texts: plain ones, prompts with responses, or conversations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tunesmith.data.rows import Rows
from tunesmith.errors import Place, TunesmithError
from tunesmith.tasks.parts.messages import Conversation, conversation_of
from tunesmith.tasks.parts.texts import text_of

if TYPE_CHECKING:
    from tunesmith.tasks.parts.documents import Piece


def pieces_of(form: str, rows: Rows, row: int) -> list[Piece]:
    """A plain text or a prompt with its response, in pieces of which each is learnt or not."""
    if form == "text":
        return [(text_of(rows.columns["text"][row]), True)]
    answers = rows.columns.get("response")
    return [(_prompt(rows, row), False), *([(text_of(answers[row]), True)] if answers is not None else [])]


def _prompt(rows: Rows, row: int) -> str:
    """The prompt, and below it the `input` that it speaks of, where the row has one; ends in white space."""
    parts = [text_of(rows.columns[role][row]) for role in ("prompt", "input") if role in rows.columns]
    text = "\n\n".join(part for part in parts if part)
    return text if text[-1:].isspace() else text + "\n"


def conversations_of(rows: Rows) -> list[Conversation]:
    """The conversation of every row. Raises TunesmithError data.bad-document."""
    return [_conversation(cell, rows.place(row)) for row, cell in enumerate(rows.columns["messages"])]


def _conversation(cell: Any, place: Place) -> Conversation:
    try:
        return conversation_of(cell)
    except ValueError as error:
        raise TunesmithError("data.bad-document", f"this row {error}", place=place) from error


def texts_in(rows: Rows) -> Iterator[str]:
    """Every text in the rows, whatever its role: what a tokenizer is made from. Rows that are none are left out."""
    for role, column in rows.columns.items():
        for cell in column:
            if role != "messages":
                yield text_of(cell)
                continue
            try:
                yield from conversation_of(cell).texts()
            except ValueError:
                continue


def text_of_row(form: str, rows: Rows, row: int) -> str:
    """All that the model is to read of a row."""
    if form == "messages":
        return "\n".join(conversation_of(rows.columns["messages"][row]).texts())
    return "\n".join(text for text, _ in pieces_of(form, rows, row))
