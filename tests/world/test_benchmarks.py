"""Benchmarks that look into run folders or speak to the server still run. What they measure is not looked at here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
SMALL = {
    "checkpoint": "--only recording --repeats 1 --precision fp32",
    "data_sizes": "--only start --sizes 2000",
    "inspections_live": "--lines 100 --edits 2",
    "live": "--only series,follow --repeats 1 --records 20000 --steps 200",
}


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_benchmark_runs(name: str) -> None:
    command = [sys.executable, str(FOLDER / f"{name}.py"), *SMALL[name].split()]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-4000:]
