"""Values that are each allowed but do not go together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tunesmith.catalog import Catalog
from tunesmith.errors import Place, Problem, Severity, nearest
from tunesmith.job import schema
from tunesmith.job.job import Job

Finding = tuple[tuple[str, ...], Problem]
"""The keys that a finding rests on, the one to show first, and the problem without its place."""


def check_combinations(
    job: Job, catalog: Catalog, places: Mapping[str, Place], *, skip: Collection[str] = ()
) -> list[Problem]:
    """Every impossible or doubtful combination. Findings that rest on a key in `skip` (wrong already) are left out."""
    checks: tuple[Callable[[Job, Catalog], Iterator[Finding]], ...] = (_model, _data, _loss, _training, _evaluation)
    problems = []
    for check in checks:
        for keys, problem in check(job, catalog):
            if any(key in skip for key in keys):
                continue
            known = next((places[key] for key in keys if key in places), Place(file=job.file))
            place = known if known.key else Place(file=known.file, key=keys[0])
            problems.append(replace(problem, place=place))
    return problems


def _finding(keys: str, code: str, message: str, *, severity: Severity = "error", **fields: Any) -> Finding:
    return tuple(keys.split()), Problem(code=code, message=message, severity=severity, **fields)


def _model(job: Job, catalog: Catalog) -> Iterator[Finding]:
    task = catalog.tasks[job.task].member
    if job.model.name not in task.models:
        yield _finding(
            "model task",
            "job.model-does-not-fit",
            f"the task {job.task} cannot use a model of this kind ({job.model.name})",
            found=str(job.model.options["name"]),
            allowed=tuple(task.models),
        )
    if job.model.name == "scratch" and job.method.name != "full":
        yield _finding(
            "method model",
            "job.frozen-untrained-weights",
            f"{job.method.name} would freeze weights that were never trained",
            severity="warning",
            hint="use the method full with a model from scratch",
        )


def _data(job: Job, catalog: Catalog) -> Iterator[Finding]:
    data = job.data
    if data.imbalance != "none" and not catalog.tasks[job.task].member.imbalance:
        yield _finding(
            "data.imbalance task",
            "job.imbalance-does-not-fit",
            f"the task {job.task} has no labels that could be balanced",
            found=data.imbalance,
            allowed=("none",),
            hint="remove the key",
        )
    member = catalog.tasks[job.task].member
    named = [[role for role in group if role in data.columns] for group in member.alternatives]
    named = [roles for roles in named if roles]
    if len(named) > 1:
        yield _finding(
            f"data.{named[1][0]} data.{named[0][0]}",
            "job.conflict",
            f"the task {job.task} makes its input of one kind of column, and the job names several",
            found=", ".join(role for roles in named for role in roles),
            allowed=tuple(" and ".join(group) for group in member.alternatives),
            hint="keep one of them",
        )
    answers = [role for role, column in member.columns.items() if column.answer and role in data.columns]
    for role, names in data.columns.items():
        if len(set(names)) < len(names):
            yield _finding(
                f"data.{role}",
                "job.column-named-twice",
                f"`{role}` names a column more than once",
                found=", ".join(dict.fromkeys(name for name in names if names.count(name) > 1)),
                hint="keep one of them",
            )
        for answer in answers:
            if role not in answers and (both := [name for name in names if name in data.columns[answer]]):
                yield _finding(
                    f"data.{role} data.{answer}",
                    "job.answer-as-input",
                    f"the {answer} that the model is to give stands among what it is given: it would learn to copy it",
                    found=", ".join(both),
                    hint=f"take it out of `{role}`",
                )
    if data.split.name == "stratified" and member.split.by != "stratified":
        yield _finding(
            "data.split task",
            "job.split-does-not-fit",
            f"the task {job.task} has no labels that could be kept in proportion",
            found=data.split.name,
            allowed=("auto", *(name for name in catalog.splits if name != "stratified")),
        )
    shares = [share for share in (data.validation, data.test) if isinstance(share, float)]
    if sum(shares) >= 1:
        yield _finding(
            "data.validation data.test",
            "job.shares-too-large",
            "validation and test together leave no rows to train on",
            found=" + ".join(f"{share:.0%}" for share in shares),
            allowed=("shares that add up to less than 100%",),
        )
    for key, file in (("data.validation", data.validation), ("data.test", data.test)):
        if isinstance(file, str) and job.resolve(file) == job.resolve(data.train):
            yield _finding(
                f"{key} data.train",
                "job.judged-on-training-rows",
                "these are the training rows: the model will look better than it is",
                found=file,
                severity="warning",
                hint="give a share such as 10%, or a file with other rows",
            )
    if data.validation is None:
        yield _finding(
            "data.validation",
            "job.no-validation",
            "without validation rows nobody can tell a good checkpoint from a bad one",
            severity="warning",
            hint="give data.validation a share such as 10%",
        )


def _loss(job: Job, catalog: Catalog) -> Iterator[Finding]:
    loss = job.training.loss.name
    if job.data.imbalance == "focal" and loss not in ("auto", "focal"):
        yield _finding(
            "data.imbalance training.loss",
            "job.conflict",
            "imbalance: focal is a loss of its own, and training.loss names another",
            found=loss,
            allowed=("auto", "focal"),
            hint="remove training.loss, or choose weighted-loss",
        )
    if loss == "auto":
        return
    targets = catalog.tasks[job.task].member.targets
    if loss in catalog.losses and not set(catalog.losses[loss].member.targets) & set(targets):
        yield _finding(
            "training.loss task",
            "job.loss-does-not-fit",
            f"this loss compares other targets than the task {job.task} has ({', '.join(targets)})",
            found=loss,
            allowed=("auto", *losses_for(catalog, targets)),
        )


def _training(job: Job, catalog: Catalog) -> Iterator[Finding]:
    training = job.training
    micro = training.micro_batch_size
    if micro is not None and micro > training.batch_size:
        yield _finding(
            "training.micro_batch_size training.batch_size",
            "job.micro-batch-too-large",
            "a micro-batch is a part of a batch and cannot be larger",
            found=str(micro),
            allowed=(f"at most {training.batch_size}",),
        )
    schedule = training.schedule.name
    usual = schema.TRAINING["warmup"].default
    warms_up = schedule in catalog.schedules and catalog.schedules[schedule].member.warms_up
    if warms_up and training.warmup not in (0, usual):
        yield _finding(
            "training.warmup training.schedule",
            "job.warmup-ignored",
            f"the schedule {schedule} rises by itself, so this warm-up is not used",
            found=f"{training.warmup:.0%}",
            severity="warning",
            hint="remove warmup",
        )
    if training.precision == "fp16" and job.device == "cpu":
        yield _finding(
            "training.precision device",
            "job.precision-does-not-fit",
            "fp16 needs a GPU",
            found="fp16",
            allowed=("auto", "fp32", "bf16"),
        )


def _evaluation(job: Job, catalog: Catalog) -> Iterator[Finding]:
    task = catalog.tasks[job.task].member
    evaluation = job.evaluation
    if evaluation.metric not in task.metric_names:
        close = nearest(evaluation.metric, task.metric_names)
        yield _finding(
            "evaluation.metric task",
            "job.unknown-metric",
            f"the task {job.task} has no such metric",
            found=evaluation.metric,
            allowed=("auto", *task.metric_names),
            hint=f"rename it to {close}" if close else "",
        )
    if evaluation.patience is None:
        return
    if job.data.validation is None:
        yield _finding(
            "evaluation.patience data.validation",
            "job.patience-without-validation",
            "stopping early needs validation rows to judge by",
            found=str(evaluation.patience),
            hint="give data.validation a share such as 10%, or remove patience",
        )
    elif evaluation.every.unit == "epochs" and job.training.epochs / evaluation.every.count <= evaluation.patience:
        yield _finding(
            "evaluation.patience evaluation.every training.epochs",
            "job.patience-too-long",
            "the run ends before patience can run out",
            found=f"{evaluation.patience} evaluations of one each {evaluation.every}, {job.training.epochs:g} epochs",
            severity="warning",
            hint="evaluate more often, or train for more epochs",
        )


def losses_for(catalog: Catalog, targets: Collection[str]) -> tuple[str, ...]:
    """The losses that compare targets of one of these kinds."""
    return tuple(name for name, entry in catalog.losses.items() if set(entry.member.targets) & set(targets))
