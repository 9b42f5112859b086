"""Messages to JSON values and back. Reading is strict on what is known and blind to what is not."""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from tunesmith.errors import NOWHERE, Place, TunesmithError
from tunesmith.protocol.message import Words, json_name

T = TypeVar("T")
Reader = Callable[[Any, str], Any]

_AS_THEY_ARE = {int, str, bool}
NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class InvalidParams(TunesmithError):
    """A message that is not what the protocol says; the place's `key` names the field, such as `params.lastStep`."""


def decode(kind: type[T], value: Any, where: str = "params") -> T:
    """A message from a JSON value. Unknown fields are left out. Raises InvalidParams that names the field."""
    found: T = _reader(cast(Any, kind))(value, where)
    return found


def encode(value: Any) -> Any:
    """A JSON value from a message; of a class's optional fields that are None nothing is written."""
    kind = type(value)
    if value is None or kind in _AS_THEY_ARE:
        return value
    if kind is float:
        return value if value - value == 0 else "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return _encode_list(value)
    if is_dataclass(value):
        values, names = _fields(cast(Any, kind))
        return {
            name: item if type(item) in _AS_THEY_ARE else encode(item)
            for name, item in zip(names, values(value), strict=True)
            if item is not None
        }
    return value


def _encode_list(values: Sequence[Any]) -> list[Any]:
    """Curves are lists of thousands of numbers: those are not looked at one by one."""
    kinds = set(map(type, values))
    if kinds <= _AS_THEY_ARE or (kinds <= {float, int} and math.isfinite(sum(values))):
        return list(values)
    return [encode(item) for item in values]


@cache
def _fields(kind: type) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[str, ...]]:
    """What takes all values out of a message of this class at once, and their names in JSON."""
    own = [item.name for item in fields(kind)]
    names = tuple(map(json_name, own))
    if len(own) > 1:
        return attrgetter(*own), names
    return lambda value: tuple(getattr(value, name) for name in own), names  # a getter of one name gives a bare value


@cache
def _reader(kind: Any) -> Reader:
    if is_dataclass(kind):
        return _message_reader(kind)
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType) and len(arguments) == 2 and types.NoneType in arguments:
        inner = _reader(next(part for part in arguments if part is not types.NoneType))
        return lambda value, where: None if value is None else inner(value, where)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _list_reader(_reader(arguments[0]))
    if origin is Mapping and arguments[0] is str:
        return _map_reader(_reader(arguments[1]))
    raise TypeError(f"{kind} cannot stand in a message")


# `Mapping[str, X]` of annotations is typing's or collections.abc's; both have the same origin.
def _message_reader(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = []
    for item in fields(kind):
        needed = item.default is MISSING and item.default_factory is MISSING
        reader = _reader(hints[item.name])
        words = item.metadata.get("words")
        if words is not None and not words.open:
            reader = _word_reader(reader, words)
        readers.append((item.name, json_name(item.name), reader, needed))

    def read(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise wrong(where, value, "an object")
        found = {}
        for name, key, reader, needed in readers:
            if key in value:
                found[name] = reader(value[key], f"{where}.{key}")
            elif needed:
                raise InvalidParams(
                    "protocol.missing-field", f"the message lacks {key}", place=Place(key=f"{where}.{key}")
                )
        return kind(**found)

    return read


def _word_reader(reader: Reader, words: Words) -> Reader:
    known = tuple(words.meanings)

    def read(value: Any, where: str) -> Any:
        found = reader(value, where)
        for word in found if isinstance(found, tuple) else (found,):
            if word is not None and word not in words.meanings:
                raise wrong(where, word, *known)
        return found

    return read


def _list_reader(inner: Reader) -> Reader:
    def read(value: Any, where: str) -> Any:
        if not isinstance(value, list):
            raise wrong(where, value, "a list")
        return tuple(inner(item, f"{where}[{number}]") for number, item in enumerate(value))

    return read


def _map_reader(inner: Reader) -> Reader:
    def read(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise wrong(where, value, "an object")
        return {key: inner(item, f"{where}.{key}") for key, item in value.items()}

    return read


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise wrong(where, value, "a text")
    return value


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise wrong(where, value, "true or false")
    return value


def _whole(value: Any, where: str) -> int:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise wrong(where, value, "a whole number")
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, str) and value in NOT_FINITE:
        return NOT_FINITE[value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong(where, value, "a number", *NOT_FINITE)
    try:
        return float(value)
    except OverflowError:
        raise wrong(where, "a whole number of too many digits", "a number", *NOT_FINITE) from None


_PLAIN: dict[Any, Reader] = {
    str: _text,
    bool: _flag,
    int: _whole,
    float: _number,
    Any: lambda value, where: value,
}


def wrong(where: str, value: Any, *allowed: str) -> InvalidParams:
    """The error for a field whose value is not allowed."""
    text = repr(value)
    return InvalidParams(
        "protocol.wrong-value",
        "the message has a value that is not allowed",
        place=Place(key=where) if where else NOWHERE,
        found=text if len(text) <= 80 else f"{text[:79]}…",
        allowed=allowed,
    )
