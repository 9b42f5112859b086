"""The server's helper processes, one for each kind of work, so that slow work delays no quick one."""

from __future__ import annotations

import asyncio

from tunesmith.server.background.lane import Habits, Lane


class Lanes:
    """`jedi` completes Python, `inspections` looks for mistakes in it, `data` reads data files for the editor, `jobs`
    checks jobs and makes projects, `machine` looks at devices, `heavy` imports torch. Nothing starts before the first
    call."""

    def __init__(self) -> None:
        self.jedi = Lane("jedi", Habits())
        self.inspections = Lane("inspections", Habits(idle_s=60.0))
        self.data = Lane("data", Habits(grace_s=1.0, idle_s=3.0))  # it starts in a quarter of a second
        self.jobs = Lane("jobs", Habits(grace_s=0.0, idle_s=120.0))
        self.machine = Lane("machine", Habits(idle_s=30.0))
        self.heavy = Lane("heavy", Habits(grace_s=10.0, idle_s=120.0))

    async def close(self) -> None:
        """End all processes; what still waits fails with server.background-ended."""
        lanes = (self.jedi, self.inspections, self.data, self.jobs, self.machine, self.heavy)
        await asyncio.gather(*(lane.close() for lane in lanes))
