"""Conversations as text, with the places in it that the model is to learn: the assistant's.

Where the tokenizer brings no chat template, this plain one is used::

    ### System:\nTEXT\n\n### User:\nTEXT\n\n### Assistant:\nTEXT<end of text>\n\n
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from tunesmith.confined import BeyondLimits, Confined, RefusedRequest
from tunesmith.errors import Place, TunesmithError
from tunesmith.tasks.parts.messages import ROLES, Conversation, text_in
from tunesmith.tasks.parts.tokens import tokenizing

if TYPE_CHECKING:
    from tunesmith.contracts.model import TextFormat

TEMPLATE_S, TEMPLATE_BYTES = 15.0, 1 << 30
"""What a chat template may take for a batch of conversations."""
BATCH = 64
HELLO = [{"role": "user", "content": "Hello"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A conversation as the model sees it: `learnt` are the (begin, end) of its characters that are targets.

    `closed`: each answer ends with a token that ends a text; `begins`: the text's first token is still to be added.
    """

    text: str
    learnt: tuple[tuple[int, int], ...]
    closed: bool = True
    begins: bool = False


class Chat(Protocol):
    """How conversations become text for one model."""

    def documents(
        self, conversations: Sequence[Conversation], place: Callable[[int], Place]
    ) -> list[Rendered | TunesmithError]:
        """Each conversation, or what is wrong with it, at its place.

        Raises TunesmithError model.chat-template-failed where the template itself is at fault.
        """
        ...

    def prompt(self, messages: Sequence[Mapping[str, Any]]) -> str:
        """The conversation so far, up to where an answer as those that were learnt begins."""
        ...

    def ends(self, messages: Sequence[Mapping[str, Any]] = ()) -> tuple[int, ...]:
        """The tokens with which an answer to `messages` ends; () where only the end of a text ends it."""
        ...

    def opens(self) -> str:
        """What the prompt of other programs writes and no learnt answer had before it, such as `<think>`."""
        ...


def chat_of(reads: TextFormat, *, end: int | None, plain: bool, now: str | None = None) -> Chat:
    """The chat of the tokenizer's own template, or the plain one where it has none or `plain` is wanted.

    `end`: the token that ends a text; `now`: the time that a template may tell (ISO 8601), else the present.
    """
    if plain or not reads.chat_template:
        return PlainChat(_text(reads, end))
    return TemplateChat(Template(reads.chat_template, reads.special_tokens, now), reads)


def _text(reads: TextFormat, end: int | None) -> str:
    return (reads.tokenizer.id_to_token(end) or "") if reads.tokenizer and end is not None else ""


@dataclass(frozen=True, slots=True)
class PlainChat:
    """The plain template; `end` is the text of the end-of-text token."""

    end: str

    def documents(
        self, conversations: Sequence[Conversation], place: Callable[[int], Place]
    ) -> list[Rendered | TunesmithError]:
        return [self._or_error(conversation, place(row)) for row, conversation in enumerate(conversations)]

    def _or_error(self, conversation: Conversation, place: Place) -> Rendered | TunesmithError:
        try:
            return self._document(conversation)
        except TunesmithError as error:
            return _placed(error, place)

    def _document(self, conversation: Conversation) -> Rendered:
        text = ""
        learnt = []
        for number, message in enumerate(conversation.messages):
            text += f"### {_speaker(message)}:\n"
            begin = len(text)
            text += _content_of(message)
            if message["role"] == "assistant":
                text += self.end
                if number not in conversation.masked:
                    learnt.append((begin, len(text)))
            text += "\n\n"
        return Rendered(text=text, learnt=tuple(learnt), closed=bool(self.end), begins=True)

    def prompt(self, messages: Sequence[Mapping[str, Any]]) -> str:
        asked = Conversation([dict(message) for message in messages], frozenset())
        return self._document(asked).text + "### Assistant:\n"

    def ends(self, messages: Sequence[Mapping[str, Any]] = ()) -> tuple[int, ...]:
        return ()

    def opens(self) -> str:
        return ""


