"""`tunesmith check JOB`: everything that is wrong or doubtful about a job and its data, and what `auto` chose.

What can be read comes first. Where nothing of it is wrong, the job is tried, in a process of its own: model, method,
loss and optimizer are built, and a small batch goes forward and back.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tunesmith import shown
from tunesmith.cli.parts.progress_lines import ProgressLines
from tunesmith.errors import Problem

HELP = "tell all that is wrong with a job and its data, before training"
SHOWN = 10  # findings of one kind on a terminal; --json has them all


def configure(parser: argparse.ArgumentParser) -> None:
    """The job, overrides and the form of the answer."""
    parser.add_argument("job", type=Path, metavar="JOB", help="a job file, NAME.job.yaml")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="replace a key of the job")
    parser.add_argument(
        "--quick", action="store_true", help="only read: do not build the model and try one small batch"
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def run(arguments: argparse.Namespace) -> int:
    """0: the job can run (there may be warnings); 2: it cannot."""
    from tunesmith.checks.job import as_fields, check, is_good

    on_progress = ProgressLines(shown=sys.stderr.isatty() and not arguments.json)
    answer = check(arguments.job, overrides=arguments.set, on_progress=on_progress)
    problems: list[Problem] = list(answer["problems"])
    if not arguments.json:
        if "job" in answer:
            print("\n".join(_summary(answer)))
        _print(problems)
    if is_good(problems) and not arguments.quick:
        tried = _tried(arguments)
        problems += tried
        if not arguments.json:
            _print(tried)
    good = is_good(problems)
    if arguments.json:
        fields = {**answer, "ok": good, "problems": [as_fields(problem) for problem in problems]}
        json.dump(fields, sys.stdout, indent=2, ensure_ascii=False)
        print()
    else:
        print(f"{shown.line(answer['file'])}: {_ending(problems)}")
    return 0 if good else 2


def _tried(arguments: argparse.Namespace) -> list[Problem]:
    from tunesmith.estimate.prepared import Request
    from tunesmith.trial.run import try_job

    if sys.stderr.isatty() and not arguments.json:
        print("building the model and trying one small batch ...", file=sys.stderr, flush=True)
    sys.stdout.flush()  # what was read stands there while the process works
    return try_job(Request(file=arguments.job, overrides=tuple(arguments.set)))


def _print(problems: Sequence[Problem]) -> None:
    counted = Counter((problem.code, problem.severity) for problem in problems)
    printed: Counter[str] = Counter()
    for problem in problems:
        printed[problem.code] += 1
        if printed[problem.code] <= SHOWN:
            print(problem)
        elif printed[problem.code] == SHOWN + 1:
            rest = counted[problem.code, problem.severity] - SHOWN
            print(f"... and {rest} more of {problem.code} (see --json)")


def _ending(problems: Sequence[Problem]) -> str:
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = sum(problem.severity == "warning" for problem in problems)
    counts = f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"
    return counts if errors or warnings else "good"


def _summary(answer: dict[str, Any]) -> list[str]:
    job = answer["job"]
    model = next(iter(job["model"].values()))["name"]
    method = job["method"] if isinstance(job["method"], str) else next(iter(job["method"]))
    lines = [f"task     {job['task']}", f"model    {model}", f"method   {method}"]
    if "rows" in answer:
        parts = [f"{name} {rows}" for name, rows in answer["rows"].items() if rows is not None]
        parts += [f"skipped {answer['skipped']}"] if answer["skipped"] else []
        lines.append("rows     " + " · ".join(parts))
        lines.append("columns  " + " · ".join(f"{role}: {', '.join(c)}" for role, c in answer["columns"].items()))
        lines += _labels(answer["labels"], job["data"]["imbalance"])
    lines += [f"{key.rpartition('.')[2]}: auto: {reason}" for key, reason in answer["chosen"].items()]
    return [*map(shown.line, lines), ""]


def _labels(labels: Sequence[dict[str, Any]], imbalance: str) -> list[str]:
    if not labels:
        return []
    after = {
        "weighted-loss": "weighted sum",
        "oversample": "rows an epoch",
        "undersample": "rows an epoch",
    }.get(imbalance)
    width = max(5, *(len(shown.line(each["label"])) for each in labels[:SHOWN]))
    lines = [f"{'label':{width}}  {'rows':>8}" + (f"  after {imbalance} ({after})" if after else "")]
    for each in labels[:SHOWN]:
        balanced = f"  {each['after']:g}" if after else ""
        lines += [f"{shown.line(each['label']):{width}}  {each['rows']:>8}{balanced}"]
    rest = len(labels) - SHOWN
    return [*lines, *([f"... and {rest} more labels (see --json)"] if rest > 0 else [])]
