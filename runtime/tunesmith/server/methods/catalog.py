"""`tunesmith/catalog`."""

from __future__ import annotations

from typing import Any

from tunesmith.protocol.catalog import METHODS, CatalogParams
from tunesmith.protocol.method import request
from tunesmith.server.session import Session

MEMBER = request("tunesmith/catalog", METHODS)


async def answer(session: Session, params: CatalogParams) -> Any:
    """Read from the members' own files."""
    from tunesmith.server.messages.catalog import catalog

    return await session.in_thread(lambda: catalog(session.language))
