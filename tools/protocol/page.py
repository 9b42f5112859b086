"""docs/protocol.md: every method with purpose, direction, fields, errors and an example."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from protocol.shapes import Field, Kind, areas, fields_of, messages_of, words_of
from tunesmith.protocol import VERSION
from tunesmith.protocol.codec import encode
from tunesmith.protocol.method import Method, Request
from tunesmith.protocol.problems import ERRORS
from tunesmith.protocol.session import ClientOptions, ServerInfo
from tunesmith.protocol.table import METHODS

INTRODUCTION = """# The protocol

Generated from `runtime/tunesmith/protocol` by `tools/generate_protocol.py`. Version {version}.

`tunesmith serve` speaks LSP (JSON-RPC 2.0 with `Content-Length` headers) over stdio, or over TCP on the loopback
interface. Editor help is plain LSP; the methods of this page come on top and are all named `tunesmith/...`. The same
messages as a JSON Schema: [protocol.schema.json](protocol.schema.json).

## Rules

- Names in JSON are camelCase, as in LSP. Keys that come out of a job or a run's folder (settings, metrics, fields of
  events, names of series) are written there as they are here: `learning_rate`.
- Fields without a default must be given; others may be left out. The server leaves out what is nothing.
- Within a version there are only additions. Readers survive fields they do not know, and words they do not know where
  this page says *open*. The server refuses parameters of a wrong type and names the field.
- Numbers that JSON cannot carry travel as the texts `"NaN"`, `"Infinity"`, `"-Infinity"`.
- Whole numbers are at most 64 bits. Times are seconds since 1970 unless the field says otherwise.
- Every request can be cancelled with `$/cancelRequest`; the answer is then error -32800. Requests marked *slow* report
  `$/progress`: on the client's `workDoneToken` if it sent one, else on a token that the server creates where the
  client's capabilities say `window.workDoneProgress`.
- Paths may be absolute or start from the workspace's folder. A relative path that leads out of it is refused.

## Connecting

1. Over TCP the first message must be `initialize` with the `token` of the token file in `initializationOptions`;
   whatever else comes first, HTTP included, is dropped without an answer. Over stdio no token is needed.
2. The client sends `initialize`, with these `initializationOptions`:

{options}

3. Where `protocolVersion` is given and the server speaks another one, `initialize` fails with error -32803, code
   `protocol.version-mismatch`, and a message that says which side must be updated. A client that finds another number
   in the answer says the same.
4. The answer's `capabilities.experimental.tunesmith` holds:

{info}

5. The client sends `initialized`, and from then on what it likes.

## Errors

| number | when |
|---|---|
{errors}

`data` of an error is:

{data}

"""


def page() -> str:
    """The whole page."""
    from tunesmith.protocol.problems import ErrorData

    head = INTRODUCTION.format(
        version=VERSION,
        options=_table(fields_of(ClientOptions)),
        info=_table(fields_of(ServerInfo)),
        errors="\n".join(f"| {number} | {text} |" for number, text in ERRORS.items()),
        data=_table(fields_of(ErrorData)),
    )
    parts = [head.rstrip("\n"), "", "## Methods", "", *_overview(), ""]
    for method in METHODS:
        parts += _method(method)
    parts += ["## Messages", "", "Those that stand inside others.", ""]
    parts += _inner_messages()
    parts += ["## Words", ""]
    for _, area in areas():
        for words in words_of(area):
            kind = "Open: there may be more one day." if words.open else "The server refuses others."
            parts += [f"### {words.name}", "", kind, ""]
            parts += [f"- `{word}`: {meaning}" for word, meaning in words.meanings.items()]
            parts += [""]
    return "\n".join(parts).rstrip("\n") + "\n"


def _overview() -> list[str]:
    lines = ["| method | direction | purpose |", "|---|---|---|"]
    for method in METHODS:
        anchor = method.name.replace("/", "").lower()
        lines.append(f"| [`{method.name}`](#{anchor}) | {_direction(method)} | {method.purpose} |")
    return lines


def _direction(method: Method) -> str:
    return f"{'request' if isinstance(method, Request) else 'notification'} {method.direction}"


def _method(method: Method) -> list[str]:
    slow = " Slow: reports `$/progress`." if isinstance(method, Request) and method.slow else ""
    about = fields_of(method.params)
    lines = [f"### {method.name}", "", f"{method.purpose} ({_direction(method)}.{slow})", ""]
    lines += [f"**Parameters** {_doc(method.params)}", ""]
    lines += [_table(about), ""] if about else []
    if isinstance(method, Request):
        lines += [f"**Answer** {_doc(method.result)}", "", _table(fields_of(method.result)), ""]
        if method.errors:
            lines += ["**Errors** " + ", ".join(f"`{code}`" for code in method.errors), ""]
    lines += ["**Example**", "", "```json", _json(method.example)]
    lines += [_json(method.answer)] if isinstance(method, Request) else []
    return [*lines, "```", ""]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _doc(message: type) -> str:
    return " ".join((message.__doc__ or "").split())


def _inner_messages() -> Iterable[str]:
    used = {method.params for method in METHODS} | {method.result for method in METHODS if isinstance(method, Request)}
    shown = {ClientOptions, ServerInfo}
    for _, area in areas():
        for message in messages_of(area):
            if message in used - _referenced() or message in shown or message.__name__ == "ErrorData":
                continue
            yield from (f"### {message.__name__}", "", _doc(message), "", _table(fields_of(message)), "")


def _referenced() -> set[type]:
    found: set[type] = set()
    for _, area in areas():
        for message in messages_of(area):
            for item in fields_of(message):
                kind: Kind | None = item.kind
                while kind is not None:
                    found |= {kind.message} if kind.message else set()
                    kind = kind.inner
    return found


def _table(about: Iterable[Field]) -> str:
    lines = ["| field | type | unit | meaning |", "|---|---|---|---|"]
    for item in about:
        words = f" One of [{item.words.name}](#{item.words.name.lower()})." if item.words else ""
        default = item.default
        said = "" if item.required or default in (None, (), {}) else f" Default: `{_json(encode(default))}`."
        if not item.required and item.kind.message is not None and not item.kind.nullable:
            said = ""
        name = f"**`{item.name}`**" if item.required else f"`{item.name}`"
        help = item.help.replace("|", "\\|")
        lines.append(f"| {name} | {_type(item.kind)} | {item.unit} | {help}{words}{said} |")
    return "\n".join(lines) if len(lines) > 2 else "Nothing."


def _type(kind: Kind) -> str:
    names = {"text": "text", "whole": "whole number", "number": "number", "flag": "true or false", "any": "anything"}
    if kind.message is not None:
        found = f"[{kind.message.__name__}](#{kind.message.__name__.lower()})"
    elif kind.inner is not None:
        found = f"list of {_type(kind.inner)}" if kind.name == "list" else f"map to {_type(kind.inner)}"
    else:
        found = names[kind.name]
    return f"{found} or null" if kind.nullable else found
