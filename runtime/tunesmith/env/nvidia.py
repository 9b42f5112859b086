"""The NVIDIA driver and its devices, asked of `nvidia-smi`: no torch needed, so it works where torch is broken."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass

from tunesmith.env.programs import program

QUERY = "index,name,driver_version,memory.total,memory.used,compute_cap,power.draw"
DEADLINE_S = 20  # a driver that hangs is a finding, not a reason to wait for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """Memory in bytes; `capability` such as (9, 0); `power_w` is None where the device does not report it."""

    index: int
    name: str
    memory_bytes: int
    used_bytes: int
    capability: tuple[int, int] | None
    power_w: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """`trouble` holds what nvidia-smi said where it is there but cannot reach the driver."""

    version: tuple[int, ...] = ()
    gpus: tuple[Gpu, ...] = ()
    trouble: str = ""


def read_driver() -> Driver | None:
    """None where there is no nvidia-smi: no NVIDIA driver is installed."""
    found = program("nvidia-smi")
    if found is None:
        return None
    command = [found, f"--query-gpu={QUERY}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    except subprocess.TimeoutExpired:
        return Driver(trouble=f"nvidia-smi gave no answer within {DEADLINE_S} s")
    except OSError as error:
        return Driver(trouble=str(error))
    if done.returncode != 0:
        return Driver(trouble=(done.stdout + done.stderr).strip().splitlines()[0] if done.stdout + done.stderr else "")
    return parse_driver(done.stdout)


def parse_driver(text: str) -> Driver:
    """What `nvidia-smi --query-gpu` printed, one device a line."""
    gpus: list[Gpu] = []
    version: tuple[int, ...] = ()
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) != len(QUERY.split(",")) or not cells[0].isdigit():
            continue
        version = numbers(cells[2])
        capability = numbers(cells[5])
        gpus.append(
            Gpu(
                index=int(cells[0]),
                name=cells[1],
                memory_bytes=_mebibytes(cells[3]),
                used_bytes=_mebibytes(cells[4]),
                capability=(capability[0], capability[1]) if len(capability) == 2 else None,
                power_w=_real(cells[6]),
            )
        )
    return Driver(version=version, gpus=tuple(gpus))


def numbers(dotted: str) -> tuple[int, ...]:
    """`580.65.06` as (580, 65, 6)."""
    return tuple(int(part) for part in re.findall(r"\d+", dotted))


def _mebibytes(text: str) -> int:
    return int(_real(text) or 0) * 2**20


def _real(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:  # nvidia-smi writes [N/A] or [Not Supported]
        return None
