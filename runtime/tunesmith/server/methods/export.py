"""`tunesmith/export`."""

from __future__ import annotations

from typing import Any

from tunesmith.protocol.method import request
from tunesmith.protocol.use import METHODS, ExportParams
from tunesmith.server.session import Session

MEMBER = request("tunesmith/export", METHODS)
DEADLINE_S = 3600.0


async def answer(session: Session, params: ExportParams) -> Any:
    """Written beside its target and renamed, after a comparison with the trained model."""
    run = await session.run(params.run)
    inside = run.export_folder / ("model" if params.format == "auto" else params.format)
    return await session.ask(
        "heavy",
        "tunesmith.server.work.models:export",
        {
            "run": str(run.path),
            "to": str(inside if params.to is None else session.path(params.to, "params.to")),
            "format": params.format,
            "checkpoint": params.checkpoint,
            "force": params.force,
            "trusted": session.trusted,
        },
        timeout_s=DEADLINE_S,
        saying="writing the model",
    )
