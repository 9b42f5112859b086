"""Findings of a text that was Python, over the edits until it is Python again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from tunesmith.inspections.contract import Finding, Position, Range
from tunesmith.inspections.text import Text


def moved(findings: Sequence[Finding], before: str, after: str) -> list[Finding]:
    """The findings on lines that are still there, where these lines are now; without fixes, which know another text."""
    old, new = Text(before).lines, Text(after).lines
    first = _common(old, new)
    last = _common(old[first:][::-1], new[first:][::-1])
    return [
        replace(
            each, range=_shifted(each.range, len(new) - len(old) if each.range.start.line >= first else 0), fixes=()
        )
        for each in findings
        if each.range.end.line < first or each.range.start.line >= len(old) - last
    ]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _shifted(place: Range, lines: int) -> Range:
    start, end = place.start, place.end
    return Range(Position(start.line + lines, start.column), Position(end.line + lines, end.column))
