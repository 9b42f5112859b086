"""Conversations as text, in pieces that say which of them the model is to learn: the assistant's.

Where the tokenizer brings no chat template, this plain one is used::

    ### System:\nTEXT\n\n### User:\nTEXT\n\n### Assistant:\nTEXT<end of text>\n\n
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tunesmith.errors import TunesmithError

Piece = tuple[str, bool]
"""A text, and whether its tokens are targets."""

ROLES = {"system": "System", "user": "User", "assistant": "Assistant", "tool": "Tool"}


def chat_template(folder: Path | None) -> str | None:
    """The chat template (Jinja) that lies with a tokenizer, or None."""
    if folder is None:
        return None
    if (folder / "chat_template.jinja").is_file():
        return (folder / "chat_template.jinja").read_text("utf-8")
    settings = folder / "tokenizer_config.json"
    found = json.loads(settings.read_text("utf-8")).get("chat_template") if settings.is_file() else None
    if isinstance(found, list):
        named = {item.get("name"): item.get("template") for item in found if isinstance(item, dict)}
        found = named.get("default")
    return found if isinstance(found, str) else None


def special_texts(folder: Path | None) -> dict[str, str]:
    """The special tokens that a template may write: bos_token, eos_token, ..."""
    settings = folder / "tokenizer_config.json" if folder else None
    if settings is None or not settings.is_file():
        return {}
    found = {}
    for name, value in json.loads(settings.read_text("utf-8")).items():
        text = value.get("content") if isinstance(value, dict) else value
        if name.endswith("_token") and isinstance(text, str):
            found[name] = text
    return found


def messages_of(cell: Any) -> list[dict[str, Any]]:
    """A cell as messages: a list of {role, content}, or the same as JSON text. Raises ValueError with a phrase."""
    if isinstance(cell, str):
        try:
            cell = json.loads(cell)
        except json.JSONDecodeError:
            raise ValueError("is neither a list of messages nor JSON of one") from None
    messages = list(cell) if hasattr(cell, "__iter__") else []
    if not messages or not all(isinstance(message, Mapping) for message in messages):
        raise ValueError("is not a list of messages")
    for message in messages:
        if message.get("role") not in ROLES:
            raise ValueError(f"has a message with the role {message.get('role')!r}, not one of {', '.join(ROLES)}")
        if not isinstance(message.get("content"), str):
            raise ValueError("has a message without content")
    return [dict(message) for message in messages]


def plain_pieces(messages: Sequence[Mapping[str, Any]], end: str) -> list[Piece]:
    """The plain template; `end` is the text of the end-of-text token."""
    pieces = []
    for message in messages:
        pieces.append((f"### {ROLES[message['role']]}:\n", False))
        if message["role"] == "assistant":
            pieces += [(f"{message['content']}{end}", True), ("\n\n", False)]
        else:
            pieces.append((f"{message['content']}\n\n", False))
    return pieces


def plain_prompt(messages: Sequence[Mapping[str, Any]], end: str) -> str:
    """The conversation so far in the plain template, up to where the assistant speaks."""
    return "".join(text for text, _ in plain_pieces(messages, end)) + "### Assistant:\n"


class Template:
    """A tokenizer's own chat template, rendered in a sandbox: it comes with a model and is not trusted."""

    def __init__(self, source: str, specials: Mapping[str, str]) -> None:
        from jinja2 import TemplateError
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        self._failure = TemplateError
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.globals["raise_exception"] = _raise
        environment.filters["tojson"] = lambda value, **given: json.dumps(value, ensure_ascii=False, **given)
        try:
            self._template = environment.from_string(re.sub(r"{%-?\s*(?:end)?generation\s*-?%}", "", source))
        except TemplateError as error:
            raise _broken(error) from error
        self._specials = dict(specials)

    def render(self, messages: Sequence[Mapping[str, Any]], *, prompt: bool = False) -> str:
        """The conversation as text; `prompt` ends it where the assistant is to speak."""
        try:
            return str(self._template.render(messages=messages, add_generation_prompt=prompt, **self._specials))
        except self._failure as error:
            raise _broken(error) from error

    def pieces(self, messages: Sequence[Mapping[str, Any]]) -> list[Piece]:
        """The rendered conversation, cut where the assistant begins and ends.

        A template may write earlier turns anew once later ones follow; then only the last answer is learnt.
        """
        whole = self.render(messages)
        cuts: list[tuple[int, int]] = []
        for number, message in enumerate(messages):
            if message["role"] != "assistant":
                continue
            before = self.render(messages[:number], prompt=True) if number else ""
            after = self.render(messages[: number + 1])
            if whole.startswith(after) and after.startswith(before) and (not cuts or cuts[-1][1] <= len(before)):
                cuts.append((len(before), len(after)))
        pieces: list[Piece] = []
        at = 0
        for begin, stop in cuts:
            pieces += [(whole[at:begin], False), (whole[begin:stop], True)]
            at = stop
        return [piece for piece in [*pieces, (whole[at:], False)] if piece[0]]


def _raise(message: str) -> None:
    from jinja2 import TemplateError

    raise TemplateError(message)


def _broken(error: Exception) -> TunesmithError:
    return TunesmithError(
        "model.chat-template-failed",
        f"the model's chat template refused this conversation: {error}",
        hint="some templates want user and assistant in turn; or write `template: plain` under data:",
    )
