"""The inspections over the sources of installed packages: how many findings a rule has, and how long a file takes.

    python inspections.py [PACKAGE_OR_FOLDER ...] [--sample N --seed S]

Without names it takes those of PACKAGES that are installed. `--sample` prints N findings at random with the lines
around them, to be read and judged; inspections.md has what was read and how it was judged. Times are of files from 300
lines on, per 1,000 lines, by the wall clock and of the processor: from the text to the findings, each file once.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tunesmith.catalog import Catalog
from tunesmith.errors import TunesmithError
from tunesmith.inspections.contract import Finding
from tunesmith.inspections.engine import inspect
from tunesmith.inspections.sources import python_files, read_text

PACKAGES = (
    *("torch", "transformers", "peft", "sentence_transformers", "sklearn", "torchvision", "lightning", "trl"),
    *("accelerate", "keras", "timm", "ultralytics", "fastai", "monai", "flair", "catalyst", "ignite", "skorch"),
)
SHORTEST = 300  # lines of a file that is timed
AROUND = 6


def place_of(name: str) -> Path | None:
    """The folder of a package, without importing it; or the folder that is named."""
    if Path(name).is_dir():
        return Path(name)
    found = importlib.util.find_spec(name)
    return Path(found.submodule_search_locations[0]) if found and found.submodule_search_locations else None


def version_of(name: str) -> str:
    owners = importlib.metadata.packages_distributions().get(name)
    return f"{owners[0]} {importlib.metadata.version(owners[0])}" if owners else name


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="packages or folders")
    parser.add_argument("--sample", type=int, default=0, help="print so many findings to read")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rules = Catalog().inspections
    counts: Counter[tuple[str, str]] = Counter()
    found: list[tuple[Path, Finding]] = []
    wall_ms: list[float] = []
    processor_ms: list[float] = []
    print("| source | files | lines | findings | seconds |\n|---|---|---|---|---|")
    for name in options.names or PACKAGES:
        folder = place_of(name)
        if folder is None:
            continue
        files = lines = 0
        before, began = len(found), time.perf_counter()
        for file in python_files(folder):
            try:
                source, _ = read_text(file)
            except TunesmithError:
                continue
            size = source.count("\n") + 1
            start, start_processor = time.perf_counter(), time.process_time()
            findings = inspect(source, file, rules=rules)
            took = (time.perf_counter() - start, time.process_time() - start_processor)
            files, lines = files + 1, lines + size
            found += [(file, each) for each in findings]
            if size >= SHORTEST:
                wall_ms.append(took[0] / size * 1e6)
                processor_ms.append(took[1] / size * 1e6)
        seconds = time.perf_counter() - began
        print(f"| {version_of(name)} | {files} | {lines:,} | {len(found) - before} | {seconds:.1f} |", flush=True)
    counts.update((each.code, each.name) for _, each in found)
    print("\n| rule | findings |\n|---|---|")
    for (code, rule), number in sorted(counts.items()):
        print(f"| {code} {rule} | {number} |")
    for title, times in (("wall clock", wall_ms), ("processor", processor_ms)):
        if times:
            told = f"p50 {statistics.median(times):.0f}, p95 {quantile(times, 0.95):.0f}, most {max(times):.0f}"
            print(f"\nms per 1,000 lines, {title}: {told} ({len(times)} files of {SHORTEST} lines and more)")
    print(f"Python {sys.version.split()[0]}")
    for file, each in random.Random(options.seed).sample(found, min(options.sample, len(found))):
        show(file, each)


def show(file: Path, finding: Finding) -> None:
    """A finding with the lines around it."""
    line = finding.range.start.line
    lines = read_text(file)[0].splitlines()
    print(f"\n--- {file}:{line + 1} {finding.code}: {finding.message}")
    for number in range(max(0, line - AROUND), min(len(lines), line + AROUND)):
        print(f"{'>' if number == line else ' '} {number + 1:5} {lines[number]}")


if __name__ == "__main__":
    main()
