"""Which column plays which role of a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tunesmith.data.nested import column_of
from tunesmith.errors import NOWHERE, Place, Problem, nearest
from tunesmith.members import Column, Task


def answer_roles(columns: Mapping[str, Column]) -> frozenset[str]:
    """Roles that say what to predict, and nothing of what from: new rows may lack them, and equal inputs are equal
    whatever stands there."""
    return frozenset(role for role, column in columns.items() if column.answer and not column.continues)


def guess_columns(
    header: Sequence[str], task_member: Task, given: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Columns by role: those the job gives, as they are, and usual names in the header (in any case) for the rest.

    A role without a column is left out. No column is guessed for two roles.
    """
    found = {role: tuple(columns) for role, columns in given.items() if columns}
    taken = {column for columns in found.values() for column in columns}
    for role, column in task_member.columns.items():
        if role in found:
            continue
        free = {name.lower(): name for name in reversed(header) if name not in taken}
        guess = next((free[name.lower()] for name in (role, *column.guesses) if name.lower() in free), None)
        if guess is not None:
            found[role] = (guess,)
            taken.add(guess)
    return {role: found[role] for role in (*task_member.columns, *found) if role in found}


def _by_position(header: Sequence[str]) -> str:
    """The note about rows without names, such as tuples and arrays: readers name their columns 0, 1, ..."""
    positions = bool(header) and list(header) == [str(number) for number in range(len(header))]
    return '; these rows have no names, so a column is named by its position, such as "0"' if positions else ""


def column_problems(
    header: Sequence[str],
    columns: Mapping[str, Sequence[str]],
    task_member: Task,
    *,
    file: str,
    places: Mapping[str, Place],
    say: str = "add `{role}: COLUMN` under `data:`",
) -> list[Problem]:
    """What is wrong with these columns: data.missing-column, data.ambiguous-column, data.no-column.

    `say` is how the user names the column of a `{role}` where he is.
    """
    problems = []
    for role, names in columns.items():
        place = places.get(f"data.{role}", places.get("data", NOWHERE))
        for name in names:
            there = column_of(name, header)
            if there is not None and header.count(there) == 1:
                continue
            if there is not None:
                message, code, hint = f"{file} has several columns of this name", "data.ambiguous-column", "rename one"
            else:
                close = nearest(name, header)
                message, code = f"{file} has no such column", "data.missing-column"
                hint = f"did you mean {close}?" if close else ""
            problems.append(
                Problem(code=code, message=message, place=place, found=name, allowed=tuple(header), hint=hint)
            )
    for role, column in task_member.columns.items():
        if column.required and role not in columns:
            problems.append(
                Problem(
                    code="data.no-column",
                    message=f"the job does not say which column of {file} is the {role} ({column.help})",
                    place=places.get("data", NOWHERE),
                    allowed=tuple(header),
                    hint=say.format(role=role) + _by_position(header),
                )
            )
    return problems
