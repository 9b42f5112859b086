"""Findings about rows: listed one by one while they are few, counted together when they are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tunesmith.data.rows import Rows
from tunesmith.errors import Problem, Severity

SHOWN = 20


def findings(
    code: str,
    message: str,
    found: Sequence[int | tuple[int, str]],
    rows: Rows,
    *,
    hint: str = "",
    severity: Severity = "error",
) -> list[Problem]:
    """One problem for each row of `found` (or row and what stands there), and one more that counts those not shown."""
    pairs = [each if isinstance(each, tuple) else (each, "") for each in found]
    problems = [
        Problem(code=code, message=message, place=rows.place(row), found=detail, hint=hint, severity=severity)
        for row, detail in pairs[:SHOWN]
    ]
    if len(pairs) > SHOWN:
        (more, _), (last, _) = pairs[SHOWN], pairs[-1]
        rest = _rest(len(pairs), rows.lines[last])
        left = len(pairs) - SHOWN - 1
        problems.append(
            Problem(code=code, message=message, place=rows.place(more), found=rest, severity=severity, more=left)
        )
    return problems


def counted(problems: Sequence[Problem]) -> list[Problem]:
    """The first problems, and one more that counts those not shown."""
    shown = list(problems[:SHOWN])
    if len(problems) > SHOWN:
        rest = _rest(len(problems), problems[-1].place.line)
        shown.append(replace(problems[SHOWN], found=rest, more=len(problems) - SHOWN - 1))
    return shown


def _rest(count: int, last_line: int | None) -> str:
    return f"{count - SHOWN} more rows, the last one at line {last_line}"
