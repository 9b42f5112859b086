"""What `tunesmith estimate` says of the demo's job, against what its run then measures: memory and time.

    python tests/benchmarks/estimate.py [--repeats N] [--max-steps N] [--out FILE]

They take turns: estimate, run, estimate, run. A ratio of 1 is exact; wanted is 0.8 to 1.2. `--max-steps` ends the runs
sooner, which the estimate is told as well.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from common import MEGABYTE, machine, spread
from ours import command, run_job

from tunesmith.demo.project import write_project
from tunesmith.demo.reviews import reviews

WANTED = (0.8, 1.2)


def estimated(project: Path, job: str, overrides: list[str]) -> dict[str, float]:
    """What is said before, and how long it takes to say it."""
    file = project / "benchmark.job.yaml"
    file.write_text(job, "utf-8")
    began = time.perf_counter()
    said = json.loads(command(["estimate", str(file), "--json", *overrides], project))
    return {
        "said_mb": said["memory"]["total"] / MEGABYTE,
        "said_s": said["time"]["total"],
        "step_s": said["time"]["step"],
        "estimating_s": time.perf_counter() - began,
    }


def measured(project: Path, job: str, overrides: list[str]) -> dict[str, float]:
    """What the run then takes: the most its worker held, what it told of itself last, and the whole command's time."""
    began = time.perf_counter()
    run = run_job(project, job, overrides=overrides)
    took = time.perf_counter() - began
    state = json.loads((run.run / "state.json").read_bytes())
    return {"peak_mb": run.peak_mb, "state_mb": state["memory_mb"], "took_s": took, "steps": run.steps}


def main() -> int:
    """0: the medians of memory and time are within 20 %."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--repeats", type=int, default=2)
    made.add_argument("--max-steps", type=int)
    made.add_argument("--out", type=Path, help="a file that gets every round as a JSON line")
    options = made.parse_args()
    short = [] if options.max_steps is None else [f"training.max_steps={options.max_steps}"]
    print(f"# The demo's job, said and measured\n\n{machine()}\n", flush=True)
    rounds = []
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-") as folder:
        project = write_project(Path(folder) / "demo", reviews())
        job = project.job.read_text("utf-8")
        for number in range(1, options.repeats + 1):
            load = os.getloadavg()[0]
            said = estimated(project.folder, job, [part for each in short for part in ("--set", each)])
            found = {
                **said,
                **measured(project.folder, job, short),
                "load_before": load,
                "load_after": os.getloadavg()[0],
            }
            found["memory"] = found["said_mb"] / found["peak_mb"]
            found["time"] = found["said_s"] / found["took_s"]
            rounds.append(found)
            print(f"round {number}: {json.dumps({key: round(value, 3) for key, value in found.items()})}", flush=True)
            if options.out:
                with options.out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"machine": machine(), **found}) + "\n")
    good = True
    for what in ("memory", "time"):
        ratios = sorted(found[what] for found in rounds)
        middle = ratios[len(ratios) // 2] if len(ratios) % 2 else sum(ratios[len(ratios) // 2 - 1 :][:2]) / 2
        reached = WANTED[0] <= middle <= WANTED[1]
        good = good and reached
        print(
            f"{what}, said / measured: {spread(ratios)}, wanted 0.8 to 1.2: {'reached' if reached else 'NOT reached'}"
        )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
