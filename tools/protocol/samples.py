"""Messages that must be read and messages that must be refused: Python and Kotlin judge each of them alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from protocol.shapes import Field, Kind, all_messages, fields_of
from tunesmith.protocol.method import Request
from tunesmith.protocol.table import METHODS

# A value that no reader may take for the type.
WRONG: dict[str, Any] = {"text": 7, "whole": 3.5, "number": "many", "flag": "yes", "list": {}, "map": [], "message": []}


def samples() -> str:
    """The whole file: one sample a line, so that a change shows as lines."""
    lines = [json.dumps(sample, ensure_ascii=False) for sample in _samples()]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _samples() -> Iterator[dict[str, Any]]:
    for method in METHODS:
        yield _sample(method.params, method.example, f"the example of {method.name}")
        if isinstance(method, Request):
            yield _sample(method.result, method.answer, f"the answer of {method.name}")
    for message in all_messages():
        yield from _of_message(message)


def _sample(message: type, value: Any, why: str, *, valid: bool = True) -> dict[str, Any]:
    return {"message": message.__name__, "valid": valid, "why": why, "value": value}


def _of_message(message: type) -> Iterator[dict[str, Any]]:
    about = fields_of(message)
    full = {item.name: _value(item) for item in about}
    least = {item.name: full[item.name] for item in about if item.required}
    yield _sample(message, full, "all fields")
    yield _sample(message, {**least, "aFieldOfTomorrow": {"x": [1]}}, "an unknown field")
    yield _sample(message, [], "not an object", valid=False)
    for item in about:
        if item.required:
            missing = {name: value for name, value in full.items() if name != item.name}
            yield _sample(message, missing, f"without {item.name}", valid=False)
        if item.kind.name in WRONG:
            wrong = {**least, item.name: WRONG[item.kind.name]}
            yield _sample(message, wrong, f"{item.name} of another type", valid=False)
        if item.kind.inner is not None and item.kind.inner.name in WRONG:
            inside = WRONG[item.kind.inner.name]
            listed = [inside] if item.kind.name == "list" else {"key": inside}
            yield _sample(message, {**least, item.name: listed}, f"{item.name} with another type inside", valid=False)
        if item.words:
            strange = ["a word of tomorrow"] if item.kind.name == "list" else "a word of tomorrow"
            yield _sample(message, {**least, item.name: strange}, f"another {item.name}", valid=item.words.open)
        if item.kind.nullable:
            yield _sample(message, {**least, item.name: None}, f"{item.name} is null")
        elif item.kind.name != "any":
            yield _sample(message, {**least, item.name: None}, f"{item.name} is null", valid=False)
        if item.kind.name == "number":
            yield _sample(message, {**least, item.name: "NaN"}, f"{item.name} is not a number")
            yield _sample(message, {**least, item.name: "nan"}, f"{item.name} is misspelt", valid=False)


def _value(item: Field) -> Any:
    if item.words:
        word = next(iter(item.words.meanings))
        return [word] if item.kind.name == "list" else word
    return _of_kind(item.kind)


def _of_kind(kind: Kind) -> Any:
    if kind.message is not None:
        return {item.name: _value(item) for item in fields_of(kind.message)}
    if kind.inner is not None:
        inner = _of_kind(kind.inner)
        return [inner] if kind.name == "list" else {"a.key": inner}
    return {"text": 'a text: ü \u2028 " \\', "whole": 9007199254740991, "number": 0.1, "flag": True, "any": [None]}[
        kind.name
    ]
