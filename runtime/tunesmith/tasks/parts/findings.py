"""Findings about rows: told one by one while they are few, counted together when they are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tunesmith.data.rows import Rows
from tunesmith.errors import Problem, Severity

SHOWN = 20


def findings(
    code: str,
    message: str,
    found: Sequence[int],
    rows: Rows,
    *,
    hint: str = "",
    severity: Severity = "error",
    told: Sequence[str] = (),
) -> list[Problem]:
    """One problem for each row of `found` (`told`: what stands there), and one more that counts those not shown."""
    problems = [
        Problem(
            code=code,
            message=message,
            place=rows.place(row),
            found=told[number] if told else "",
            hint=hint,
            severity=severity,
        )
        for number, row in enumerate(found[:SHOWN])
    ]
    if len(found) > SHOWN:
        rest = _rest(len(found), rows.lines[found[-1]])
        problems.append(
            Problem(code=code, message=message, place=rows.place(found[SHOWN]), found=rest, severity=severity)
        )
    return problems


def counted(problems: Sequence[Problem]) -> list[Problem]:
    """The first problems, and one more that counts those not shown."""
    shown = list(problems[:SHOWN])
    if len(problems) > SHOWN:
        shown.append(replace(problems[SHOWN], found=_rest(len(problems), problems[-1].place.line)))
    return shown


def _rest(count: int, last_line: int | None) -> str:
    return f"{count - SHOWN} more rows, the last one at line {last_line}"
