"""The messages as data: fields with their types, for every generator to walk over."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from types import ModuleType
from typing import Any, Union, get_args, get_origin, get_type_hints

from tunesmith.protocol import problems
from tunesmith.protocol.message import Words, json_name
from tunesmith.protocol.table import AREAS


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A type: `name` is text, whole, number, flag, any, list, map or message; lists and maps have `inner`."""

    name: str
    inner: Kind | None = None
    message: type | None = None
    nullable: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a message; `default` is a JSON value where there is one."""

    name: str
    kind: Kind
    help: str
    unit: str
    words: Words | None
    required: bool
    default: Any


def kind_of(hint: Any) -> Kind:
    """The type that an annotation stands for."""
    plain = {str: "text", int: "whole", float: "number", bool: "flag", Any: "any"}
    if is_dataclass(hint):
        return Kind(name="message", message=hint)
    if hint in plain:
        return Kind(name=plain[hint])
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (inner,) = (part for part in arguments if part is not types.NoneType)
        found = kind_of(inner)
        return Kind(name=found.name, inner=found.inner, message=found.message, nullable=True)
    if origin is tuple:
        return Kind(name="list", inner=kind_of(arguments[0]))
    if origin is Mapping:
        return Kind(name="map", inner=kind_of(arguments[1]))
    raise TypeError(f"{hint} cannot stand in a message")


def fields_of(message: type) -> list[Field]:
    """All fields, in order, by their names in JSON."""
    hints = get_type_hints(message)
    found = []
    for item in fields(message):
        required = item.default is MISSING and item.default_factory is MISSING
        default = None if required else item.default if item.default is not MISSING else item.default_factory()
        about = item.metadata
        found.append(
            Field(
                name=json_name(item.name),
                kind=kind_of(hints[item.name]),
                help=about["help"],
                unit=about["unit"],
                words=about["words"],
                required=required,
                default=default,
            )
        )
    return found


def areas() -> list[tuple[str, ModuleType]]:
    """The areas by name, what is wrong first."""
    return [(area.__name__.rpartition(".")[2], area) for area in (problems, *AREAS)]


def messages_of(area: ModuleType) -> list[type]:
    """The messages that an area defines, in the order of its file."""
    return [item for item in vars(area).values() if is_dataclass(item) and item.__module__ == area.__name__]


def words_of(area: ModuleType) -> list[Words]:
    """The lists of words that an area defines."""
    used = {item.words.name for message in messages_of(area) for item in fields_of(message) if item.words}
    return [item for item in vars(area).values() if isinstance(item, Words) and item.name in used]


def all_messages() -> Iterator[type]:
    """Every message of the protocol."""
    for _, area in areas():
        yield from messages_of(area)
