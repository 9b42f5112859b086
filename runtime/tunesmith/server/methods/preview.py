"""`tunesmith/preview`."""

from __future__ import annotations

from typing import Any

from tunesmith.protocol.codec import wrong
from tunesmith.protocol.jobs import METHODS, PreviewParams
from tunesmith.protocol.method import request
from tunesmith.server.session import Session

MEMBER = request("tunesmith/preview", METHODS)
DEADLINE_S = 60.0
MOST_ROWS = 1000


async def answer(session: Session, params: PreviewParams) -> Any:
    """Reads files only; a callable is never called for a preview."""
    if not 0 <= params.rows <= MOST_ROWS:
        raise wrong("params.rows", params.rows, f"0 to {MOST_ROWS}")
    return await session.ask(
        "jobs",
        "tunesmith.server.work.preview:preview",
        {
            "path": str(session.path(params.path, "params.path")),
            "task": params.task,
            "columns": {role: list(names) for role, names in params.columns.items()},
            "rows": params.rows,
        },
        timeout_s=DEADLINE_S,
        saying="reading the data",
    )
