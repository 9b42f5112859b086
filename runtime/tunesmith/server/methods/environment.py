"""`tunesmith/environment`."""

from __future__ import annotations

from typing import Any

from tunesmith.protocol.environment import METHODS, EnvironmentParams
from tunesmith.protocol.method import request
from tunesmith.server.session import Session

MEMBER = request("tunesmith/environment", METHODS)
DEADLINE_S = 180.0


async def answer(session: Session, params: EnvironmentParams) -> Any:
    """Looked at in a helper process: a broken torch must not break the server."""
    return await session.ask(
        "machine",
        "tunesmith.server.work.machine:environment",
        {"folder": str(session.folder), "diagnose": params.diagnose},
        timeout_s=DEADLINE_S,
        saying="looking at interpreter, torch and devices",
    )
