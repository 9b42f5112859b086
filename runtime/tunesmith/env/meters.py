"""Live readings while something trains: memory of the process, memory and power of the device.

Every reading is None where this machine does not report it; nothing here raises, a meter must not stop a run.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunesmith.env.nvidia import read_driver

RAPL = Path("/sys/class/powercap/intel-rapl:0/energy_uj")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`device_*` are of the whole device, all processes together. `cpu_energy_j` counts up from an arbitrary start."""

    resident_bytes: int
    device_used_bytes: int | None = None
    device_total_bytes: int | None = None
    device_power_w: float | None = None
    cpu_energy_j: float | None = None


class Meters:
    """Readings of one process and, with `device` (the driver's index), of one NVIDIA GPU.

    A reading through NVML (package nvidia-ml-py) takes microseconds; without it `nvidia-smi` is started, some tens of
    milliseconds: read a few times a minute then.
    """

    def __init__(self, *, process: int | None = None, device: int | None = None) -> None:
        import psutil

        self._process = psutil.Process(os.getpid() if process is None else process)
        self._device = device
        self._nvml = _nvml() if device is not None else None

    def read(self) -> Reading:
        """What stands now."""
        import psutil

        resident = 0
        with suppress(psutil.Error):
            resident = self._process.memory_info().rss
        used, total, power = self._device_reading()
        return Reading(
            resident_bytes=resident,
            device_used_bytes=used,
            device_total_bytes=total,
            device_power_w=power,
            cpu_energy_j=_cpu_energy(),
        )

    def _device_reading(self) -> tuple[int | None, int | None, float | None]:
        if self._device is None:
            return None, None, None
        if self._nvml is not None:
            with suppress(self._nvml.NVMLError):
                handle = self._nvml.nvmlDeviceGetHandleByIndex(self._device)
                memory = self._nvml.nvmlDeviceGetMemoryInfo(handle)
                power = None
                with suppress(self._nvml.NVMLError):  # many boards do not measure it
                    power = self._nvml.nvmlDeviceGetPowerUsage(handle) / 1000
                return int(memory.used), int(memory.total), power
        driver = read_driver()
        for gpu in driver.gpus if driver else ():
            if gpu.index == self._device:
                return gpu.used_bytes, gpu.memory_bytes, gpu.power_w
        return None, None, None


def _nvml() -> Any:
    """The NVML module, started; None where it is not installed or there is no driver."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    return pynvml


def _cpu_energy() -> float | None:
    try:
        return int(RAPL.read_text(encoding="ascii")) / 1e6
    except (OSError, ValueError):  # not Intel or AMD on Linux, or only root may read it
        return None
