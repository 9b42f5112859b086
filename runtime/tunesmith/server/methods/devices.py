"""`tunesmith/devices`."""

from __future__ import annotations

from typing import Any

from tunesmith.protocol.environment import METHODS, DevicesParams
from tunesmith.protocol.method import request
from tunesmith.server.session import Session

MEMBER = request("tunesmith/devices", METHODS)
DEADLINE_S = 30.0


async def answer(session: Session, params: DevicesParams) -> Any:
    """Read by the driver's own program or the system, never through torch."""
    return await session.ask(
        "machine", "tunesmith.server.work.machine:devices", {"folder": str(session.folder)}, timeout_s=DEADLINE_S
    )
