"""`tunesmith/newProject`."""

from __future__ import annotations

from typing import Any

from tunesmith.protocol.jobs import METHODS, NewProjectParams
from tunesmith.protocol.method import request
from tunesmith.server.session import Session

MEMBER = request("tunesmith/newProject", METHODS)
DEADLINE_S = 600.0


async def answer(session: Session, params: NewProjectParams) -> Any:
    """Makes the whole project or nothing."""
    chosen = {"model": params.model, "method": params.method, "data.split": params.split}
    return await session.ask(
        "jobs",
        "tunesmith.server.work.jobs:new_project",
        {
            "folder": str(session.path(params.folder, "params.folder")),
            "task": params.task,
            "data": None if params.data is None else str(session.path(params.data, "params.data")),
            "columns": {role: list(names) for role, names in params.columns.items()},
            "changes": [f"{key}={value}" for key, value in chosen.items() if value is not None],
            "name": params.name,
        },
        timeout_s=DEADLINE_S,
        saying="making the project",
    )