def _speaker(message: Mapping[str, Any]) -> str:
    role = str(message["role"])
    if role not in ROLES:
        raise _unfit(f"the plain template knows no role {role!r}, only {', '.join(ROLES)}")
    return ROLES[role]


def _content_of(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list) and any(not isinstance(part, dict) or "text" not in part for part in content):
        raise _unfit("the plain template writes texts only, not images or other parts of a message")
    if content is None:
        raise _unfit("the plain template cannot write the call of a tool")
    return text_in(content)


def _unfit(message: str) -> TunesmithError:
    return TunesmithError(
        "model.chat-template-failed",
        message,
        hint="change the conversation, or choose a model whose tokenizer brings a chat template that can",
    )


class TemplateChat:
    """The tokenizer's own chat template; what it writes is what transformers' `apply_chat_template` writes."""

    def __init__(self, template: Template, reads: TextFormat) -> None:
        tokenizer = reads.tokenizer
        assert tokenizer is not None
        self._template, self._tokenizer = template, tokenizer
        self._added = {token: added.content for token, added in tokenizer.get_added_tokens_decoder().items()}
        self._closed: bool | None = None

    def documents(
        self, conversations: Sequence[Conversation], place: Callable[[int], Place]
    ) -> list[Rendered | TunesmithError]:
        rendered = self._template.learnt([conversation.messages for conversation in conversations], place)
        found = [self._document(*pair) for pair in zip(conversations, rendered, strict=True)]
        return [
            _placed(each, place(row)) if isinstance(each, TunesmithError) else each for row, each in enumerate(found)
        ]

    def _document(self, conversation: Conversation, found: Any) -> Rendered | TunesmithError:
        if isinstance(found, TunesmithError):
            return found
        text, spans, marked = found
        if conversation.masked and any(number < 0 for number, _, _ in spans):
            return _unfit("the template's own marks do not tell which answer has `weight: 0`")
        if self._closed is None:
            self._closed = bool(self.ends(_question(conversation.messages)))
        learnt = [span for number, *span in spans if number not in conversation.masked]
        if not marked:
            learnt = [[begin, self._end(text, begin, end)] for begin, end in learnt]
        return Rendered(text=text, learnt=tuple((begin, end) for begin, end in learnt), closed=self._closed)

    def _end(self, text: str, begin: int, end: int) -> int:
        """Without the white space that a template writes behind the token that ends an answer: nobody asks for it."""
        visible = text[begin:end].rstrip()
        return begin + len(visible) if visible.endswith(tuple(self._added.values())) else end

    def prompt(self, messages: Sequence[Mapping[str, Any]]) -> str:
        return self._template.prompt(messages)[0]

    def ends(self, messages: Sequence[Mapping[str, Any]] = ()) -> tuple[int, ...]:
        try:
            behind = self._template.behind(list(messages) or HELLO)
        except TunesmithError:
            return ()  # it refuses these messages; an answer to them is not asked for either
        with tokenizing():
            found = self._tokenizer.encode(behind, add_special_tokens=False).ids
        return next(((token,) for token in found if token in self._added), ())

    def opens(self) -> str:
        try:
            return self._template.prompt(HELLO)[1]
        except TunesmithError:
            return ""


