"""What an inspection gives and what the doors get. Lines and columns count from 0, columns in characters."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from tunesmith.errors import Severity


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text: `line` and `column` from 0, the column in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """From `start` up to, and without, `end`."""

    start: Position
    end: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Put `text` in the place of `range`."""

    range: Range
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Edits that belong together. `is_safe`: they do what the code is clearly meant to do and change nothing else."""

    title: str
    edits: Sequence[Edit]
    is_safe: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What a rule's `check` gives: the `node` to underline and a sentence on what is wrong there."""

    node: ast.AST
    message: str
    fixes: Sequence[Fix] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding in a file. `link` leads to the rule's section of docs/inspections.md."""

    code: str
    name: str
    severity: Severity
    message: str
    range: Range
    link: str
    fixes: Sequence[Fix] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A rule that raised on a file: a fault of the rule, not of the file. `error` says in a line what and where."""

    code: str
    name: str
    error: str

    def __str__(self) -> str:
        return f"the rule {self.code} {self.name} failed on this file: {self.error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What came out of a file: the findings by place, and the rules that failed on it."""

    findings: Sequence[Finding]
    failures: Sequence[Failure] = ()
