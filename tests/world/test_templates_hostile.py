"""Chat templates come with a model: they may do nothing but write text, and not for ever."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from task_parts import job, rows
from tokenizer_folders import CHATML, byte_level
from tunesmith.confined import BeyondLimits, Confined, RefusedRequest
from tunesmith.contracts.model import TextFormat
from tunesmith.errors import NOWHERE, TunesmithError
from tunesmith.tasks import causal_lm
from tunesmith.tasks.parts import chat as chat_parts
from tunesmith.tasks.parts.chat import chat_of
from tunesmith.tasks.parts.messages import conversation_of

CHAT = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]
ENDLESS = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ messages.__class__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ self._TemplateReference__context }}",
    "{{ raise_exception.__globals__ }}",
    "{{ strftime_now.__self__.__class__.__base__.__subclasses__() }}",
    "{{ dict.__class__.__base__ }}",
    "{% set ns = namespace(__class__=1) %}{{ ns }}",
    "{{ messages.append({'role': 'user', 'content': 'x'}) }}",
    "{% set _ = messages[0].update({'content': 'x'}) %}",
    "{{ '%s' | format(joiner) | attr('__init__') }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{{ ''.format.__self__ }}{{ '{0.__class__}'.format(1) }}",
]
FAULTS = {
    "{{ 1 // 0 }}": "ZeroDivisionError",
    "{{ nothing.at.all }}": "UndefinedError",
    "{{ messages | tojson(indent=object) }}": "",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}": "RecursionError",
    "{% if %}": "no valid Jinja",
    "{{ raise_exception('only in turn') }}": "only in turn",
    "{{ messages[0]['content'] + 1 }}": "TypeError",
}
HUGE = [
    "{{ 'a' * 99999999999 }}",
    "{% set ns = namespace(t='aaaaaaaa') %}{% for i in range(60) %}{% set ns.t = ns.t + ns.t %}{% endfor %}",
    "{{ '%9999999999d' | format(1) }}",
    "{% for i in range(9999) %}{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' * 100 }}{% endfor %}",
]


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(chat_parts, "TEMPLATE_S", 5.0)
    monkeypatch.setattr(chat_parts, "TEMPLATE_BYTES", 400 << 20)
    chat_parts._process.cache_clear()
    yield
    chat_parts._process.cache_clear()


def reads(template: str) -> TextFormat:
    return TextFormat(tokenizer=byte_level(CHATML), chat_template=template)


def said_of(template: str, count: int = 2) -> str:
    """What is wrong with the first conversation."""
    chat = chat_of(reads(template), end=None, plain=False)
    try:
        found = chat.documents([conversation_of(CHAT)] * count, lambda row: NOWHERE)[0]
    except TunesmithError as error:
        found = error
    assert isinstance(found, TunesmithError), f"it wrote {found.text!r}"
    assert found.code == "model.chat-template-failed"
    return found.problem.message


def test_a_template_that_never_ends_is_stopped_with_the_row_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    processes, begin = [], subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: processes.append(a) or begin(*a, **k))
    started, data = job("causal-lm"), rows(messages=[CHAT] * 50)
    with pytest.raises(TunesmithError) as caught:
        causal_lm.check_rows(started, data, causal_lm.facts(started, data), reads(ENDLESS))
    assert len(processes) == 1, "not one for every row"
    assert "took longer than 5 seconds" in caught.value.problem.message
    assert caught.value.problem.place.line == 2


def test_only_a_later_row_makes_it_endless() -> None:
    template = "{% if messages[0].content == 'loop' %}" + ENDLESS + "{% endif %}{{ messages[0].content }}"
    chats = [conversation_of(CHAT)] * 7 + [conversation_of([{"role": "user", "content": "loop"}, CHAT[1]])]
    with pytest.raises(TunesmithError) as caught:
        chat_of(reads(template), end=None, plain=False).documents(chats, rows(messages=chats).place)
    assert caught.value.problem.place.line == 9


@pytest.mark.parametrize("template", HUGE)
def test_a_template_that_fills_the_memory_is_stopped(template: str) -> None:
    message = said_of(template)
    assert any(word in message for word in ("MemoryError", "memory", "characters", "OverflowError")), message


@pytest.mark.parametrize("template", FAULTS)
def test_whatever_a_template_raises_is_one_named_error(template: str) -> None:
    assert FAULTS[template] in said_of(template)


@pytest.mark.parametrize("template", ESCAPES)
def test_no_template_reaches_python(template: str) -> None:
    chat = chat_of(reads(template), end=None, plain=False)
    try:
        found = chat.documents([conversation_of(CHAT)], lambda row: NOWHERE)[0]
    except TunesmithError as error:
        found = error
    if not isinstance(found, TunesmithError):  # an attribute that is not there is written as nothing
        assert found.text in ("", "joiner"), found.text


def test_a_process_that_was_ended_is_started_anew() -> None:
    chat = chat_of(
        reads("{{ messages[0].content }}{% if messages[0].content == 'x' %}" + ENDLESS + "{% endif %}"),
        end=None,
        plain=False,
    )
    with pytest.raises(TunesmithError):
        chat.documents([conversation_of([{"role": "user", "content": "x"}])], lambda row: NOWHERE)
    found = chat.documents([conversation_of(CHAT)], lambda row: NOWHERE)[0]
    assert not isinstance(found, TunesmithError)
    assert found.text == "hi"


def test_a_confined_process_tells_crashes_from_refusals() -> None:
    for end in ("os:_exit", "ctypes:string_at"):  # it leaves, and it reads memory that is not its own
        with pytest.raises(BeyondLimits, match="crash"):
            Confined(end, time_s=20, memory_bytes=1 << 30).ask(1)
    process = Confined("math:sqrt", time_s=20, memory_bytes=1 << 30)
    assert process.ask(9) == 3
    with pytest.raises(RefusedRequest) as caught:
        process.ask(-1)
    assert caught.value.kind == "ValueError"
    process.close()
    assert process.ask(16) == 4
    process.close()


def test_a_confined_process_that_somebody_else_ended_is_started_anew() -> None:
    """Ctrl-C in a terminal reaches every process that was started there."""
    process = Confined("math:sqrt", time_s=20, memory_bytes=1 << 30)
    assert process.ask(9) == 3
    ended = process._process
    assert ended is not None
    ended.kill()
    ended.wait(20)
    assert process.ask(16) == 4
    process.close()
