"""Chat templates at work, in the process of their own that `tunesmith.confined` starts: they come with a model.

A template sees what transformers' `apply_chat_template` lets it see, and writes the same text. Besides the text this
finds which of its characters the assistant wrote.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.parser
import jinja2.utils
from jinja2.sandbox import ImmutableSandboxedEnvironment

LARGEST = 20_000_000
"""Characters that one conversation may become."""
MARK = "Qx7vJ2"
"""Stands for an answer where it is asked what a template writes around one."""
THINKING = ("reasoning_content", "thinking", "reasoning")
"""Names under which data keep an answer's reasoning; templates read the first."""

Messages = list[dict[str, Any]]
Spans = list[tuple[int, int]]


def answer(request: Mapping[str, Any]) -> Any:
    """Does what `request["do"]` names: `learnt` (text and spans of each conversation), `prompt`, or `behind`."""
    template = _compiled(request["template"])
    writer = _Writer(template, request["specials"], request["now"])
    if request["do"] == "learnt":
        return [_each(writer.learnt, messages) for messages in request["conversations"]]
    if request["do"] == "prompt":
        return writer.prompt(request["messages"])
    return writer.behind(request["messages"])


def _each(call: Callable[[Messages], Any], messages: Messages) -> Any:
    """The answer for one conversation, or `{"kind", "message"}` of what the template raised over it."""
    try:
        return call(messages)
    except Exception as error:  # noqa: BLE001 - a template is data: whatever it raises is reported with its row
        return {"kind": type(error).__name__, "message": " ".join(str(error).split())}


class _Writer:
    """One template, with the special tokens it may write and the time it may tell."""

    def __init__(self, template: jinja2.Template, specials: Mapping[str, str], now: str | None) -> None:
        self._template, self._specials = template, dict(specials)
        moment = datetime.fromisoformat(now) if now else datetime.now()
        template.environment.globals["strftime_now"] = moment.strftime
        self._own: Spans = []
        self._pieces: list[str] = []
        marks = template.environment.extensions[_Generation.identifier]
        assert isinstance(marks, _Generation)
        marks.written = self._written
        self._marks = marks

    def render(self, messages: Messages, *, prompt: bool = False) -> str:
        """The conversation as text; `prompt` ends it where the assistant is to speak."""
        self._pieces.clear()
        self._own.clear()
        size = 0
        given = {"tools": None, "documents": None, "add_generation_prompt": prompt, **self._specials}
        for piece in self._template.generate(messages=[_with_thinking(message) for message in messages], **given):
            size += len(piece)
            if size > LARGEST:
                raise ValueError(f"it writes more than {LARGEST} characters for one conversation")
            self._pieces.append(piece)
        return "".join(self._pieces)

    def learnt(self, messages: Messages) -> tuple[str, list[tuple[int, int, int]], bool]:
        """The text, (message, begin, end) of what each answer of the assistant became, and who says so.

        Where the template marks the answers itself (`{% generation %}`, the third value is true), these are they; the
        message is -1 if their number does not tell which is which. An answer that a template writes anew once later
        messages follow is not in the list.
        """
        whole = self.render(messages)
        numbers = [number for number, message in enumerate(messages) if message["role"] == "assistant"]
        if self._marks.found:
            own = list(self._own)
            named = numbers if len(numbers) == len(own) else [-1] * len(own)
            return whole, [(number, *span) for number, span in zip(named, own, strict=True)], True
        spans = []
        at = 0
        for number in numbers:
            until = messages[: number + 1]
            after = whole if number == len(messages) - 1 else self.render(until)
            begin, end = self._begin(until, after), _common(after, whole)
            if begin is not None and at <= begin < end:
                spans.append((number, begin, end))
                at = end
        return whole, spans, False

    def _begin(self, messages: Messages, after: str) -> int | None:
        """Where the last message, an answer, begins in its rendering `after`."""
        before = messages[:-1]
        asked = self.render(before, prompt=True) if before else ""
        if after.startswith(asked):
            return len(asked)
        # What asks for an answer is not how answers are written, as where it opens a thinking part.
        marked = self._marked(before)
        place = marked.rfind(MARK)
        rendered = self.render(before) if before else ""
        if (
            place < 0
            or not after.startswith(rendered)
            or not marked.startswith(rendered)
            or not asked.startswith(rendered)
        ):
            return None
        return min(max(_common(asked, marked), len(rendered)), place, _common(marked, after))

    def prompt(self, messages: Messages) -> tuple[str, str]:
        """The text after which answers of these messages were learnt, and what the template's own prompt has more."""
        asked = self.render(messages, prompt=True)
        try:
            begin = self._begin([*messages, {"role": "assistant", "content": MARK}], self._marked(messages))
        except jinja2.TemplateError:
            begin = None  # it refuses an answer here: its own prompt is all there is
        return (asked, "") if begin is None or begin >= len(asked) else (asked[:begin], asked[begin:])

    def behind(self, messages: Messages) -> str:
        """What the template writes behind an answer to `messages`."""
        _, mark, behind = self._marked(messages).rpartition(MARK)
        return behind if mark else ""

    def _marked(self, messages: Messages) -> str:
        """The conversation with an answer that can be found again."""
        return self.render([*messages, {"role": "assistant", "content": MARK}])

    def _written(self, text: str) -> None:
        """A `generation` block has written `text`."""
        begin = sum(map(len, self._pieces))
        self._own.append((begin, begin + len(text)))