def _question(messages: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The messages before the first answer."""
    first = next((number for number, message in enumerate(messages) if message["role"] == "assistant"), len(messages))
    return messages[:first]


@dataclass(frozen=True, slots=True)
class Template:
    """A chat template (Jinja), which works in another process; see `_rendering`.

    `specials`: the special tokens by role; `now`: the time that it may tell (ISO 8601), None for the present.
    """

    source: str
    specials: Mapping[str, str]
    now: str | None

    def learnt(self, conversations: Sequence[list[dict[str, Any]]], place: Callable[[int], Place]) -> list[Any]:
        """(text, [(message, begin, end)], marked by the template itself) of each, or the TunesmithError of it.

        Raises TunesmithError where the template is no Jinja at all, or goes beyond its limits.
        """
        found: list[Any] = []
        size = 1  # a template that never ends is found out with the first conversation
        while len(found) < len(conversations):
            batch = conversations[len(found) : len(found) + size]
            try:
                rendered = self._ask("learnt", conversations=batch)
            except BeyondLimits as error:
                if size == 1:
                    raise _placed(_beyond(error), place(len(found))) from error
                size = 1
                continue
            for messages, each in zip(batch, rendered, strict=True):
                wrong = _failed(each["kind"], each["message"], messages) if isinstance(each, dict) else None
                found.append(wrong or _spelt_out(each[0], messages) or each)
            size = BATCH if len(found) == 1 or size == BATCH else 1
        return found

    def prompt(self, messages: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
        """What an answer begins after, and what the template's own prompt has more."""
        text, more = self._limited("prompt", messages=list(messages))
        if (wrong := _spelt_out(text, messages)) is not None:
            raise wrong
        return text, more

    def behind(self, messages: Sequence[Mapping[str, Any]]) -> str:
        """What stands behind an answer to `messages`."""
        return str(self._limited("behind", messages=list(messages)))

    def _limited(self, do: str, **more: Any) -> Any:
        try:
            return self._ask(do, **more)
        except BeyondLimits as error:
            raise _beyond(error) from error

    def _ask(self, do: str, **more: Any) -> Any:
        request = {"do": do, "template": self.source, "specials": dict(self.specials), "now": self.now, **more}
        try:
            return _process().ask(request)
        except RefusedRequest as error:
            raise _failed(error.kind, str(error), more.get("messages", ())) from error


@cache
def _process() -> Confined:
    """The one in which all templates work: it starts with the first conversation, and ends with this process."""
    return Confined("tunesmith.tasks.parts.rendering:answer", time_s=TEMPLATE_S, memory_bytes=TEMPLATE_BYTES)


def _failed(kind: str, message: str, messages: Sequence[Mapping[str, Any]] = ()) -> TunesmithError:
    """The error for what a template raised over a conversation; one in parts breaks templates that join texts."""
    parts = next(_in_parts(messages), None)
    if parts is not None and kind not in ("TemplateError", "TemplateSyntaxError"):
        return _takes_texts(*parts)
    reason = message if kind == "TemplateError" else f"{kind}: {message}".rstrip(": ")
    what = "is no valid Jinja" if kind == "TemplateSyntaxError" else "refused this conversation"
    return TunesmithError(
        "model.chat-template-failed",
        f"the model's chat template {what}: {reason[:400]}",
        hint="some templates want user and assistant in turn; or write `template: plain` under data:",
    )


def _in_parts(messages: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, list[Any]]]:
    """The messages whose content is a list of parts, with their numbers."""
    for number, message in enumerate(messages, start=1):
        if isinstance(message.get("content"), list):
            yield number, message["content"]


def _spelt_out(text: str, messages: Sequence[Mapping[str, Any]]) -> TunesmithError | None:
    """The error for a template that wrote a list of parts as Python spells it; None where it did not."""
    return next((_takes_texts(number, parts) for number, parts in _in_parts(messages) if str(parts) in text), None)


def _takes_texts(number: int, parts: list[Any]) -> TunesmithError:
    return TunesmithError(
        "model.chat-template-failed",
        f"the model's chat template takes only texts, and the content of message {number} is a list of parts",
        found=f"{parts!s:.80}",
        hint='write the content as one text, "content": "...", or choose a model whose template takes parts'
        + (", or write `template: plain` under data:" if all(text_in([part]) for part in parts) else ""),
    )


def _beyond(error: BeyondLimits) -> TunesmithError:
    excess = {
        "time": f"took longer than {TEMPLATE_S:g} seconds",
        "memory": f"took more than {TEMPLATE_BYTES >> 20} MB of memory",
        "crash": "brought its process down",
    }[error.limit]
    return TunesmithError(
        "model.chat-template-failed",
        f"the model's chat template {excess} for this conversation, and was stopped",
        hint="do not trust this model's files; or write `template: plain` under data:",
    )


def _placed(error: TunesmithError, place: Place) -> TunesmithError:
    """The same error, said of a row."""
    problem = error.problem
    return TunesmithError(problem.code, problem.message, place=place, found=problem.found, hint=problem.hint)
