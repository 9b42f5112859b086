"""Power while steps are taken, as far as this machine reports it."""

from __future__ import annotations

import os
import time

from tunesmith.env.meters import Meters, Reading


class Power:
    """Watts between `begin` and now: of the GPU with the driver's number `device`, or of the processor (None)."""

    def __init__(self, device: int | None) -> None:
        self._meters = Meters(device=device)
        self._device = device
        self._watts: list[float] = []
        self._first: tuple[float, Reading] | None = None
        self._last: tuple[float, Reading] | None = None

    def begin(self) -> None:
        """Take the first reading."""
        self._first = (time.perf_counter(), self._meters.read())

    def look(self) -> None:
        """Take one more reading."""
        self._last = (time.perf_counter(), self._meters.read())
        watts = self._last[1].device_power_w
        if watts is not None:
            self._watts.append(watts)

    def mean(self) -> float | None:
        """None where there are no readings."""
        if self._device is not None:
            return sum(self._watts) / len(self._watts) if self._watts else None
        if self._first is None or self._last is None:
            return None
        began, first = self._first
        ended, last = self._last
        if first.cpu_energy_j is None or last.cpu_energy_j is None or ended <= began:
            return None
        joules = last.cpu_energy_j - first.cpu_energy_j
        return joules / (ended - began) if joules > 0 else None  # the counter starts anew from time to time


def driver_number(index: int) -> int:
    """The driver's number of torch's CUDA device `index`: they differ where CUDA_VISIBLE_DEVICES chooses."""
    visible = [part.strip() for part in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")]
    return int(visible[index]) if index < len(visible) and visible[index].isdigit() else index
