"""`tunesmith/estimate`."""

from __future__ import annotations

from typing import Any

from tunesmith.protocol.jobs import METHODS, EstimateParams
from tunesmith.protocol.method import request
from tunesmith.server.session import Session

MEMBER = request("tunesmith/estimate", METHODS)


async def answer(session: Session, params: EstimateParams) -> Any:
    """Worked out by a process of its own, which ends with the request."""
    from tunesmith.server.programs.estimate import estimate

    return await estimate(
        session.path(params.job),
        text=params.text,
        overrides=params.overrides,
        measure=params.measure,
        trusted=session.trusted,
    )
