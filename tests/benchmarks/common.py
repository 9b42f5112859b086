"""Peers side by side: each is a process of its own that prints one JSON line; they take turns and are compared pair by
pair.

A benchmark's file is both sides: without `--peer` it starts itself again, once for each peer and repeat (A B A B ...),
checks that all did the same work, and prints medians, ranges, ratios and versions; with `--peer NAME` it is that peer.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Figures = dict[str, Any]
Peer = Callable[[argparse.Namespace], Figures]

PACKAGES = (
    "tunesmith", "torch", "transformers", "tokenizers", "peft", "accelerate", "trl", "sentence-transformers",
    "lightning", "keras",
)  # fmt: skip
# Nobody may ask a hub, and no peer may warn about threads after a fork.
OFFLINE = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
MEGABYTE = 1e6
EQUAL = 1.0005  # as a ratio of losses: who adds the same numbers in another order is off by less


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bound for the median of `field` of `peer`: of the values themselves, or, with `against`, of their ratio to (or,
    `difference`, their distance from) those of another peer in the same repeat, there under the name `of`, if given."""

    field: str
    against: str = ""
    of: str = ""
    at_least: float | None = None
    at_most: float | None = None
    peer: str = "ours"
    difference: bool = False

    def figure(self, mine: Figures, other: Figures | None) -> float:
        """What is held against the bound, for one repeat."""
        value = float(mine[self.field])
        if other is None:
            return value
        reference = float(other[self.of or self.field])
        return value - reference if self.difference else value / reference

    def reached(self, figure: float) -> bool:
        """Whether `figure` is within the bound."""
        return (self.at_least is None or figure >= self.at_least) and (self.at_most is None or figure <= self.at_most)

    def __str__(self) -> str:
        sign = "-" if self.difference else "/"
        other = f" {sign} {self.against} {self.of}".rstrip() if self.against else ""
        return f"{self.field}, {self.peer}{other}"

    @property
    def bound(self) -> str:
        """The bound as it is printed."""
        return f"at least {self.at_least:g}" if self.at_least is not None else f"at most {self.at_most:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a benchmark compares. `fields` are printed; those in `equal` must be the same for every peer of a repeat
    that tells them, but for the pairs (peer, field) in `differs`, whose reason the benchmark's text gives. The first
    `warm_up` repeats are dropped."""

    title: str
    peers: Sequence[str]
    fields: Sequence[str]
    equal: Sequence[str] = ()
    differs: frozenset[tuple[str, str]] = frozenset()
    targets: Sequence[Target] = ()
    warm_up: int = 0


def run_peers(script: str, comparison: Comparison, options: argparse.Namespace, arguments: Sequence[str]) -> None:
    """Run every peer `options.repeats` times in turns, then print and keep what they reached.

    Each repeat has its own seed, the same for all peers: 0, 1, 2, ... Exits with 1 where peers did different work.
    """
    wanted = [name for name in comparison.peers if not options.only or name in options.only.split(",")]
    results: dict[str, list[Figures]] = {name: [] for name in wanted}
    print(f"# {comparison.title}\n\n{machine()}\n", flush=True)
    if hasattr(options, "precision"):
        print(f"Well configured peers and bare loops compute in {options.precision}.\n", flush=True)
    for repeat in range(comparison.warm_up + options.repeats):
        number = repeat - comparison.warm_up
        for name in wanted:
            figures = run_one([script, "--peer", name, "--seed", str(options.seed + max(number, 0)), *arguments])
            print(
                f"{'warming up' if number < 0 else f'repeat {number + 1}'}, {name}: {json.dumps(figures)}", flush=True
            )
            results[name].append(figures)
        check_equal_work(comparison, {name: rows[-1] for name, rows in results.items()})
    results = {name: rows[comparison.warm_up :] for name, rows in results.items()}
    print(f"\n{table(results, comparison.fields)}\n\n{judged(results, comparison.targets)}", flush=True)
    if options.out:
        keep(options.out, comparison, options, results)


def run_one(command: Sequence[str]) -> Figures:
    """The JSON line of one process of this interpreter; ends everything with its last words if it fails."""
    began, load = time.perf_counter(), os.getloadavg()[0]
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, env={**os.environ, **OFFLINE}
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"')]
    if done.returncode or not lines:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}")
    figures: Figures = json.loads(lines[-1])
    return {**figures, "whole_s": round(time.perf_counter() - began, 2), "load_before": round(load, 2)}


def check_equal_work(comparison: Comparison, figures: Mapping[str, Figures]) -> None:
    """Same rows, steps and model sizes, or there is nothing to compare."""
    for field in comparison.equal:
        told = {name: row[field] for name, row in figures.items() if field in row}
        found = {name: value for name, value in told.items() if (name, field) not in comparison.differs}
        if len(set(found.values())) > 1:
            sys.exit(f"the peers did not do the same work: {field} is {found}")


def table(results: Mapping[str, Sequence[Figures]], fields: Sequence[str]) -> str:
    """Median (least to most) of every field, a line for each peer."""
    lines = ["| peer | n | " + " | ".join(fields) + " |", "|---|---|" + "---|" * len(fields)]
    for name, rows in results.items():
        cells = [spread([row[field] for row in rows if field in row]) for field in fields]
        lines.append(f"| {name} | {len(rows)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def judged(results: Mapping[str, Sequence[Figures]], targets: Sequence[Target]) -> str:
    """Each target with its median, taken pair by pair, and whether that is good enough."""
    lines = []
    for target in targets:
        mine, others = results.get(target.peer), results.get(target.against)
        if not mine or (target.against and not others):
            continue
        found = [target.figure(row, others[number] if others else None) for number, row in enumerate(mine)]
        said = "reached" if target.reached(statistics.median(found)) else "NOT reached"
        lines.append(f"{target}: {spread(found)}, wanted {target.bound}: {said}")
    return "\n".join(lines)


def spread(values: Sequence[float]) -> str:
    """`median (least–most)`."""
    if not values:
        return ""
    middle, least, most = (f"{value:.5g}" for value in (statistics.median(values), min(values), max(values)))
    return middle if least == most else f"{middle} ({least}–{most})"


def keep(
    file: Path, comparison: Comparison, options: argparse.Namespace, results: Mapping[str, Sequence[Figures]]
) -> None:
    """Add everything as one JSON line to `file`."""
    given = {key: str(value) for key, value in vars(options).items() if value is not None}
    whole = {
        "title": comparison.title,
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "machine": machine(),
        "versions": versions(),
        "options": given,
        "results": results,
    }
    with file.open("a", encoding="utf-8") as opened:
        opened.write(json.dumps(whole) + "\n")


def versions() -> dict[str, str]:
    """Of Python and the packages compared, as far as they are installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:  # noqa: PERF203 - nine rounds
            continue
    return found


