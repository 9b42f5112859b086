"""The catalog as a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tunesmith import members
from tunesmith.catalog import Catalog as Members
from tunesmith.files import finite
from tunesmith.job import schema
from tunesmith.job.json_schema import plain_default
from tunesmith.options import REQUIRED, Columns, Option
from tunesmith.protocol.catalog import Catalog, ColumnInfo, MemberInfo, OptionInfo
from tunesmith.protocol.codec import encode
from tunesmith.server.languages import translated
from tunesmith.templates import templates


@cache
def catalog(language: str = "") -> Any:
    """Everything to choose from, as JSON, with help in this language; it cannot change while the server runs."""
    known = Members()
    kinds = ("tasks", "models", "methods", "losses", "optimizers", "schedules", "splits", "readers")
    lists = {kind: tuple(_member(entry.member) for entry in getattr(known, kind).values()) for kind in kinds}
    return translated(encode(Catalog(**lists, templates=tuple(templates()), keys=tuple(_keys()))), language)


def _member(member: members.Member) -> MemberInfo:
    more: dict[str, Any] = {}
    if isinstance(member, members.Task):
        more = {
            "targets": tuple(member.targets),
            "metrics": member.metric_names,
            "default_metric": member.default_metric,
            "columns": tuple(
                ColumnInfo(
                    role=role,
                    help=column.help,
                    required=column.required,
                    many=column.many or column.several,
                    guesses=tuple(column.guesses),
                )
                for role, column in member.columns.items()
            ),
            "alternatives": tuple(tuple(group) for group in member.alternatives),
            "models": tuple(member.models),
            "imbalance": member.imbalance,
        }
    elif isinstance(member, members.Loss):
        more = {"targets": tuple(member.targets)}
    elif isinstance(member, members.Optimizer):
        more = {"learning_rate": member.learning_rate}
    elif isinstance(member, members.Reader):
        more = {"suffixes": tuple(member.suffixes)}
    return MemberInfo(
        name=member.name,
        help=member.help,
        advice=member.when,
        aliases=tuple(member.aliases),
        options=tuple(_options(member.options)),
        formula=member.formula,
        source=member.source,
        **more,
    )


def _keys() -> Iterator[OptionInfo]:
    for section, options in schema.SECTIONS.items():
        yield from _options(options, f"{section}." if section else "")


def _options(options: Mapping[str, Option], prefix: str = "") -> Iterator[OptionInfo]:
    for name, option in options.items():
        required = option.default is REQUIRED
        yield OptionInfo(
            name=f"{prefix}{name}",
            help=option.help,
            advice=option.advice,
            unit=option.unit,
            allowed=option.allowed(),
            required=required,
            columns=isinstance(option, Columns),
            default=None if required else finite(plain_default(option)),
            schema=option.json_schema(),
        )
