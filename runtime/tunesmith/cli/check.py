"""`tunesmith check JOB`: everything that is wrong or doubtful about a job and its data, and what `auto` chose."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import InvalidJob, Problem, TunesmithError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from tunesmith.catalog import Catalog
    from tunesmith.data.load import DataSet
    from tunesmith.job.job import Job
    from tunesmith.job.load import LoadedJob
    from tunesmith.tasks.contract import Facts

HELP = "tell all that is wrong with a job and its data, before training"
SHOWN = 10  # findings of one kind on a terminal; --json has them all
RANKS = {"error": 0, "warning": 1, "info": 2}


def configure(parser: argparse.ArgumentParser) -> None:
    """The job, overrides and the form of the answer."""
    parser.add_argument("job", type=Path, metavar="JOB", help="a job file, NAME.job.yaml")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="replace a key of the job")
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def run(arguments: argparse.Namespace) -> int:
    """0: the job can run (there may be warnings); 2: it cannot."""
    answer = check(arguments.job, overrides=arguments.set)
    problems: list[Problem] = answer["problems"]
    good = not any(problem.severity == "error" for problem in problems)
    if arguments.json:
        fields = {**answer, "ok": good, "problems": [as_fields(problem) for problem in problems]}
        json.dump(fields, sys.stdout, indent=2, ensure_ascii=False)
        print()
    else:
        _print(answer)
    return 0 if good else 2


def check(path: Path, *, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """The findings (`problems`, errors first) and, as far as the job could be read: the resolved `job`, `rows` by part,
    `columns` by role, `labels` with their rows before and after the remedy, and `chosen`, the reasons of `auto`."""
    from tunesmith.catalog import Catalog
    from tunesmith.job.load import load_job
    from tunesmith.job.write import to_mapping

    catalog = Catalog()
    answer: dict[str, Any] = {"file": str(path), "problems": []}
    try:
        loaded = load_job(path, catalog, overrides=overrides)
    except TunesmithError as error:
        return {**answer, "problems": list(error.problems)}
    found = list(loaded.warnings)
    job = loaded.job
    tokenizer = None
    # Model and data are looked at one by one, so that a mistake in one hides none in the other.
    try:
        tokenizer = _look_for_model(job, catalog)
    except TunesmithError as error:
        found += error.problems
    try:
        job, told, more = _look_into_data(loaded, catalog, tokenizer)
        answer |= told
        found += more
    except TunesmithError as error:
        found += error.problems
    placed = [_placed(problem, loaded, path) for problem in found]
    answer |= {"job": to_mapping(job), "chosen": dict(job.training.why)}
    return {**answer, "problems": sorted(placed, key=lambda problem: RANKS[problem.severity])}


def as_fields(problem: Problem) -> dict[str, Any]:
    """A finding as JSON values."""
    place = problem.place
    return {
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "file": str(place.file) if place.file else None,
        "line": place.line,
        "column": place.column,
        "key": place.key,
        "found": problem.found,
        "allowed": list(problem.allowed),
        "hint": problem.hint,
    }


def _look_into_data(
    loaded: LoadedJob, catalog: Catalog, tokenizer: Tokenizer | None
) -> tuple[Job, dict[str, Any], list[Problem]]:
    """The settled job, what the rows are like, and what is doubtful about them."""
    from tunesmith.data.inspect import inspect_data
    from tunesmith.data.load import load_data
    from tunesmith.job.advice import settle
    from tunesmith.train.usable import usable

    job = loaded.job
    dataset = load_data(job, catalog, places=loaded.places)
    task = catalog.tasks[job.task]
    found: list[Problem] = []
    try:
        dataset, facts = usable(job, dataset, catalog)
    except InvalidJob:  # told below, row by row, beside everything else
        facts = task.call("facts", job, dataset.train)
    parts = (dataset.train, dataset.validation, dataset.test)
    for rows in parts:
        found += task.call("inspect", job, rows, facts, tokenizer) if rows is not None else []
    found += inspect_data(job, dataset, facts)
    try:
        job = settle(job, catalog, target=facts.values["target"], counts=facts.counts, outputs=len(facts.labels) or 1)
    except TunesmithError as error:
        found += error.problems
    return job, _told(job, dataset, facts), found


def _look_for_model(job: Job, catalog: Catalog) -> Tokenizer | None:
    """The model's tokenizer, if it has one that needs no torch.

    Raises the source's own error where the model is not on this machine and must not be downloaded.
    """
    from tunesmith.models.contract import Head, ModelRequest
    from tunesmith.models.load import find_tokenizer

    name = job.model.options["name"]
    options = {key: value for key, value in job.model.options.items() if key != "name"}
    find = getattr(catalog.models[job.model.name].module, "find", None)
    if find is not None and not job.network:
        head = Head(kind="module", outputs=1)
        find(ModelRequest(name=name, options=options, head=head, folder=job.folder, seed=job.seed))
    return find_tokenizer(job.model.name, name, job.folder, options, catalog)


def _told(job: Job, dataset: DataSet, facts: Facts) -> dict[str, Any]:
    from tunesmith.data.resampling import counts_after

    parts = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    after = counts_after(facts.counts, job.data.imbalance)
    return {
        "rows": {name: None if rows is None else len(rows) for name, rows in parts.items()},
        "skipped": len(dataset.skipped),
        "columns": {role: list(names) for role, names in dataset.columns.items()},
        "labels": [
            {"label": label, "rows": count, "after": round(then, 3)}
            for label, count, then in zip(facts.labels, facts.counts, after, strict=False)
        ],
    }


def _placed(problem: Problem, loaded: LoadedJob, path: Path) -> Problem:
    """With the job file as the user named it, and line and column where only a key of the job is known."""
    place = problem.place
    if place.file not in (None, loaded.job.file) or place.line is not None:
        return problem
    known = loaded.places.get(place.key or "")
    return replace(problem, place=known or (replace(place, file=path) if place.file else place))


def _print(answer: dict[str, Any]) -> None:
    problems: list[Problem] = answer["problems"]
    if "job" in answer:
        print("\n".join(_summary(answer)))
    counted = Counter((problem.code, problem.severity) for problem in problems)
    shown: Counter[str] = Counter()
    for problem in problems:
        shown[problem.code] += 1
        if shown[problem.code] <= SHOWN:
            print(problem)
        elif shown[problem.code] == SHOWN + 1:
            rest = counted[problem.code, problem.severity] - SHOWN
            print(f"... and {rest} more of {problem.code} (see --json)")
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = sum(problem.severity == "warning" for problem in problems)
    ending = f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"
    print(f"{answer['file']}: {ending if errors or warnings else 'good'}")


def _summary(answer: dict[str, Any]) -> list[str]:
    job = answer["job"]
    model = next(iter(job["model"].values()))["name"]
    method = job["method"] if isinstance(job["method"], str) else next(iter(job["method"]))
    lines = [f"task     {job['task']}", f"model    {model}", f"method   {method}"]
    if "rows" in answer:
        told = [f"{name} {rows}" for name, rows in answer["rows"].items() if rows is not None]
        told += [f"skipped {answer['skipped']}"] if answer["skipped"] else []
        lines.append("rows     " + " · ".join(told))
        lines.append("columns  " + " · ".join(f"{role}: {', '.join(c)}" for role, c in answer["columns"].items()))
        lines += _labels(answer["labels"], job["data"]["imbalance"])
    lines += [f"{key.rpartition('.')[2]}: auto: {reason}" for key, reason in answer["chosen"].items()]
    return [*lines, ""]


def _labels(labels: Sequence[dict[str, Any]], imbalance: str) -> list[str]:
    if not labels:
        return []
    after = {
        "weighted-loss": "weighted sum",
        "oversample": "rows an epoch",
        "undersample": "rows an epoch",
    }.get(imbalance)
    width = max(5, *(len(str(each["label"])) for each in labels[:SHOWN]))
    lines = [f"{'label':{width}}  {'rows':>8}" + (f"  after {imbalance} ({after})" if after else "")]
    for each in labels[:SHOWN]:
        told = f"  {each['after']:g}" if after else ""
        lines += [f"{each['label']:{width}}  {each['rows']:>8}{told}"]
    rest = len(labels) - SHOWN
    return [*lines, *([f"... and {rest} more labels (see --json)"] if rest > 0 else [])]