# Some processors have no bfloat16 instructions and take thirty times as long for it.
PROBE = """
import time, torch
x, w = torch.randn(2048, 384), torch.randn(384, 1536)
def seconds(kind):
    a, b = x.to(kind), w.to(kind)
    best = float("inf")
    for _ in range(4):
        began = time.perf_counter(); a @ b; best = min(best, time.perf_counter() - began)
    return best
print("bf16" if seconds(torch.bfloat16) < seconds(torch.float32) else "fp32")
"""


def best_precision() -> str:
    """`bf16` where this processor multiplies matrices faster in it, else `fp32`: what a well configured peer takes."""
    return subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True).stdout.strip()


def draw(options: argparse.Namespace, *names: str | int) -> None:
    """Seed torch's numbers for this purpose as Tunesmith does for that seed: then peers differ in what they compute,
    not in luck."""
    import torch

    from tunesmith.randomness import derive

    torch.manual_seed(derive(options.seed, *names))


def batches(
    options: argparse.Namespace, rows: int, epoch: int, lengths: Sequence[int] | None = None
) -> list[list[int]]:
    """The row numbers of each step of `epoch` as `tunesmith run` takes them for that seed."""
    import numpy as np

    from tunesmith.data.batching import epoch_batches

    given = {"batch_size": options.batch, "seed": options.seed, "epoch": epoch}
    found = epoch_batches(np.arange(rows), None if lengths is None else np.asarray(lengths), **given)
    return [batch.tolist() for batch in found]


def add_precision(made: argparse.ArgumentParser) -> None:
    """`--precision` of the bare loops and the well configured peers; Tunesmith chooses its own."""
    made.add_argument(
        "--precision", choices=("auto", "bf16", "fp32"), default="auto", help="auto: the faster one, by a measurement"
    )


def machine() -> str:
    """Processor, cores, memory, load and versions in one line."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.partition(":")[2].strip() for line in info.read_text("utf-8").splitlines() if "model name" in line
        ]
        cpu = names[0] if names else cpu
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    said = ", ".join(f"{name} {version}" for name, version in versions().items())
    return f"{cpu}, {os.cpu_count()} cores, {gigabytes:.0f} GiB, load {os.getloadavg()[0]:.2f}; {said}"


def peak_mb(pid: int | str = "self") -> float:
    """The most memory that a process has held so far (VmHWM), in megabytes; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    found = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return round(int(found[0]) * 1024 / MEGABYTE, 1) if found else 0.0


def anonymous_mb(pid: int | str = "self") -> float:
    """The memory that a process holds now and that belongs to no file (RssAnon), in megabytes; 0 once it is gone.

    What it has mapped of files (libraries, features) counts as memory, too, but the system takes it back when it needs
    room.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    found = [line.split()[1] for line in lines if line.startswith("RssAnon:")]
    return round(int(found[0]) * 1024 / MEGABYTE, 1) if found else 0.0


def cpu_s(pid: int | str = "self") -> float:
    """The processor time that a process has taken so far, of all its threads, in seconds; 0 once it is gone.

    Where other work shares the machine this compares what peers cost, which the clock then cannot.
    """
    try:
        cells = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return round((int(cells[11]) + int(cells[12])) / os.sysconf("SC_CLK_TCK"), 2)


def parser(description: str, peers: Sequence[str], *, repeats: int = 3) -> argparse.ArgumentParser:
    """The options that all benchmarks have."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument("--repeats", type=int, default=repeats, help="rounds over all peers")
    made.add_argument("--only", help="some of the peers, separated by commas")
    made.add_argument("--seed", type=int, default=0, help="of the first round; each further one takes the next")
    made.add_argument("--out", type=Path, help="a file that gets everything as one more JSON line")
    made.add_argument("--peer", choices=peers, help="be this peer, once, and print one JSON line")
    made.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    return made


def main(
    script: str,
    options: argparse.Namespace,
    peers: Mapping[str, Peer],
    comparison: Comparison,
    prepare: Callable[[Path, argparse.Namespace], None],
    passed: Sequence[str],
) -> None:
    """Be one peer, or run them all on data that `prepare(folder, options)` makes once. `passed` names the options that
    every peer gets as they are."""
    if options.peer:
        print(json.dumps(peers[options.peer](options)), flush=True)
        return
    if getattr(options, "precision", "") == "auto":
        options.precision = best_precision()
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-") as folder:
        prepare(Path(folder), options)
        given = {name: getattr(options, name) for name in passed}
        arguments = [f"--{name}" if value is True else f"--{name}={value}" for name, value in given.items() if value]
        run_peers(script, comparison, options, [f"--data={folder}", *arguments])
