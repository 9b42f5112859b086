"""Typed options: a default, a type, a range, a unit, one sentence of help and one of advice.

The job schema and every catalog member describe what they accept with these; checks, the JSON Schema, the reference
page, completion and hover all read the same objects.

An option is the same as itself alone (`eq=False`): nobody compares two, and making a comparison for each kind takes
time whenever a command starts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Any = _Required()


TARGET_UNIT = "units of the target"
"""The unit of options that are given as the target is; training, which standardises targets, gets them converted."""


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """Base of all options. `default` is REQUIRED, a value, or None where that has a meaning of its own (see `help`)."""

    default: Any
    help: str = field(kw_only=True)
    advice: str = field(default="", kw_only=True)
    unit: str = field(default="", kw_only=True)

    def parse(self, value: Any) -> Any:
        """The value in its canonical type. Raises ValueError with a phrase that says what is allowed."""
        raise NotImplementedError

    def allowed(self) -> str:
        """What is allowed, as a phrase: `a number above 0`."""
        raise NotImplementedError

    def json_schema(self) -> dict[str, Any]:
        raise NotImplementedError

    def accepts_none(self, value: Any) -> bool:
        return value is None and self.default is None


def _range_phrase(option: Real | Integer) -> str:
    words = [
        (option.above, "above"),
        (option.at_least, "at least"),
        (option.below, "below"),
        (option.at_most, "at most"),
    ]
    bounds = [f"{word} {limit:g}" for limit, word in words if limit is not None]
    return (" " + " and ".join(bounds) if bounds else "") + (f" ({option.unit})" if option.unit else "")


def _in_range(option: Real | Integer, value: float) -> bool:
    return not (
        (option.above is not None and value <= option.above)
        or (option.at_least is not None and value < option.at_least)
        or (option.below is not None and value >= option.below)
        or (option.at_most is not None and value > option.at_most)
    )


def _range_schema(option: Real | Integer) -> dict[str, Any]:
    names = {"exclusiveMinimum": option.above, "minimum": option.at_least}
    names |= {"exclusiveMaximum": option.below, "maximum": option.at_most}
    return {name: limit for name, limit in names.items() if limit is not None}


@dataclass(frozen=True, slots=True, eq=False)
class Real(Option):
    """A finite number; also written `2e-4` (which YAML 1.2 may read as text) or `10%`."""

    above: float | None = field(default=None, kw_only=True)
    at_least: float | None = field(default=None, kw_only=True)
    below: float | None = field(default=None, kw_only=True)
    at_most: float | None = field(default=None, kw_only=True)

    def parse(self, value: Any) -> float:
        if isinstance(value, str):
            text = value.strip()
            try:
                value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
            except ValueError:
                raise ValueError(self.allowed()) from None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(self.allowed())
        if not _in_range(self, value):
            raise ValueError(self.allowed())
        return float(value)

    def allowed(self) -> str:
        return "a number" + _range_phrase(self)

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "number", **_range_schema(self)}, {"type": "string", "pattern": r"^[-+0-9.eE]+%?$"}]}


@dataclass(frozen=True, slots=True, eq=False)
class Integer(Option):
    """A whole number."""

    above: int | None = field(default=None, kw_only=True)
    at_least: int | None = field(default=None, kw_only=True)
    below: int | None = field(default=None, kw_only=True)
    at_most: int | None = field(default=None, kw_only=True)

    def parse(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not _in_range(self, value):
            raise ValueError(self.allowed())
        return int(value)

    def allowed(self) -> str:
        return "a whole number" + _range_phrase(self)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", **_range_schema(self)}


@dataclass(frozen=True, slots=True, eq=False)
class Flag(Option):
    """true or false."""

    def parse(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValueError(self.allowed())
        return value

    def allowed(self) -> str:
        return "true or false"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True, eq=False)
class Text(Option):
    """A text, optionally with a regular expression that must match it whole; `form` says that in words."""

    pattern: str = field(default="", kw_only=True)
    form: str = field(default="a text", kw_only=True)

    def parse(self, value: Any) -> str:
        if not isinstance(value, str) or (self.pattern and not re.fullmatch(self.pattern, value)):
            raise ValueError(self.allowed())
        return value

    def allowed(self) -> str:
        return self.form

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", **({"pattern": f"^(?:{self.pattern})$"} if self.pattern else {})}


@dataclass(frozen=True, slots=True, eq=False)
class OneOf(Option):
    """One word of a fixed list; case makes no difference."""

    values: Sequence[str] = field(kw_only=True)

    def parse(self, value: Any) -> str:
        if isinstance(value, str):
            for word in (value, value.lower()):
                if word in self.values:
                    return word
        raise ValueError(self.allowed())

    def allowed(self) -> str:
        return " | ".join(self.values)

    def json_schema(self) -> dict[str, Any]:
        return {"enum": list(self.values)}


@dataclass(frozen=True, slots=True, eq=False)
class Texts(Option):
    """A list of texts; a single text stands for a list of one."""

    def parse(self, value: Any) -> tuple[str, ...]:
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, (list, tuple)) or not all(isinstance(item, str) for item in listed):
            raise ValueError(self.allowed())
        return tuple(listed)

    def allowed(self) -> str:
        return "a text or a list of texts"

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


@dataclass(frozen=True, slots=True, eq=False)
class Columns(Texts):
    """Names of columns of the data file, at most `most`; a single one stands for a list of one."""

    most: int | None = field(default=None, kw_only=True)

    def parse(self, value: Any) -> tuple[str, ...]:
        named = Texts.parse(self, value)
        if not named or len(named) > (self.most or len(named)):
            raise ValueError(self.allowed())
        return named

    def allowed(self) -> str:
        return "the name of a column" if self.most == 1 else "the name of a column, or a list of such"


@dataclass(frozen=True, slots=True, eq=False)
class Integers(Option):
    """A list of whole numbers, each at least `at_least`; a single one stands for a list of one."""

    at_least: int = field(kw_only=True)

    def parse(self, value: Any) -> tuple[int, ...]:
        listed = [value] if isinstance(value, int) else value
        is_list = isinstance(listed, (list, tuple)) and len(listed) > 0
        if not is_list or not all(type(item) is int and item >= self.at_least for item in listed):
            raise ValueError(self.allowed())
        return tuple(listed)

    def allowed(self) -> str:
        return f"a whole number, at least {self.at_least}, or a list of such"

    def json_schema(self) -> dict[str, Any]:
        one = {"type": "integer", "minimum": self.at_least}
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


@dataclass(frozen=True, slots=True, eq=False)
class Mapped(Option):
    """Any mapping with text keys (handed on as it is, such as keyword arguments of the user's own callable)."""

    def parse(self, value: Any) -> Mapping[str, Any]:
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise ValueError(self.allowed())
        return dict(value)

    def allowed(self) -> str:
        return "a mapping of names to values"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "object"}


EveryUnit = Literal["steps", "epochs", "minutes"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A rhythm such as `200 steps`, `1 epochs` or `30 minutes`."""

    count: float
    unit: EveryUnit

    def __str__(self) -> str:
        whole = float(self.count).is_integer()
        return f"{int(self.count) if whole else format(Decimal(repr(self.count)), 'f')} {self.unit}"


@dataclass(frozen=True, slots=True, eq=False)
class Every(Option):
    """An interval: `200 steps`, `1 epoch`, `0.5 epochs`, `30 minutes`."""

    def parse(self, value: Any) -> Interval:
        if isinstance(value, Interval):
            return value
        match = (
            re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(step|epoch|minute)s?\s*", value) if isinstance(value, str) else None
        )
        if not match or float(match[1]) <= 0 or (match[2] == "step" and not float(match[1]).is_integer()):
            raise ValueError(self.allowed())
        units: dict[str, EveryUnit] = {"step": "steps", "epoch": "epochs", "minute": "minutes"}
        return Interval(float(match[1]), units[match[2]])

    def allowed(self) -> str:
        return "a count above 0 of steps, epochs or minutes, such as `200 steps`"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*(step|epoch|minute)s?\s*$"}
