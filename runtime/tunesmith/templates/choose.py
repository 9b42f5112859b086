"""What fits a data file: the task, a role for each column, the model to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.catalog import Catalog
from tunesmith.data.columns import guess_columns
from tunesmith.data.table import Table
from tunesmith.job.document import read_document
from tunesmith.members import Task
from tunesmith.templates import templates
from tunesmith.trust import is_callable_name


def fitting_task(catalog: Catalog, columns: Mapping[str, str], reader: str) -> str:
    """The task that a file read by `reader` fits best, whose `columns` are of these kinds by name: text, label, number,
    image or list. For a file that is not known, no columns: the most usual choice."""

    def suits(name: str) -> int:
        function = getattr(catalog.tasks[name].module, "suits", None)
        return 0 if function is None else int(function(columns, reader))

    return max(catalog.tasks, key=suits)


def fitting_columns(table: Table, member: Task, given: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Columns by role: those `given`, those with usual names, all others of numbers where the task reads such columns.
    A role that is given no column has none."""
    columns = guess_columns(table.header, member, {role: tuple(names) for role, names in given.items()})
    return columns | {role: names for role, names in _rest(member, table, columns).items() if names}


def fitting_model(catalog: Catalog, task: str, columns: Mapping[str, Sequence[str]]) -> Any:
    """What must stand under `model` for these columns, where that is not what the template has; else None."""
    model_for = getattr(catalog.tasks[task].module, "model_for", None)
    return None if model_for is None else model_for(columns)


def named_model(catalog: Catalog, task: str, columns: Mapping[str, Sequence[str]]) -> str | None:
    """The model that a new job for these columns begins with; None where the job says more of it than a name."""
    model = fitting_model(catalog, task, columns)
    if model is None and task in templates():
        job = next(templates()[task].glob("*.job.yaml"))
        model = read_document(job.read_text(encoding="utf-8"), job).root.plain()["model"]
    return model if isinstance(model, str) and not is_callable_name(model) else None


def _rest(member: Task, table: Table, columns: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The role that all other columns of numbers play, where no other group of inputs is there."""
    role = next((role for role, column in member.columns.items() if column.takes_rest), None)
    if role is None or role in columns or any(set(group) & set(columns) for group in member.alternatives):
        return {}
    return {role: _numbers(table, taken={name for names in columns.values() for name in names})}


def _numbers(table: Table, *, taken: set[str]) -> tuple[str, ...]:
    """The columns that hold numbers in the first row, those in `taken` left out."""
    free = [name for name in table.header if name not in taken]
    first = next((record.values for record in table.records(free) if record.values), {})
    return tuple(name for name in free if is_number(first.get(name)))


def is_number(cell: Any) -> bool:
    """Whether a cell is a number, or written as one."""
    try:
        float(cell)
    except (TypeError, ValueError):
        return False
    return True
