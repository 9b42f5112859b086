"""Launching the runs of the queue in their turn, whether or not the client reads its messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from tunesmith.errors import TunesmithError
from tunesmith.runs.queue import RunQueue

log = logging.getLogger(__name__)
LOOK_S = 0.5


async def launch_in_turn(queue: RunQueue, *, is_trusted: Callable[[], bool]) -> None:
    """Launch what has room, twice a second, until it is cancelled; of a project that is not trusted, nothing that only
    its files ask for."""
    while True:
        try:
            for run in await asyncio.to_thread(queue.launch_next, only_own=not is_trusted()):
                log.info("launched %s, the next of the queue", run.id)
        except (OSError, TunesmithError) as error:
            log.warning("the next run of the queue was not launched: %s", error)
        except Exception:
            log.exception("the queue")
        await asyncio.sleep(LOOK_S)
