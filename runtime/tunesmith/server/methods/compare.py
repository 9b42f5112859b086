"""`tunesmith/compare`."""

from __future__ import annotations

from tunesmith.protocol.codec import wrong
from tunesmith.protocol.method import request
from tunesmith.protocol.runs import METHODS, CompareParams, Comparison
from tunesmith.server.session import Session

MEMBER = request("tunesmith/compare", METHODS)
MOST = 100


async def answer(session: Session, params: CompareParams) -> Comparison:
    """Only what differs."""
    if not 2 <= len(params.runs) <= MOST:
        raise wrong("params.runs", len(params.runs), f"2 to {MOST} runs")
    runs = [await session.run(each, f"params.runs[{number}]") for number, each in enumerate(params.runs)]

    def work() -> Comparison:
        from tunesmith.server.messages.run_details import compare

        return compare(runs)

    return await session.in_thread(work)
