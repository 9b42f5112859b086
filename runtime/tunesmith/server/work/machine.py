"""The machine: environment and devices."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

from tunesmith import __version__
from tunesmith.protocol import VERSION
from tunesmith.protocol.codec import encode
from tunesmith.protocol.environment import Device, Devices, Environment, Finding, Machine, Package


def environment(*, folder: str, diagnose: bool) -> Any:
    """An `Environment`; `folder` is where runs would be written."""
    from tunesmith.env.packages import read_needs
    from tunesmith.env.torch_build import read_build

    needs = read_needs()
    build = read_build()
    findings: tuple[Finding, ...] = ()
    devices = _devices()
    if diagnose:
        from tunesmith.env.doctor import diagnose as look

        findings = tuple(Finding(**each.as_mapping()) for each in look(Path(folder)))
    return encode(
        Environment(
            version=__version__,
            protocol_version=VERSION,
            python=platform.python_version(),
            executable=sys.executable,
            platform=platform.platform(),
            torch=build.version if build else None,
            machine=_machine(Path(folder)),
            devices=devices,
            packages=tuple(
                Package(
                    name=need.package, extra=need.extra, wanted=need.wanted, installed=need.installed, fits=need.fits
                )
                for need in needs
            ),
            findings=findings,
        )
    )


def devices(*, folder: str) -> Any:
    """`Devices`."""
    return encode(Devices(devices=_devices(), machine=_machine(Path(folder))))


def _machine(folder: Path) -> Machine:
    from tunesmith.env.machine import read_machine

    read = read_machine(folder)
    return Machine(
        cores=read.cores,
        memory_bytes=read.memory_bytes,
        available_bytes=read.available_bytes,
        disk_free_bytes=read.disk_free_bytes,
        writable=read.writable,
    )


def _devices() -> tuple[Device, ...]:
    """NVIDIA's devices as the driver reports them, Apple's, then the processor."""
    import psutil

    from tunesmith.env.nvidia import read_driver

    driver = read_driver()
    found = [
        Device(
            name=f"cuda:{gpu.index}",
            title=gpu.name,
            memory_bytes=gpu.memory_bytes,
            used_bytes=gpu.used_bytes,
            power_w=gpu.power_w,
        )
        for gpu in (driver.gpus if driver else ())
    ]
    memory = psutil.virtual_memory()
    if sys.platform == "darwin" and platform.machine() == "arm64":
        found.append(Device(name="mps", title=platform.processor() or "Apple GPU", memory_bytes=memory.total))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    load = psutil.cpu_percent(interval=0.1) / 100
    title = f"{platform.processor() or platform.machine()}, {cores} cores"
    cpu = Device(
        name="cpu", title=title, memory_bytes=memory.total, used_bytes=memory.total - memory.available, load=load
    )
    return (*found, cpu)
