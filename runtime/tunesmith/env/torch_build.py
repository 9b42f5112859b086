"""Which torch is installed, what it was built for, and whether it starts: found without importing it here."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunesmith.env.finding import Finding
from tunesmith.env.nvidia import Driver, numbers
from tunesmith.env.torch_index import OLDEST_DRIVER, torch_requirement
from tunesmith.python_process import code_command

DEADLINE_S = 120

# Run in a process of its own: a broken torch may crash the interpreter, and CUDA must not be started in ours.
_PROBE = """
import json, torch
cuda = torch.cuda.is_available()
print("tunesmith-probe" + json.dumps({
    "cuda": cuda,
    "devices": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] if cuda else [],
    "mps": torch.backends.mps.is_available(),
    "xpu": torch.xpu.is_available(),
    "cpu": torch.backends.cpu.get_cpu_capability(),
    "threads": torch.get_num_threads(),
}))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchBuild:
    """`cuda` is the CUDA version torch was built for, "" for a CPU build; `hip` the same for ROCm."""

    version: str
    cuda: str = ""
    hip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchProbe:
    """What torch says once started. `trouble` holds the last line it printed where it does not start."""

    trouble: str = ""
    cuda: bool = False
    devices: tuple[str, ...] = ()
    mps: bool = False
    xpu: bool = False
    cpu: str = ""
    threads: int = 0


def read_build() -> TorchBuild | None:
    """From torch's own version file; None where torch is not installed."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return None
    text = Path(found.origin).with_name("version.py").read_text(encoding="utf-8")

    def value(name: str) -> str:
        match = re.search(rf"^{name}\b[^=\n]*=\s*'([^']*)'", text, re.MULTILINE)
        return match[1] if match else ""

    return TorchBuild(version=value("__version__"), cuda=value("cuda"), hip=value("hip"))


def probe() -> TorchProbe:
    """Start torch in a process of its own and ask for its devices. Takes a few seconds."""
    try:
        done = subprocess.run(code_command(_PROBE), capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    except subprocess.TimeoutExpired:
        return TorchProbe(trouble=f"torch did not start within {DEADLINE_S} s")
    answers = [line for line in done.stdout.splitlines() if line.startswith("tunesmith-probe")]
    if not answers:
        lines = done.stderr.strip().splitlines()
        return TorchProbe(trouble=lines[-1] if lines else f"the interpreter ended with exit status {done.returncode}")
    report: dict[str, Any] = json.loads(answers[0].removeprefix("tunesmith-probe"))
    return TorchProbe(
        cuda=report["cuda"],
        devices=tuple(report["devices"]),
        mps=report["mps"],
        xpu=report["xpu"],
        cpu=report["cpu"],
        threads=report["threads"],
    )


def torch_findings(build: TorchBuild | None, started: TorchProbe, driver: Driver | None) -> Iterator[Finding]:
    """torch itself, then torch against the driver, then the device that training would use."""
    if build is None:
        yield Finding(code="env.torch-missing", status="error", message="torch is not installed", mend=_install(driver))
        return
    kind = f"for CUDA {build.cuda}" if build.cuda else f"for ROCm {build.hip}" if build.hip else "for the CPU only"
    yield Finding(
        code="env.torch-broken" if started.trouble else "env.torch",
        status="error" if started.trouble else "ok",
        message=f"torch {build.version}, built {kind}"
        + (f", does not start: {started.trouble}" * bool(started.trouble)),
        mend=_install(driver, anew=True) if started.trouble else "",
    )
    if driver is not None:
        yield driver_finding(build, driver)
    if started.trouble:
        return
    if started.cuda:
        device = ", ".join(started.devices)
    elif started.mps or started.xpu:
        device = "Apple GPU (mps)" if started.mps else "Intel GPU (xpu)"
    else:
        device = f"CPU, {started.threads} threads, {started.cpu}"
    unseen = bool(driver and driver.gpus and build.cuda and not started.cuda)
    yield Finding(
        code="env.device",
        status="warning" if unseen else "ok",
        message=f"training runs on: {device}" + (", though the driver lists a GPU" if unseen else ""),
        mend="see that CUDA_VISIBLE_DEVICES does not hide it, and look at: python -c 'import torch; torch.cuda.init()'"
        if unseen
        else "",
    )


def driver_finding(build: TorchBuild, driver: Driver) -> Finding:
    """Whether this build of torch can use this driver."""
    available = _dotted(driver.version)
    if driver.trouble or not driver.gpus:
        return Finding(
            code="env.driver-broken",
            status="warning",
            message=f"nvidia-smi is installed but finds no device: {driver.trouble or 'none listed'}",
            mend="restart the machine after a driver update; else install the NVIDIA driver anew",
        )
    if not build.cuda:
        other = "ROCm" if build.hip else "the CPU only"
        return Finding(
            code="env.torch-cpu-build",
            status="warning",
            message=f"this machine has {driver.gpus[0].name}, but torch is built for {other}",
            mend=_install(driver, anew=True),
        )
    oldest = OLDEST_DRIVER.get(numbers(build.cuda)[0], ())
    if driver.version < oldest:
        return Finding(
            code="env.driver-too-old",
            status="error",
            message=f"driver {available} is too old for CUDA {build.cuda}, which needs {_dotted(oldest)} or newer",
            mend=f"update the NVIDIA driver, or take a torch that fits it: {_install(driver, anew=True)}",
        )
    return Finding(code="env.driver", status="ok", message=f"NVIDIA driver {available} runs CUDA {build.cuda}")


def _install(driver: Driver | None, *, anew: bool = False) -> str:
    """The command for the torch that fits; `anew` where there is one already."""
    return " ".join(["pip install", *(["--force-reinstall"] if anew else []), *torch_requirement(driver)])


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
