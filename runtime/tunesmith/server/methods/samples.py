"""`tunesmith/samples`."""

from __future__ import annotations

from typing import Any

from tunesmith.protocol.method import request
from tunesmith.protocol.use import METHODS, SamplesParams
from tunesmith.server.session import Session

MEMBER = request("tunesmith/samples", METHODS)
DEADLINE_S = 1800.0
MOST = 5000


async def answer(session: Session, params: SamplesParams) -> Any:
    """The model is asked once for all rows; further questions about the same run are answered from that."""
    run = await session.run(params.run)

    def stamp() -> float:
        try:
            return run.state_file.stat().st_mtime
        except OSError:
            return 0.0

    return await session.ask(
        "heavy",
        "tunesmith.server.work.models:samples",
        {
            "run": str(run.path),
            "expected": params.expected,
            "predicted": params.predicted,
            "order": params.order,
            "offset": max(0, params.offset),
            "limit": min(max(0, params.limit), MOST),
            "stamp": await session.in_thread(stamp),
            "trusted": session.trusted,
        },
        timeout_s=DEADLINE_S,
        saying="asking the model about every held-out row",
    )
