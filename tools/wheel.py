"""Builds the runtime's wheel into a folder: the plugin carries it, so that the two always fit.

The same sources give the same bytes: hatchling writes one fixed time for every file. Standard library only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from environment import ROOT


def build(folder: Path) -> Path:
    """The one wheel in `folder`, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    done = subprocess.run(
        [*_command(), str(folder), str(ROOT)],
        check=False,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1767225600"},  # 2026-01-01, as in the Maven build
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        sys.exit(f"The runtime's wheel could not be built (exit status {done.returncode}):\n{done.stdout}")
    for other in folder.iterdir():
        if other != wheels[0]:  # uv leaves a .gitignore
            other.unlink()
    return wheels[0]


def _command() -> list[str]:
    """uv where it is, else pip; the target folder and the project follow."""
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    uv = shutil.which("uv") or (str(beside) if beside.exists() else None)
    if uv:
        return [uv, "build", "--quiet", "--wheel", "--out-dir"]
    return [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]


if __name__ == "__main__":
    print(build(Path(sys.argv[1])))
