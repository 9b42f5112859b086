"""The task that fits a data file."""

from __future__ import annotations

from collections.abc import Mapping

from tunesmith.catalog import Catalog


def fitting_task(catalog: Catalog, columns: Mapping[str, str], reader: str) -> str:
    """The task that a file read by `reader` fits best, whose `columns` are of these kinds by name: text, label, number,
    image or list. For a file that is not known, no columns: the most usual choice."""

    def suits(name: str) -> int:
        function = getattr(catalog.tasks[name].module, "suits", None)
        return 0 if function is None else int(function(columns, reader))

    return max(catalog.tasks, key=suits)
