"""Applying fixes to a text, one after another, until none is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tunesmith.catalog import Entry
from tunesmith.inspections.contract import Edit, Finding, Fix
from tunesmith.inspections.engine import examine, read
from tunesmith.inspections.text import Text
from tunesmith.members import Inspection

ROUNDS = 20  # a fix may uncover another finding; no file needs as many rounds


def apply(source: str, fix: Fix) -> str:
    """The text after one fix."""
    return Text(source).apply([(edit.range, edit.text) for edit in fix.edits])


def fix_all(
    source: str, path: Path | None = None, *, rules: Mapping[str, Entry[Inspection]] | None = None
) -> tuple[str, int]:
    """The text after all safe fixes, and how many were applied. What would not be Python any more is left alone."""
    applied = 0
    for _ in range(ROUNDS):
        module = read(source, path)
        chosen = _apart(examine(module, rules).findings) if module is not None else []
        if not chosen:
            break
        edits = [(edit.range, edit.text) for fix in chosen for edit in fix.edits]
        after = Text(source).apply(edits)
        if after == source or read(after, path) is None:
            break
        source, applied = after, applied + len(chosen)
    return source, applied


def _apart(findings: Sequence[Finding]) -> list[Fix]:
    """The first safe fix of each finding, as long as it touches nothing that an earlier one does."""
    chosen: list[Fix] = []
    taken: list[Edit] = []
    for finding in findings:
        fix = next((each for each in finding.fixes if each.is_safe), None)
        if fix is not None and not any(_touch(one, other) for one in fix.edits for other in taken):
            chosen.append(fix)
            taken += fix.edits
    return chosen


def _touch(one: Edit, other: Edit) -> bool:
    return one.range.start <= other.range.end and other.range.start <= one.range.end
