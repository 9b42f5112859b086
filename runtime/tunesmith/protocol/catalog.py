"""What there is to choose from: tasks, models, methods, losses, optimizers, schedules, splits, readers, templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith.protocol.message import field, message
from tunesmith.protocol.method import Method, Request


@message
class CatalogParams:
    """Nothing to say."""


@message
class OptionInfo:
    """One option of a member or one key of the job."""

    name: str = field("Its key; for keys of the job with their section, such as `training.epochs`.")
    help: str = field("One sentence on what it is.", default="")
    advice: str = field("One sentence on what to choose.", default="")
    unit: str = field("The unit of its value.", default="")
    allowed: str = field("What is allowed, as a phrase.", default="")
    required: bool = field("Whether it must be given.", default=False)
    columns: bool = field("Whether its value names columns of the data.", default=False)
    default: Any = field("Its value where it is left out; left out where that is nothing.", default=None)
    schema: Mapping[str, Any] = field("JSON Schema of its value.", factory=dict)


@message
class ColumnInfo:
    """A role that a column of the data plays for a task."""

    role: str = field("The key under `data`.")
    help: str = field("What it is.", default="")
    required: bool = field("Whether a job must have it.", default=True)
    many: bool = field("Whether it may be several columns.", default=False)
    guesses: tuple[str, ...] = field("Usual names, tried where a job names none.", default=())


@message
class MemberInfo:
    """One thing to choose. Fields that its kind does not have are left out or empty."""

    name: str = field("As a job writes it.")
    help: str = field("One sentence on what it is.", default="")
    advice: str = field("When to choose it.", default="")
    aliases: tuple[str, ...] = field("Other names that a job may write.", default=())
    options: tuple[OptionInfo, ...] = field("What can be set about it.", default=())
    formula: str = field("What it computes.", default="")
    source: str = field("Where it was described.", default="")
    targets: tuple[str, ...] = field("Losses and tasks: kinds of target (class, classes, number, token).", default=())
    metrics: tuple[str, ...] = field("Tasks: what can be measured.", default=())
    default_metric: str = field("Tasks: what is measured where the job does not say.", default="")
    columns: tuple[ColumnInfo, ...] = field("Tasks: roles of columns.", default=())
    alternatives: tuple[tuple[str, ...], ...] = field(
        "Tasks: groups of roles of which an input is made; a job needs those of one group.", default=()
    )
    models: tuple[str, ...] = field("Tasks: sources of models that fit.", default=())
    imbalance: bool = field("Tasks: whether `data.imbalance` has a meaning.", default=False)
    suffixes: tuple[str, ...] = field("Readers: endings of file names.", default=())
    learning_rate: float | None = field("Optimizers: where to begin with a pretrained model.", default=None)


@message
class Catalog:
    """Everything to choose from, each list sorted by name."""

    tasks: tuple[MemberInfo, ...] = field("What a model can learn.", default=())
    models: tuple[MemberInfo, ...] = field("Where weights come from.", default=())
    methods: tuple[MemberInfo, ...] = field("How a model is tuned.", default=())
    losses: tuple[MemberInfo, ...] = field("What is minimised.", default=())
    optimizers: tuple[MemberInfo, ...] = field("How weights move.", default=())
    schedules: tuple[MemberInfo, ...] = field("How the learning rate moves.", default=())
    splits: tuple[MemberInfo, ...] = field("How rows are divided into training, validation and test.", default=())
    readers: tuple[MemberInfo, ...] = field("Formats of data.", default=())
    templates: tuple[str, ...] = field("Tasks that `newProject` has a template for.", default=())
    keys: tuple[OptionInfo, ...] = field("All keys of a job but those of members, dotted.", default=())


@message
class JobSchemaParams:
    """Nothing to say."""


@message
class JobSchema:
    """The JSON Schema of the job file."""

    schema: Mapping[str, Any] = field("JSON Schema, draft 2020-12.")


METHODS: tuple[Method, ...] = (
    Request(
        name="tunesmith/catalog",
        purpose="List what a job can choose from, with help, formula, advice and options of each.",
        params=CatalogParams,
        result=Catalog,
        doing="Reading the catalog",
        example={},
        answer={
            "losses": [
                {
                    "name": "huber",
                    "help": "Squares for small errors, lines for large ones.",
                    "targets": ["number"],
                    "options": [{"name": "delta", "default": 1.0, "allowed": "a number above 0"}],
                }
            ],
            "templates": ["text-classification"],
        },
    ),
    Request(
        name="tunesmith/jobSchema",
        purpose="The JSON Schema of the job file, for editors without LSP and for forms.",
        params=JobSchemaParams,
        result=JobSchema,
        example={},
        answer={"schema": {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}},
    ),
)
