"""All findings about this machine, in the order in which to mend them."""

from __future__ import annotations

from pathlib import Path

from tunesmith.env.finding import Finding
from tunesmith.env.interpreter import interpreter_findings, read_interpreter
from tunesmith.env.machine import machine_findings, read_machine
from tunesmith.env.nvidia import read_driver
from tunesmith.env.packages import package_findings, read_needs
from tunesmith.env.torch_build import TorchProbe, probe, read_build, torch_findings


def diagnose(folder: Path) -> list[Finding]:
    """Look at everything; `folder` is the project's. Takes a few seconds: torch is started in a process of its own."""
    build = read_build()
    return [
        *interpreter_findings(read_interpreter()),
        *package_findings(read_needs()),
        *torch_findings(build, probe() if build else TorchProbe(), read_driver()),
        *machine_findings(read_machine(folder)),
    ]
