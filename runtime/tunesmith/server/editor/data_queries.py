"""Queries about the data of a job: column names, findings, counts.

These functions run in the helper process for data and take and give JSON values. Code of the project is imported only
where `trusted`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tunesmith.errors import TunesmithError, problem_fields
from tunesmith.server.work.fresh import forget_project_code


def columns(source: str, folder: str, *, trusted: bool) -> list[str]:
    """The columns of the data that a job in `folder` calls `source`. No row is kept.

    Raises data.missing-file and the like. An untrusted callable gives no columns.
    """
    from tunesmith.catalog import Catalog
    from tunesmith.data.table import is_callable_source, open_table

    if is_callable_source(source, Path(folder)) and not trusted:
        return []
    forget_project_code()
    return list(open_table(source, Path(folder), Catalog(), trusted=trusted).header)


def check(file: str, text: str, *, trusted: bool) -> dict[str, Any]:
    """What a whole check finds beside schema and combinations: `problems`, `rows` by part, `labels` (how many)."""
    from tunesmith.checks.job import check as check_job

    forget_project_code()
    try:
        found = check_job(Path(file), text=text, trusted=trusted)
    except TunesmithError as error:
        found = {"problems": error.problems}
    return {
        "problems": [problem_fields(problem) for problem in found["problems"]],
        "rows": found.get("rows", {}),
        "labels": len(found.get("labels", ())),
        "skipped": found.get("skipped", 0),
    }
