"""Memory and disk: what this process may use, which in a container is less than what the machine has."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tunesmith.env.finding import Finding

GIB = 2**30
LITTLE_MEMORY = 2 * GIB  # MiniLM with AdamW at batch 32 peaks at about 1.9 GB
LITTLE_DISK = 2 * GIB
NO_DISK = GIB // 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Bytes; `folder` is where runs would be written."""

    cores: int
    memory_bytes: int
    available_bytes: int
    folder: Path
    disk_free_bytes: int
    writable: bool


def read_machine(folder: Path) -> Machine:
    """What may be used now, with `folder` as the project's folder."""
    import psutil

    memory = psutil.virtual_memory()
    limit, used = _container_memory(Path("/sys/fs/cgroup"))
    total = min(memory.total, limit) if limit else memory.total
    available = min(memory.available, limit - used) if limit else memory.available
    return Machine(
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_bytes=total,
        available_bytes=max(available, 0),
        folder=folder,
        disk_free_bytes=shutil.disk_usage(folder).free,
        writable=os.access(folder, os.W_OK),
    )


def machine_findings(machine: Machine) -> Iterator[Finding]:
    """Memory, disk and whether the folder can be written."""
    little = machine.available_bytes < LITTLE_MEMORY
    yield Finding(
        code="env.little-memory" if little else "env.memory",
        status="warning" if little else "ok",
        message=f"{machine.cores} cores; memory: {_gib(machine.available_bytes)} "
        f"of {_gib(machine.memory_bytes)} available",
        mend="close other programs, or set training.micro_batch_size to 1 and method to lora" if little else "",
    )
    free = machine.disk_free_bytes
    yield Finding(
        code="env.disk" if free >= LITTLE_DISK else "env.little-disk",
        status="ok" if free >= LITTLE_DISK else "warning" if free >= NO_DISK else "error",
        message=f"disk: {_gib(free)} free in {machine.folder}",
        mend="" if free >= LITTLE_DISK else "delete runs you no longer need: tunesmith delete RUN",
    )
    if not machine.writable:
        yield Finding(
            code="env.folder-not-writable",
            status="error",
            message=f"{machine.folder} cannot be written, so no run can be kept there",
            mend=f"chmod u+w '{machine.folder}', or work in a folder of your own",
        )


def _container_memory(root: Path) -> tuple[int, int]:
    """Limit and use in bytes by cgroup version 2 or 1; (0, 0) where there is no limit."""
    names = [("memory.max", "memory.current"), ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes")]
    for limit_name, used_name in names:
        try:
            limit = (root / limit_name).read_text(encoding="ascii").strip()
            used = (root / used_name).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if limit.isdigit() and int(limit) < 2**60:  # version 1 writes a huge number for "none"
            return int(limit), int(used)
    return 0, 0


def _gib(count: int) -> str:
    return f"{count / GIB:.1f} GiB"
