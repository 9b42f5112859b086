"""Options that only a job has: a share or a file, a number or `auto`, a member of the catalog."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tunesmith.options import Option, Real
from tunesmith.trust import CALLABLE

AUTO_RATE = 0.0
"""A learning rate of 0 in a job that is not settled yet stands for `auto`."""


@dataclass(frozen=True, slots=True, eq=False)
class ShareOrFile(Option):
    """A share of the training rows (`10%`, 0.1), a file, or none."""

    def parse(self, value: Any) -> float | str | None:
        if value is None:
            return None
        if isinstance(value, str):
            number = _number(value)
            if number is None:
                if not value.strip():
                    raise ValueError(self.allowed())
                return value
            value = number
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1:
            raise ValueError(self.allowed())
        return float(value)

    def allowed(self) -> str:
        return "a share above 0% and below 100%, a file, or none"

    def json_schema(self) -> dict[str, Any]:
        return {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
                {"type": "string", "minLength": 1},
                {"type": "null"},
            ]
        }

    def accepts_none(self, value: Any) -> bool:
        return value is None


@dataclass(frozen=True, slots=True, eq=False)
class EncodingName(Option):
    """The name of a text encoding that Python knows, or `auto`."""

    def parse(self, value: Any) -> str:
        try:
            known = isinstance(value, str) and (value == "auto" or "".encode(value) is not None)
        except (LookupError, ValueError):
            known = False
        if not known:
            raise ValueError(self.allowed())
        return str(value)

    def allowed(self) -> str:
        return "the name of a text encoding such as utf-8, gb18030, big5, cp932 or cp1252, or auto"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^[\w.-]+$"}


@dataclass(frozen=True, slots=True, eq=False)
class AutoReal(Real):
    """A number, or `auto` (kept as AUTO_RATE)."""

    def parse(self, value: Any) -> float:
        return AUTO_RATE if isinstance(value, str) and value.lower() == "auto" else Real.parse(self, value)

    def allowed(self) -> str:
        return Real.allowed(self) + ", or auto"

    def json_schema(self) -> dict[str, Any]:
        choices: list[Any] = Real.json_schema(self)["anyOf"]
        return {"anyOf": [*choices, {"const": "auto"}]}


@dataclass(frozen=True, slots=True, eq=False)
class RealOrNone(Real):
    """A number, or none, where none is not the default."""

    def allowed(self) -> str:
        return Real.allowed(self) + ", or none"

    def json_schema(self) -> dict[str, Any]:
        choices: list[Any] = Real.json_schema(self)["anyOf"]
        return {"anyOf": [*choices, {"type": "null"}, {"const": "none"}]}

    def accepts_none(self, value: Any) -> bool:
        return value is None


@dataclass(frozen=True, slots=True, eq=False)
class Choice(Option):
    """A member of the catalog's folder `kind`: its name, or `{name: {option: value}}`.

    `auto`: the word auto may stand in its place. `callables`: so may `package.module:callable`. `named`: so may any
    text (a hub id, a folder), and a mapping with the key `name` and the options beside it.
    """

    kind: str = field(kw_only=True)
    auto: bool = field(default=False, kw_only=True)
    callables: bool = field(default=False, kw_only=True)
    named: bool = field(default=False, kw_only=True)

    def parse(self, value: Any) -> tuple[str, Mapping[str, Any]]:
        """The chosen name and its options as written, not yet compared with the catalog."""
        if isinstance(value, str) and value.strip():
            return value, {}
        if self.named and isinstance(value, Mapping) and isinstance(value.get("name"), str):
            return value["name"], {key: item for key, item in value.items() if key != "name"}
        if isinstance(value, Mapping) and len(value) == 1:
            [(name, options)] = value.items()
            if isinstance(name, str) and (options is None or isinstance(options, Mapping)):
                return name, options or {}
        raise ValueError(self.allowed())

    def allowed(self) -> str:
        return "a name, or one name with its options: {name: {option: value}}"

    def json_schema(self) -> dict[str, Any]:
        """The form alone; json_schema.py adds the names and options of the catalog."""
        callables = [{"type": "string", "pattern": f"^{CALLABLE.pattern}$"}] if self.callables else []
        callables += [{"const": "auto"}] if self.auto else []
        return {"anyOf": [*callables, {"type": "string"}] if self.named else callables}


def _number(text: str) -> float | None:
    stripped = text.strip()
    try:
        number = float(stripped[:-1]) / 100 if stripped.endswith("%") else float(stripped)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