def _with_thinking(message: dict[str, Any]) -> dict[str, Any]:
    found = next((message[name] for name in THINKING if message.get(name) is not None), None)
    return message if found is None else {"thinking": found, **message, "reasoning_content": found}


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    if one.startswith(other) or other.startswith(one):
        return min(len(one), len(other))
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


class _Generation(jinja2.ext.Extension):
    """`{% generation %}` ... `{% endgeneration %}` around what the assistant writes."""

    tags = {"generation"}  # noqa: RUF012 - as jinja declares it

    def __init__(self, environment: jinja2.Environment) -> None:
        super().__init__(environment)
        self.found = False
        self.written: Callable[[str], None] = lambda text: None

    def parse(self, parser: jinja2.parser.Parser) -> jinja2.nodes.Node:
        self.found = True
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_write"), [], [], body).set_lineno(line)

    def _write(self, caller: Callable[[], str]) -> str:
        text = caller()
        self.written(text)
        return text


@lru_cache(maxsize=8)
def _compiled(source: str) -> jinja2.Template:
    """The template, with the globals and filters of transformers and nothing of Python's."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, jinja2.ext.loopcontrols]
    )
    environment.filters["tojson"] = _to_json
    environment.globals |= {"raise_exception": _raise, "dict": _Dict(), "namespace": _Namespace}
    return environment.from_string(source)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,  # noqa: FBT001, FBT002 - as templates call it
    indent: int | str | None = None,
    separators: Sequence[str] | None = None,
    sort_keys: bool = False,  # noqa: FBT001, FBT002
) -> str:
    pair = None if separators is None else (separators[0], separators[1])
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=pair, sort_keys=sort_keys)


def _raise(message: str) -> None:
    raise jinja2.TemplateError(message)


class _Dict:
    """`dict(...)` of templates: makes mappings, and has nothing else of Python's class."""

    def __call__(self, *given: Any, **named: Any) -> dict[Any, Any]:
        return dict(*given, **named)

    def fromkeys(self, *given: Any) -> dict[Any, Any]:
        return dict.fromkeys(*given)


class _Namespace(jinja2.utils.Namespace):
    """`namespace(...)` of templates, for names that do not reach into Python."""

    def __init__(*given: Any, **named: Any) -> None:
        own, rest = given[0], given[1:]
        found = dict(*rest, **named)
        for name in found:
            _refuse_underscore(name)
        jinja2.utils.Namespace.__init__(own, found)

    def __setitem__(self, name: str, value: Any) -> None:
        _refuse_underscore(name)
        super().__setitem__(name, value)


def _refuse_underscore(name: object) -> None:
    if str(name).startswith("_"):
        raise jinja2.exceptions.SecurityError(f"a template may not store {name!r}")
