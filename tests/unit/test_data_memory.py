"""Memory does not grow with the rows: measured in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux, which tells the most")

ROWS = 200_000
MOST_MB = 60
"""Texts of 300 characters that all are in memory take 150 MB and more; what is measured is 25 to 40."""

CHECK = """
import numpy  # which few rows do without, and which takes 25 MB
from pathlib import Path
from tunesmith.checks.job import check, is_good
answer = check(Path("a.job.yaml"))
assert is_good(answer["problems"]), answer["problems"]
print(sum(filter(None, answer["rows"].values())))
"""

ENCODE = """
from pathlib import Path
from tunesmith.catalog import Catalog
from tunesmith.data.cache import cached_in_parts
from tunesmith.data.load import load_data
from tunesmith.job.load import read_job
file = Path("a.job.yaml").resolve()
catalog = Catalog()
job = read_job(file.read_text(), file, file.parent, catalog).job
rows = load_data(job, catalog, fingerprinted=False).train
task = catalog.tasks[job.task].call("build", job, catalog.tasks[job.task].call("facts", job, rows))
build = lambda begin, end: task.encode(rows.part(begin, end), None)
features = cached_in_parts(Path("cache"), {"rows": len(rows)}, len(rows), build, left_out=task.left_out)
print(len(features["target"]))
"""

PEAK = """
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")))
"""


def growth_mb(program: str, folder: Path, head: str, rows: list[str]) -> float:
    """How much more memory the program needs for all rows than for a hundredth of them."""
    peaks = []
    for count in (ROWS // 100, ROWS):
        (folder / "rows.csv").write_text("\n".join([head, *rows[:count]]), "utf-8")
        done = subprocess.run(
            [sys.executable, "-c", program + PEAK], cwd=folder, capture_output=True, text=True, check=True
        )
        total, peak = map(int, done.stdout.split())
        assert total == count
        peaks.append(peak * 1024 / 1e6)
    return peaks[1] - peaks[0]


def test_check_of_many_texts_needs_no_more_memory_than_of_few(tmp_path: Path) -> None:
    (tmp_path / "a.job.yaml").write_text(
        "task: text-classification\nmodel: scratch\ndata: {train: rows.csv, text: text, label: label}\n"
    )
    rows = [f"{row} {'a text of some words ' * 14},{'good' if row % 3 else 'bad'}" for row in range(ROWS)]
    assert growth_mb(CHECK, tmp_path, "text,label", rows) < MOST_MB


def test_rows_that_repeat_with_other_labels_are_parted_with_little_memory(tmp_path: Path) -> None:
    (tmp_path / "a.job.yaml").write_text(
        "task: text-classification\nmodel: scratch\n"
        'data: {train: rows.csv, text: text, label: label, label_separator: ";"}\n'
    )
    rows = [f"a short text {row % (ROWS // 3)},{'abc'[row % 3]};{'defgh'[row % 5]}" for row in range(ROWS)]
    assert growth_mb(CHECK, tmp_path, "text,label", rows) < MOST_MB


def test_many_rows_of_numbers_are_encoded_with_no_more_memory_than_few(tmp_path: Path) -> None:
    (tmp_path / "a.job.yaml").write_text(
        "task: regression\nmodel: scratch\n"
        "data: {train: rows.csv, validation: none, columns: [a, b, c, d, e, f, g, h], target: y}\n"
    )
    rows = [f"{row}.5,-{row},0.{row},1e-3,{row % 7},1.25,0.0001,3,{row * 2}" for row in range(ROWS)]
    assert growth_mb(ENCODE, tmp_path, "a,b,c,d,e,f,g,h,y", rows) < MOST_MB
