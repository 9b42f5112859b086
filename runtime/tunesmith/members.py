"""What a catalog member declares. A member's file defines `MEMBER` and the functions its kind asks for (below).

Importing a member's file changes nothing and loads no torch: heavy imports stand inside its functions. A member is the
same as itself alone (`eq=False`), as an option is.

| kind       | folder             | functions beside MEMBER                                                    |
|------------|--------------------|-----------------------------------------------------------------------------|
| losses     | train/losses/      | `build(**options) -> LossFunction` (see contracts/loss.py)                  |
| optimizers | train/optimizers/  | `build(groups, lr, **options) -> torch.optim.Optimizer`                     |
| schedules  | train/schedules/   | `factor(step, total, **options) -> float`, a multiple of the learning rate  |
| methods    | methods/           | `apply(loaded, seed, **options) -> LoadedModel`                             |
| models     | models/            | `claims(name, folder) -> bool`, `load(request) -> LoadedModel`              |
| losses     | train/losses/      | `build(**options) -> LossFunction` (see contracts/loss.py)                  |
| readers    | data/readers/      | `read(path, ...) -> Iterator[Record]` (see data/rows.py)                    |
| splits     | data/splits/       | `divide(undivided, **options) -> Divided` (see data/splits/contract.py)     |
| inspections | inspections/rules/ | `check(module) -> Iterator[Hit]` (see inspections/contract.py) |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from tunesmith.errors import Severity, TunesmithError
from tunesmith.options import Option
from tunesmith.scores.metrics import Metric

_NONE: Mapping[str, Any] = MappingProxyType({})

TARGETS = ("class", "classes", "number", "token", "match", "similarity")
"""The kinds of target: one label a row, several labels a row, numbers, tokens, the right one of the batch, how alike
two things are."""


MULTILINGUAL = ("intfloat/multilingual-e5-small", "FacebookAI/xlm-roberta-base")
"""Models that read many languages, for labels and numbers."""


def unknown_target(kind: str) -> TunesmithError:
    """The error for a kind of target that none of ours is: nothing is judged, or chosen, by a guess."""
    return TunesmithError(
        "run.unknown-target",
        "this kind of target is unknown",
        found=kind or "none",
        allowed=TARGETS,
        hint="the run's facts.json is damaged, or was written by a newer Tunesmith",
    )


def unknown_metric(name: str, allowed: Sequence[str]) -> TunesmithError:
    """The error for a metric whose direction is not known."""
    return TunesmithError(
        "job.unknown-metric",
        "nobody knows which way this metric gets better",
        found=name,
        allowed=tuple(allowed),
        hint="name a metric of the task; a run of a newer Tunesmith may have others",
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Member:
    """`help` is one sentence on what it is; `when` says when to use it and, where it matters, when not.

    `aliases` are short names that a job may use instead, such as `mse`.
    """

    name: str
    help: str
    aliases: Sequence[str] = ()
    when: str = ""
    options: Mapping[str, Option] = field(default_factory=lambda: _NONE)
    formula: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """A worked example: `inputs` by name and the `value` that comes out; a test recomputes it."""

    inputs: Mapping[str, Any]
    value: Any
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loss(Member):
    """`range` is the set of values, as text; `targets` is what it compares with, of TARGETS.

    `two_classes`: where each row has one of several labels, there may be two of them and no more.
    """

    range: str
    targets: Sequence[str]
    two_classes: bool = False
    worked: Sequence[Example]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Optimizer(Member):
    """The usual learning rates to begin with: `learning_rate` when all weights of a pretrained model are tuned,
    `from_scratch` when a network starts from random weights.
    """

    learning_rate: float
    from_scratch: float
    worked: Sequence[Example]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schedule(Member):
    """`warms_up`: it rises by itself, so that the job's warm-up is not put before it."""

    warms_up: bool = False
    worked: Sequence[Example]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Method(Member):
    """`learning_rate_factor`: how much higher the learning rate may be than with full tuning."""

    learning_rate_factor: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """A role that a column of the data plays.

    `answer`: it is what the model learns to give; `predict` needs none. `continues`: this answer is part of the text
    that is learnt, so rows that differ in it alone are different rows. `takes_rest`: where neither the job nor a usual
    name says which, all other columns of numbers play it. `many`: the job may name several columns, and a row has a
    tuple of their values. `several`: the same where it names more than one; a single column gives its value as it is.
    `holds` says what its cells mean (data/values.py): text, label, number, image, messages, words or
    spans.
    """

    help: str
    holds: Literal["text", "label", "number", "image", "messages", "words", "spans"] = "text"
    required: bool = True
    answer: bool = False
    continues: bool = False
    takes_rest: bool = False
    many: bool = False
    several: bool = False
    guesses: Sequence[str] = ()  # usual names, in order, taken where the job names none


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UsualSplit:
    """How a task's rows are divided where the job does not say, and why: `by` is a member of `splits`. With a `role`,
    rows with the same value there stay together, as if the job named its column."""

    by: str
    why: str
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UsualOptimizer:
    """The optimizer of a job that names none, and why: `name` is a member of `optimizers`."""

    name: str
    why: str


