"""Columns that look as if rows should not be divided by lot: which person or document a row is from, or when it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from tunesmith.data.rows import Block
from tunesmith.data.table import Table
from tunesmith.data.values import Refused
from tunesmith.errors import Place, Problem
from tunesmith.members import Task

LOOKED_AT = 20_000
"""Rows from the beginning of the file."""
FEWEST = 5
"""Different values, below which a column is a label rather than the name of someone."""
SHARED = 1.25
"""Rows a value, on average, from which on rows share values."""
LONGEST = 64
"""Characters of a name."""

OF_A_GROUP = frozenset((
    "account", "author", "case", "client", "conversation", "customer", "device", "dialog", "dialogue", "doc",
    "document", "driver", "employee", "family", "group", "household", "machine", "member", "page", "paragraph",
    "participant", "patient", "person", "project", "recording", "scene", "sensor", "session", "site", "slide",
    "speaker", "store", "student", "study", "subject", "thread", "user", "video", "visit", "writer",
))  # fmt: skip
OF_A_TIME = frozenset((
    "created", "date", "datetime", "day", "month", "posted", "published", "time", "timestamp", "updated", "year",
))  # fmt: skip
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def telling_columns(table: Table, task: Task, columns: Mapping[str, Sequence[str]], part: str) -> Iterator[Problem]:
    """A warning for the first column that names groups, and for the first with times. `part` is taken by lot.

    Both the column's name and its first values must say so. Answers and texts are not looked at, nor rows that code
    gives, which may be asked for only once.
    """
    roles = task.columns
    taken = {
        name for role, names in columns.items() if roles[role].answer or roles[role].holds == "text" for name in names
    }
    free = [name for name in table.header if name not in taken and table.header.count(name) == 1]
    times = [name for name in free if _word(name, OF_A_TIME)]  # the date of a visit is a date
    groups = [name for name in free if _word(name, OF_A_GROUP) and name not in times]
    if table.reader == "python" or not groups + times:
        return
    cells = _first_cells(table, [*groups, *times])
    grouped = next((name for name in groups if _names_groups(cells[name])), None)
    if grouped is not None:
        different = len(set(map(str, cells[grouped])))
        yield Problem(
            code="data.looks-grouped",
            message=f"the column {grouped} looks as if several rows came from one {_word(grouped, OF_A_GROUP)}, and "
            f"{part} is taken by lot: rows of one then stand on both sides, and figures will flatter",
            place=Place(file=table.path),
            found=f"{different:,} values in {len(cells[grouped]):,} rows",
            hint=f"write `split: {{group: {{column: {grouped}}}}}` under `data:`, or `split: {task.split.by}` if these "
            "rows have nothing to do with each other",
            severity="warning",
        )
    timed = next((name for name in times if _holds_times(cells[name])), None)
    if timed is not None:
        yield Problem(
            code="data.looks-timed",
            message=f"the column {timed} looks as if rows followed each other in time, and {part} is taken by lot: if "
            "the model is to judge rows that come later, it must be measured on later rows",
            place=Place(file=table.path),
            found=f"from {min(map(str, cells[timed]))} to {max(map(str, cells[timed]))}",
            hint=f"write `split: {{time: {{column: {timed}}}}}` under `data:`, or `split: {task.split.by}` if it makes "
            "no difference when a row was",
            severity="warning",
        )


def _word(name: str, of: frozenset[str]) -> str:
    """The first word of a column's name that is one of these; "" where none is."""
    return next((word.lower() for word in WORD.findall(name) if word.lower() in of), "")


def _first_cells(table: Table, names: Sequence[str]) -> dict[str, list[object]]:
    cells: dict[str, list[object]] = {name: [] for name in names}
    for block in table.blocks(names):
        if isinstance(block, Block):
            for name in names:
                cells[name] += block.columns[name][: LOOKED_AT - len(cells[name])]
        if len(cells[names[0]]) >= LOOKED_AT:
            break
    return cells


def _names_groups(cells: Sequence[object]) -> bool:
    """Whether these are short, several rows have each, and all rows have one."""
    from tunesmith.data.splits import group

    key = group.keys({})
    try:
        found = [key([cell]) for cell in cells]
    except Refused:
        return False
    different = len(set(found))
    return FEWEST <= different <= len(found) / SHARED and max(map(len, found)) <= LONGEST


def _holds_times(cells: Sequence[object]) -> bool:
    """Whether all are dates, or all whole numbers that never fall, and many differ."""
    from tunesmith.data.splits import time

    key = time.keys({})
    try:
        found = [key([cell]) for cell in cells]
    except Refused:
        return False
    numbers = [each for each in found if isinstance(each, float)]
    grow = all(one <= other and other.is_integer() for one, other in pairwise(numbers))
    return grow and len(set(found)) >= FEWEST
