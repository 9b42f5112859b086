"""What a message is: a frozen dataclass whose fields say what they hold and in which unit.

Names in JSON are camelCase, as in LSP, made from the Python names (`elapsed_s` is `elapsedS`). What comes out of a
job or a run's folder (settings, metrics, an event's own fields, series) keeps the names it has there, as keys of a map.
Numbers that JSON cannot carry travel as "NaN", "Infinity" and "-Infinity".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from dataclasses import field as dataclass_field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform

C = TypeVar("C", bound=type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The known values of a text field, with what each means.

    `open`: the server says them, there may be more one day, and readers survive those. Not open: clients say them, and
    the server refuses others.
    """

    name: str
    meanings: Mapping[str, str]
    open: bool = False


def field(
    help: str, *, default: Any = MISSING, factory: Any = MISSING, unit: str = "", words: Words | None = None
) -> Any:
    """A field of a message. Without `default` or `factory` it must be given."""
    about = MappingProxyType({"help": help, "unit": unit, "words": words})
    return dataclass_field(default=default, default_factory=factory, metadata=about)


if TYPE_CHECKING:

    @dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
    def message(kind: C) -> C:
        """Make a class a message."""
        ...

else:

    def message(kind: C) -> C:
        """Make a class a message."""
        return dataclass(frozen=True, slots=True, kw_only=True)(kind)


def json_name(name: str) -> str:
    """The name in JSON of a Python name: `elapsed_s` is `elapsedS`."""
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)
