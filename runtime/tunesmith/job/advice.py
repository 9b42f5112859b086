"""What `auto` stands for, once the data has been seen, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tunesmith.catalog import Catalog
from tunesmith.errors import Place, TunesmithError
from tunesmith.job.combinations import losses_for
from tunesmith.job.job import Job, Pick
from tunesmith.job.kinds import AUTO_RATE
from tunesmith.job.reading import default
from tunesmith.members import ADAMW, unknown_target

LOSSES: Mapping[str, tuple[str, str]] = {
    "class": ("cross-entropy", "each answer is one of {outputs} labels"),
    "classes": ("binary-cross-entropy", "each row may have several of {outputs} labels, and each is a yes or no"),
    "number": ("mean-squared-error", "the target is a number"),
    "token": ("cross-entropy", "each target is one of many tokens"),
    "match": ("info-nce", "each row has its right answer, and those of the other rows are wrong for it"),
    "similarity": ("cosent", "each row has a score of how alike two texts are"),
}
"""The loss for each kind of target, and the reason."""

RESAMPLING = ("oversample", "undersample")
"""Remedies for unequal labels that repeat rows or leave some out."""

FRESH_SOURCES = ("scratch", "python")
"""Model sources whose weights begin at random."""


def settle(job: Job, catalog: Catalog, *, target: str, counts: Sequence[int], outputs: int) -> Job:
    """The job with every `auto` replaced by a choice; the reasons stand in `training.why`, by dotted key.

    `target` is the kind of target (of members.TARGETS), `counts` the training rows per label, `outputs` how
    many numbers the model gives a row. Raises TunesmithError job.loss-does-not-fit for a loss that the job names and
    that cannot compare such targets, and job.imbalance-does-not-fit for a remedy that such targets do not allow. A
    settled job comes back unchanged.
    """
    if target == "classes" and job.data.imbalance in RESAMPLING:
        raise TunesmithError(
            "job.imbalance-does-not-fit",
            "rows with several labels cannot be repeated or left out for one label without changing the others",
            place=Place(file=job.file, key="data.imbalance"),
            found=job.data.imbalance,
            allowed=("none", "weighted-loss", "focal"),
            hint="weighted-loss weights each label by its rarity",
        )
    why = dict(job.training.why)
    if job.data.split.name == "auto" and any(isinstance(part, float) for part in (job.data.validation, job.data.test)):
        usual = catalog.tasks[job.task].member.split
        why["data.split"] = f"{usual.by}{f' by {usual.role}' if usual.role else ''}, because {usual.why}"
    loss = job.training.loss
    if loss.name == "auto":
        loss, why["training.loss"] = _loss(job, catalog, target, counts, outputs)
    elif loss.name in catalog.losses and target not in catalog.losses[loss.name].member.targets:
        raise TunesmithError(
            "job.loss-does-not-fit",
            f"the loss compares other targets than these rows have ({target})",
            place=Place(file=job.file, key="training.loss"),
            found=loss.name,
            allowed=("auto", *losses_for(catalog, (target,))),
        )
    elif loss.name in catalog.losses and target == "class" and outputs > 2:
        _refuse_two_classes(job, catalog, outputs)
    optimizer = job.training.optimizer
    if optimizer.name == "auto":
        proven = catalog.tasks[job.task].member.from_scratch if job.model.name == "scratch" else ADAMW
        optimizer = filled(catalog, "optimizers", proven.name)
        why["training.optimizer"] = f"{proven.name} {proven.why}"
    rate = job.training.learning_rate
    if rate == AUTO_RATE:
        rate, why["training.learning_rate"] = _learning_rate(job, catalog, optimizer.name)
    metric = _metric(job, catalog, target)
    if metric != job.evaluation.metric:
        why["evaluation.metric"] = f"{metric}, because {job.evaluation.metric} does not judge these rows"
    training = replace(job.training, loss=loss, optimizer=optimizer, learning_rate=rate, why=why)
    return replace(job, training=training, evaluation=replace(job.evaluation, metric=metric))


def _metric(job: Job, catalog: Catalog, target: str) -> str:
    """The job's metric, where it judges such targets; else the first of the task's that does."""
    member = catalog.tasks[job.task].member
    judging = [metric.name for metric in member.metrics if not metric.targets or target in metric.targets]
    return job.evaluation.metric if job.evaluation.metric in judging or not judging else judging[0]


def _refuse_two_classes(job: Job, catalog: Catalog, outputs: int) -> None:
    name = job.training.loss.name
    if catalog.losses[name].member.two_classes:
        fitting = [other for other in losses_for(catalog, ("class",)) if not catalog.losses[other].member.two_classes]
        raise TunesmithError(
            "train.two-classes-only",
            f"the loss {name} compares two labels, and these rows have {outputs}",
            place=Place(file=job.file, key="training.loss"),
            found=name,
            allowed=("auto", *fitting),
            hint=f"write {'multi-class-hinge' if name == 'hinge' else 'cross-entropy'}",
        )


def filled(catalog: Catalog, kind: str, name: str) -> Pick:
    """A member with its default options."""
    options = getattr(catalog, kind)[name].member.options
    return Pick(name=name, options={key: default(option) for key, option in options.items()})


def _loss(job: Job, catalog: Catalog, target: str, counts: Sequence[int], outputs: int) -> tuple[Pick, str]:
    if target not in LOSSES:
        raise unknown_target(target)
    name, reason = LOSSES[target]
    reason = reason.format(outputs=outputs)
    if job.data.imbalance == "focal":
        spread = f": the labels have {min(counts)} to {max(counts)} rows" if counts else ""
        return filled(catalog, "losses", "focal"), f"imbalance: focal asks for it{spread}"
    if job.data.imbalance == "weighted-loss" and counts:
        reason += f"; each label is weighted by its rarity ({min(counts)} to {max(counts)} rows)"
    return filled(catalog, "losses", name), f"{name}, because {reason}"


def _learning_rate(job: Job, catalog: Catalog, optimizer: str) -> tuple[float, str]:
    # Nothing is known of an optimizer of the project: most of them take rates like AdamW's.
    name = optimizer if optimizer in catalog.optimizers else ADAMW.name
    member = catalog.optimizers[name].member
    if job.model.name in FRESH_SOURCES:
        rate = member.from_scratch
        return rate, f"{rate:g} is usual for {name} when the weights begin at random"
    rate, reason = member.learning_rate, f"is usual for {name} and pretrained weights"
    factor = catalog.methods[job.method.name].member.learning_rate_factor
    if factor != 1:
        rate = float(f"{rate * factor:.3g}")
        reason += f", which {job.method.name} lets be {factor:g} times as high"
    return rate, f"{rate:g} {reason}"
