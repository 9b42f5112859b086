"""Makes `.venv` with this checkout and what it needs installed, once; later calls see that nothing changed.

Standard library only: it runs before anything is installed, on Linux, macOS and Windows.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST, NEWEST = (3, 10), (3, 13)


def prepare(extras: str) -> Path:
    """The interpreter of `.venv`, with `tunesmith[extras]` installed from this checkout so that edits count at once."""
    stamp = ENVIRONMENT / f"installed-{extras.replace(',', '-')}"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    if not (PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted):
        _install(extras)
        stamp.write_text(wanted)
    # For the same reason as what is installed: tests start hundreds of processes that import this checkout's runtime.
    call([str(PYTHON), "-m", "compileall", "-q", str(ROOT / "runtime")])
    return PYTHON


def _install(extras: str) -> None:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(f"Tunesmith needs Python 3.10 to 3.13; this is {sys.version.split()[0]}, {sys.executable}")
    uv = uv_command()
    print(f"Installing Tunesmith with its {extras} packages into {ENVIRONMENT} ...", flush=True)
    if not PYTHON.exists():
        call([*uv, "venv", "--quiet", "--python", sys.executable, str(ENVIRONMENT)])
    # Compiled once: else every process compiles torch anew where Python may not write down what it compiled.
    compiled = ["--compile-bytecode", "--python", str(PYTHON), "--editable", f"{ROOT}[{extras}]"]
    call([*uv, "pip", "install", *compiled])


def system_packages(wanted: dict[str, list[str]]) -> None:
    """Install, by apt and where that is allowed, the Debian packages of those commands that are absent."""
    packages = [package for tool, names in wanted.items() if shutil.which(tool) is None for package in names]
    apt = shutil.which("apt-get")
    if not packages or apt is None or os.geteuid() != 0:
        return
    print(f"Installing {', '.join(packages)} ...", flush=True)
    for step in ([apt, "update", "-qq"], [apt, "install", "-qq", "-y", "--no-install-recommends", *packages]):
        subprocess.run(step, check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def uv_command() -> list[str]:
    """The command uv: the one on the PATH, or one installed into `.venv` (it installs torch in half a minute)."""
    found = shutil.which("uv")
    if found:
        return [found]
    inside = PYTHON.with_name("uv.exe" if os.name == "nt" else "uv")
    if not inside.exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=False)
        if made.returncode != 0:
            shutil.rmtree(ENVIRONMENT, ignore_errors=True)
            sys.exit(
                "python3 -m venv does not work here; on Debian and Ubuntu: apt install python3-venv (or install uv)"
            )
        call([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"])
    return [str(inside)]


def call(command: list[str]) -> None:
    """Run a command whose output is the user's; ends this program where it fails."""
    done = subprocess.run(command, check=False)
    if done.returncode != 0:
        sys.exit(f"this failed (exit status {done.returncode}): {' '.join(command)}")
