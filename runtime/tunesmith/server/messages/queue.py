"""The queue of runs as a message."""

from __future__ import annotations

from tunesmith.protocol.problems import found
from tunesmith.protocol.queue import Queue, Waiting
from tunesmith.runs.queue import RunQueue


def as_message(queue: RunQueue) -> Queue:
    """Who waits and who is at it, now."""
    read = queue.read()
    running = tuple(run.id for run in queue.occupying())
    room = read.parallel - len(running)
    return Queue(
        parallel=read.parallel,
        waiting=tuple(
            Waiting(run=run, position=position, why=_why(position, room, len(running)))
            for position, run in enumerate(read.ids, start=1)
        ),
        running=running,
        problem=None if read.problem is None else found(read.problem),
    )


def _why(position: int, room: int, running: int) -> str:
    if position <= room:
        return "it is about to begin"
    at_it = f"{running} run{'s' * (running != 1)} training" if running else "nothing is training"
    before = position - 1
    return f"{at_it}, {before} waiting before it" if before else at_it
