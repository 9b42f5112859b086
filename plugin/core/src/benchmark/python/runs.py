"""Runs in a project's folder, as workers write them: `python runs.py many FOLDER COUNT` makes finished ones,
`python runs.py long FOLDER RECORDS` one with a long series, `python runs.py live FOLDER RUNS SERIES PER_SECOND SECONDS`
runs that grow, each value the number of its step."""

import resource
import sys
import time
from pathlib import Path

import numpy as np

from tunesmith.runs.folder import create_run
from tunesmith.runs.series import FIELDS, SeriesWriter

JOB = "task: nothing\n"


def many(root: Path, count: int) -> None:
    """Finished runs, one a minute."""
    for number in range(count):
        name = f"run {number}"
        about = {
            "task": "text-classification",
            "model": "all-MiniLM-L6-v2",
            "method": "lora",
            "tags": [f"v{number % 7}"],
        }
        run = create_run(root, JOB, name=name, now=time.time() - 60 * (count - number), about=about)
        best = {"metric": "f1_macro", "value": 0.5 + number / (3 * count), "step": 400}
        run.set_state("finished", step=500, total_steps=500, best=best, device="cuda:0")


def long(root: Path, count: int) -> None:
    """A finished run of so many records, falling and noisy, 200 a second."""
    run = create_run(root, JOB, name="long")
    records = np.empty(count, FIELDS)
    records["step"] = np.arange(1, count + 1)
    records["seconds"] = records["step"] / 200
    records["value"] = 2 / np.sqrt(records["step"]) + np.random.default_rng(0).normal(0, 0.1, count)
    run.series_file("loss").parent.mkdir(exist_ok=True)
    records.tofile(run.series_file("loss"))
    run.set_state("finished", step=count, total_steps=count)


def live(root: Path, runs: int, series: int, per_second: int, seconds: int) -> None:
    """Append to every series of every run, so many times a second; says the records of each series at the end."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    made = [create_run(root, JOB, name=f"live {number}") for number in range(runs)]
    for run in made:
        run.set_state("running", step=0, total_steps=per_second * seconds)
    names = ["loss", *(f"series_{number:02}" for number in range(1, series))]
    writers = [SeriesWriter(run.series_file(name)) for run in made for name in names]
    began = time.monotonic()
    for step in range(1, per_second * seconds + 1):
        for writer in writers:
            writer.append((step, step / per_second, float(step)))
            writer.flush(mark=False)
        if step % per_second == 0:
            for run in made:
                run.set_state("running", step=step)
        time.sleep(max(0.0, began + step / per_second - time.monotonic()))
    for run in made:
        run.set_state("finished", step=per_second * seconds)
    print(f"{per_second * seconds} {time.monotonic() - began:.1f}")


if __name__ == "__main__":
    way, folder, *rest = sys.argv[1:]
    {"many": many, "long": long, "live": live}[way](Path(folder) / ".tunesmith" / "runs", *map(int, rest))
