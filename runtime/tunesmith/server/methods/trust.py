"""`tunesmith/trust`."""

from __future__ import annotations

from tunesmith.protocol.method import request
from tunesmith.protocol.session import METHODS, Trust, TrustResult
from tunesmith.server.session import Session

MEMBER = request("tunesmith/trust", METHODS)


async def answer(session: Session, params: Trust) -> TrustResult:
    """From now on."""
    session.trust(trusted=params.trusted)
    return TrustResult(trusted=session.trusted, off=session.off())
