"""A look into a data file before there is a job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from tunesmith.catalog import Catalog
from tunesmith.data.columns import column_problems
from tunesmith.data.rows import Record
from tunesmith.data.table import is_callable_source, open_table
from tunesmith.errors import TunesmithError
from tunesmith.protocol.codec import encode
from tunesmith.protocol.jobs import LabelCount, Preview, PreviewColumn
from tunesmith.protocol.problems import found
from tunesmith.templates.choose import fitting_columns, fitting_task, is_number, named_model

READ = 50_000
"""Rows that are looked at: enough for counts, and seconds at most."""
LONGEST_CELL = 500
FEW = 50
"""So many different values at most make a column look like labels."""


def preview(*, path: str, task: str | None, columns: Mapping[str, Sequence[str]], rows: int) -> Any:
    """A `Preview`. Raises data.missing-file and the like."""
    catalog = Catalog()
    file = Path(path)
    if is_callable_source(path, file.parent):
        raise TunesmithError("data.missing-file", "there is no such file", found=path)
    table = open_table(path, file.parent, catalog)
    records = [record for record in islice(table.records(table.header), READ + 1) if record.values is not None]
    complete = len(records) <= READ
    records = records[:READ]
    about = {name: _column(name, records) for name in dict.fromkeys(table.header)}
    chosen = task or fitting_task(catalog, {name: column.kind for name, column in about.items()}, table.reader)
    member = catalog.tasks[chosen].member
    roles = fitting_columns(table, member, columns)
    label = roles.get("label", ())[:1]
    if not label and "label" in member.columns and "label" not in columns:
        # No usual name: the only column with few different values is the label, if there is just one.
        free = [name for name, column in about.items() if column.kind == "label" and name not in _taken(roles)]
        if len(free) == 1:
            roles = {**roles, "label": (free[0],)}
            label = (free[0],)
    role_of = {name: role for role, names in roles.items() for name in names}
    return encode(
        Preview(
            task=chosen,
            rows=len(records),
            complete=complete,
            columns=tuple(_with_role(about[name], role_of.get(name)) for name in about),
            cells=tuple(tuple(_cell((record.values or {}).get(name)) for name in about) for record in records[:rows]),
            roles=roles,
            model=named_model(catalog, chosen, roles),
            labels=_labels(label[0], records) if label else (),
            problems=tuple(
                found(each) for each in column_problems(table.header, roles, member, file=file.name, places={})
            ),
        )
    )


def _taken(roles: Mapping[str, Sequence[str]]) -> set[str]:
    return {name for names in roles.values() for name in names}


def _column(name: str, records: Sequence[Record]) -> PreviewColumn:
    values = [(record.values or {}).get(name) for record in records]
    full = [value for value in values if value not in (None, "")]
    distinct = len({str(value) for value in full})
    return PreviewColumn(name=name, kind=_kind(full, distinct), distinct=distinct, empty=len(values) - len(full))


def _kind(values: Sequence[Any], distinct: int) -> str:
    if not values:
        return "text"
    if all(isinstance(value, (list, tuple, dict)) for value in values[:100]):
        return "list"
    if all(hasattr(value, "shape") for value in values[:100]):
        return "image"
    texts = [str(value) for value in values]
    if all(is_number(text) for text in texts):
        return "label" if distinct <= 20 and distinct < len(values) / 5 else "number"
    if any(text.lower().endswith((".png", ".jpg", ".jpeg", ".webp", ".bmp")) for text in texts[:20]):
        return "image"
    longest = max(len(text) for text in texts)
    return "label" if distinct <= FEW and distinct < max(2, len(values) / 2) and longest <= 80 else "text"


def _with_role(column: PreviewColumn, role: str | None) -> PreviewColumn:
    from dataclasses import replace

    return replace(column, role=role)


def _labels(name: str, records: Sequence[Record]) -> tuple[LabelCount, ...]:
    counts = Counter(str((record.values or {}).get(name)) for record in records)
    return tuple(LabelCount(label=label, rows=rows) for label, rows in counts.most_common(200))


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
