"""Jobs, data files and projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tunesmith.protocol.codec import encode
from tunesmith.protocol.jobs import CheckResult, LabelCount, NewProjectResult
from tunesmith.protocol.problems import found
from tunesmith.server.work.fresh import forget_project_code


def check_job(*, job: str, text: str | None, overrides: Sequence[str], trusted: bool) -> Any:
    """A `CheckResult`."""
    from tunesmith.checks.job import check, is_good

    forget_project_code()
    answer = check(Path(job), overrides=tuple(overrides), text=text, trusted=trusted)
    problems = answer["problems"]
    return encode(
        CheckResult(
            ok=is_good(problems),
            problems=tuple(found(problem) for problem in problems),
            job=answer.get("job", {}),
            rows=answer.get("rows", {}),
            skipped=answer.get("skipped", 0),
            columns={role: tuple(names) for role, names in answer.get("columns", {}).items()},
            labels=tuple(LabelCount(**label) for label in answer.get("labels", ())),
            chosen=answer.get("chosen", {}),
        )
    )


def new_project(
    *,
    folder: str,
    task: str,
    data: str | None,
    columns: Mapping[str, Sequence[str]],
    changes: Sequence[str],
    name: str | None,
) -> Any:
    """A `NewProjectResult`. `changes` are keys of the job with their values, KEY=VALUE; nothing is left on an error."""
    import shutil

    from tunesmith.catalog import Catalog
    from tunesmith.templates.choose import fitting_task
    from tunesmith.templates.make import make_project

    catalog = Catalog()
    target = Path(folder)
    existed = target.exists()
    made = make_project(
        target, task or fitting_task(catalog, {}, ""), catalog, data=Path(data) if data else None, columns=columns
    )
    try:
        job = _renamed(made.job, name)
        if changes:
            _change(job, changes)
    except BaseException:
        shutil.rmtree(target)
        if existed:
            target.mkdir()
        raise
    return encode(NewProjectResult(folder=str(made.folder), job=str(job), notes=made.notes))


def _renamed(job: Path, name: str | None) -> Path:
    from tunesmith.errors import TunesmithError

    if not name:
        return job
    stem = name.removesuffix(".job.yaml").strip()
    if not stem.strip(".") or not name.isprintable() or set(name) & set('/\\:*?"<>|'):
        raise TunesmithError(
            "new.job-name",
            "that cannot be the name of a job file",
            found=name,
            hint="a name is one part of a path: letters of any script, digits, spaces, `-`, `_` and `.`",
        )
    target = job.with_name(f"{stem}.job.yaml")
    job.rename(target)
    for page in job.parent.glob("README.md"):
        page.write_text(page.read_text(encoding="utf-8").replace(job.name, target.name), encoding="utf-8")
    return target


def _change(job: Path, changes: Sequence[str]) -> None:
    """Write other values into the job's text; comments and order stay."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    content = yaml.load(job.read_text(encoding="utf-8"))
    for change in changes:
        key, _, value = change.partition("=")
        section, _, name = key.rpartition(".")
        (content[section] if section else content)[name] = YAML(typ="safe").load(value)
    with job.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)
