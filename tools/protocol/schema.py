"""JSON Schema (draft 2020-12) of all messages, and which method takes which."""

from __future__ import annotations

import json
from typing import Any

from protocol.shapes import Field, Kind, all_messages, fields_of
from tunesmith.protocol import VERSION
from tunesmith.protocol.codec import NOT_FINITE, encode
from tunesmith.protocol.method import Request
from tunesmith.protocol.table import METHODS


def schema() -> str:
    """The whole file."""
    content = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The protocol of Tunesmith's server",
        "version": VERSION,
        "methods": {method.name: _method(method) for method in METHODS},
        "$defs": {message.__name__: _message(message) for message in all_messages()},
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _method(method: Any) -> dict[str, Any]:
    found = {"direction": method.direction, "description": method.purpose, "params": _ref(method.params)}
    return {**found, "result": _ref(method.result)} if isinstance(method, Request) else found


def _ref(message: type) -> dict[str, str]:
    return {"$ref": f"#/$defs/{message.__name__}"}


def _message(message: type) -> dict[str, Any]:
    about = fields_of(message)
    found: dict[str, Any] = {"type": "object", "description": " ".join((message.__doc__ or "").split())}
    if about:
        found["properties"] = {item.name: _field(item) for item in about}
    required = [item.name for item in about if item.required]
    return {**found, "required": required} if required else found


def _field(item: Field) -> dict[str, Any]:
    found = _type(item.kind)
    found["description"] = item.help + (f" Unit: {item.unit}." if item.unit else "")
    if item.words:
        key = "examples" if item.words.open else "enum"
        found[key] = [*item.words.meanings]
    if not item.required and item.default not in (None, (), {}):
        found["default"] = encode(item.default)
    return found


_PLAIN: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "whole": {"type": "integer"},
    "number": {"anyOf": [{"type": "number"}, {"enum": [*NOT_FINITE]}]},
    "flag": {"type": "boolean"},
    "any": {},
}


def _type(kind: Kind) -> dict[str, Any]:
    if kind.message is not None:
        found: dict[str, Any] = dict(_ref(kind.message))
    elif kind.inner is not None:
        inner = _type(kind.inner)
        found = (
            {"type": "array", "items": inner}
            if kind.name == "list"
            else {"type": "object", "additionalProperties": inner}
        )
    else:
        found = dict(_PLAIN[kind.name])
    return {"anyOf": [found, {"type": "null"}]} if kind.nullable else found
