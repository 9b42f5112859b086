"""Inspections in a helper process of the server: a text in, findings as JSON out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from tunesmith.catalog import Catalog
from tunesmith.inspections.contract import Edit, Examined, Failure, Finding, Fix, Position, Range
from tunesmith.inspections.engine import examine, read


def inspect_text(text: str, path: str) -> dict[str, Any] | None:
    """What the rules find in a text, as `as_examined` reads it; None where it is not Python (yet)."""
    module = read(text, Path(path))
    if module is None:
        return None
    examined = examine(module, _catalog().inspections)
    return {
        "findings": [_fields(each) for each in examined.findings],
        "failures": [{"code": each.code, "name": each.name, "error": each.error} for each in examined.failures],
    }


@lru_cache(maxsize=1)
def _catalog() -> Catalog:
    return Catalog()


def _fields(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "range": _numbers(finding.range),
        "link": finding.link,
        "fixes": [
            {
                "title": fix.title,
                "is_safe": fix.is_safe,
                "edits": [{"range": _numbers(edit.range), "text": edit.text} for edit in fix.edits],
            }
            for fix in finding.fixes
        ],
    }


def as_examined(fields: Mapping[str, Any]) -> Examined:
    """What `inspect_text` gave."""
    return Examined(
        findings=[_finding(each) for each in fields["findings"]],
        failures=[Failure(**each) for each in fields["failures"]],
    )


def _finding(fields: Mapping[str, Any]) -> Finding:
    fixes = tuple(
        Fix(
            title=fix["title"],
            is_safe=fix["is_safe"],
            edits=tuple(Edit(range=_range(edit["range"]), text=edit["text"]) for edit in fix["edits"]),
        )
        for fix in fields["fixes"]
    )
    return Finding(**{**fields, "range": _range(fields["range"]), "fixes": fixes})


def _numbers(place: Range) -> list[int]:
    return [place.start.line, place.start.column, place.end.line, place.end.column]


def _range(numbers: Sequence[int]) -> Range:
    line, column, end_line, end_column = numbers
    return Range(Position(line, column), Position(end_line, end_column))