ADAMW = UsualOptimizer(name="adamw", why="adapts the step of each weight and needs the least tuning")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task(Member):
    """`columns` and `options` stand under `data:` in the job; `targets` is the kind of target that losses must fit.

    `lengths_vary` says that batches are as wide as their texts are long: then hardly two have the same shape.
    `alternatives` are groups of roles of which a row's input is made: a job names roles of one group
    only, and needs the first of it. `aliases_elsewhere` are names that others have for it, with what to add.
    `stands_in_for` are tasks that are not there, with what this one does instead. `multilingual` are models for it that
    read many languages. `from_scratch` is the usual optimizer for a model that the source `scratch` makes.
    """

    columns: Mapping[str, Column]
    targets: Sequence[str]
    metrics: Sequence[Metric]
    default_metric: str
    models: Sequence[str]
    imbalance: bool = False
    lengths_vary: bool = False
    alternatives: Sequence[Sequence[str]] = ()
    aliases_elsewhere: Mapping[str, str] = field(default_factory=lambda: _NONE)
    stands_in_for: Mapping[str, str] = field(default_factory=lambda: _NONE)
    split: UsualSplit = UsualSplit(by="random", why="each row is taken to stand for itself")
    multilingual: Sequence[str] = MULTILINGUAL
    from_scratch: UsualOptimizer = ADAMW

    def metric(self, name: str) -> Metric:
        """The task's metric of this name. Raises TunesmithError job.unknown-metric: no direction is ever guessed."""
        found = next((metric for metric in self.metrics if metric.name == name), None)
        if found is None:
            raise unknown_metric(name, self.metric_names)
        return found

    @property
    def metric_names(self) -> tuple[str, ...]:
        """What a job may name under `evaluation.metric`."""
        return tuple(metric.name for metric in self.metrics)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelSource(Member):
    """Where weights come from. `makes_tokenizer`: of the training texts, where it is given none."""

    makes_tokenizer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reader(Member):
    """A data format, by file name ending (with the dot)."""

    suffixes: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split(Member):
    """A way to divide rows into parts; options of the kind Columns name what it goes by."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mistake:
    """Code in which the lines that end in a comment `# CODE` are found, and no others; `fixed` is what the fixes make
    of it, where there are any."""

    code: str
    fixed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inspection(Member):
    """A mistake in training code. `code` stays the same for ever; `explanation` is what hover and the docs say, in
    Markdown: why it matters and what to write instead. A test inspects `bad` and `good`, in which nothing is found."""

    code: str
    severity: Severity
    explanation: str
    bad: Sequence[Mistake]
    good: Sequence[str]
