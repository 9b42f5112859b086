"""Which torch to install: the build that fits this machine's driver. Asked by doctor and, before anything is there, by
the plugin: this module and all that it imports need only Python.
"""

from __future__ import annotations

import sys

from tunesmith.env.nvidia import Driver

WHEELS = "https://download.pytorch.org/whl"
# Oldest Linux driver that runs each CUDA major version (minor versions are compatible within a major one).
# Source: NVIDIA, CUDA Toolkit release notes, table "CUDA Toolkit and Minimum Required Driver Version".
OLDEST_DRIVER = {11: (450, 80, 2), 12: (525, 60, 13), 13: (580, 65, 6)}
# On Windows drivers have other numbers. Source: the same table.
OLDEST_DRIVER_WINDOWS = {11: (452, 39), 12: (527, 41), 13: (580, 0)}
TURING = (7, 5)  # the oldest devices that CUDA 13 compiles for
BLACKWELL = (10, 0)  # the first devices that need CUDA 12.8


def torch_requirement(driver: Driver | None, wanted: str = "torch", system: str = sys.platform) -> tuple[str, ...]:
    """What follows `pip install` for the torch that fits: the requirement and, where it matters, the index.

    The registry's own build is right on macOS and, for want of a GPU, on Windows. On Linux it is for the newest CUDA:
    too new for older drivers, and gigabytes too many where there is no NVIDIA GPU.
    """
    channel = channel_for(driver, system)
    return (wanted,) if channel is None else (wanted, "--index-url", f"{WHEELS}/{channel}")


def channel_for(driver: Driver | None, system: str = sys.platform) -> str | None:
    """PyTorch's name of the build, such as cu130 or cpu; None for the registry's own."""
    if system == "darwin":
        return None
    major = cuda_for(driver, system)
    if major == 13:
        return "cu130"
    if major == 12 and driver is not None:
        return "cu128" if any(gpu.capability and gpu.capability >= BLACKWELL for gpu in driver.gpus) else "cu126"
    return None if system == "win32" else "cpu"


def cuda_for(driver: Driver | None, system: str = sys.platform) -> int | None:
    """The newest major version of CUDA that driver and devices run and torch is still built for; None for none."""
    if driver is None or driver.trouble or not driver.gpus:
        return None
    oldest = OLDEST_DRIVER_WINDOWS if system == "win32" else OLDEST_DRIVER
    is_old = any(gpu.capability and gpu.capability < TURING for gpu in driver.gpus)
    fitting = [major for major in (13, 12) if driver.version >= oldest[major] and not (major == 13 and is_old)]
    return fitting[0] if fitting else None
