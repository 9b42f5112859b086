"""A job file becomes a `Job`, or all that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tunesmith.catalog import Catalog
from tunesmith.errors import InvalidJob, Place, Problem, nearest
from tunesmith.files import is_utf8, read_regular, real_path, resolved
from tunesmith.job import schema
from tunesmith.job.combinations import check_combinations
from tunesmith.job.document import Document, Node
from tunesmith.job.job import AUTO, CheckpointsPart, DataPart, EvaluationPart, Job, Pick, TrainingPart
from tunesmith.job.kinds import Choice
from tunesmith.job.model import read_model
from tunesmith.job.overrides import apply_override
from tunesmith.job.plain import read_quickly
from tunesmith.job.reading import Reading
from tunesmith.members import Task

MOST_BYTES = 64 << 20  # of a job file


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedJob:
    """A valid job, what to warn of, and where each of its keys has its value (by dotted key)."""

    job: Job
    warnings: tuple[Problem, ...]
    places: Mapping[str, Place]

    def placed(self, problem: Problem, file: Path) -> Problem:
        """The problem with line and column where only a key of this job is known; `file` is the job's as the user
        named it."""
        return placed_in(self.places, problem, file, self.job.file)


def placed_in(places: Mapping[str, Place], problem: Problem, named: Path, file: Path) -> Problem:
    """The problem with line and column where only a key of the job in `file` is known; `named` is the file as the user
    named it."""
    place = problem.place
    if place.file not in (None, file) or place.line is not None:
        return problem
    known = places.get(place.key or "")
    return replace(problem, place=known or (replace(place, file=named) if place.file else place))


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedJob:
    """A job whatever its state. `job` is as it was probably meant: a misspelt key or name stands for the nearest one, a
    value that cannot be used for its default; None where even the task or the data is unknown. `unusable`: the dotted
    keys of such values, so that nothing is judged by them."""

    job: Job | None
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    places: Mapping[str, Place]
    unusable: frozenset[str]


def load_job(path: Path, catalog: Catalog, *, overrides: Sequence[str] = (), folder: Path | None = None) -> LoadedJob:
    """Read and check the job file at `path`. Raises InvalidJob with every error found."""
    return parse_job(read_job_text(path), path, folder or real_path(path).parent, catalog, overrides)


def read_job_text(path: Path) -> str:
    """The text of the job file at `path`. Raises InvalidJob job.missing-file or job.unreadable-file."""
    place = Place(file=path)
    try:
        return read_regular(path, most=MOST_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        near = nearest(path.name, [file.name for file in path.parent.glob("*.y*ml")]) if path.parent.is_dir() else None
        hint = f"did you mean {path.with_name(near)}?" if near else "give the path of a NAME.job.yaml"
        problem = Problem(code="job.missing-file", message="there is no such job file", place=place, hint=hint)
        raise InvalidJob([problem]) from None
    except OSError as error:
        message = f"the job file cannot be read: {error.strerror}"
        raise InvalidJob([Problem(code="job.unreadable-file", message=message, place=place)]) from error
    except UnicodeDecodeError as error:
        message = f"the job file is not UTF-8 text: byte {error.start + 1} cannot be read"
        hint = "save it as UTF-8"
        raise InvalidJob([Problem(code="job.unreadable-file", message=message, place=place, hint=hint)]) from error


def other_than_utf8(*paths: Path) -> list[Problem]:
    """job.path-not-utf8 for the first path with bytes that are none: the libraries that read and write weights cannot
    open it, and would say so only after the training."""
    return [
        Problem(
            code="job.path-not-utf8",
            message="a name in this path is not UTF-8, so the libraries that read and write weights cannot open it",
            place=Place(file=path),
            hint="rename the folder or file",
        )
        for path in paths
        if not is_utf8(path)
    ][:1]


def parse_job(
    text: str,
    file: Path,
    folder: Path,
    catalog: Catalog,
    overrides: Sequence[str] = (),
    *,
    read: Callable[[str, Path], Document] = read_quickly,
) -> LoadedJob:
    """Check the `text` of the job file `file`. Relative paths start from `folder`, unless the job has the key `folder`.

    `read` makes the tree of the text. Raises InvalidJob with every error found.
    """
    parsed = read_job(text, file, folder, catalog, overrides, read=read)
    if parsed.errors or parsed.job is None:
        raise InvalidJob(parsed.errors)
    return LoadedJob(job=parsed.job, warnings=parsed.warnings, places=parsed.places)


def read_job(
    text: str,
    file: Path,
    folder: Path,
    catalog: Catalog,
    overrides: Sequence[str] = (),
    *,
    read: Callable[[str, Path], Document] = read_quickly,
) -> ParsedJob:
    """What the `text` of the job file `file` says and what is wrong with it, as far as both can be determined."""
    document = read(text, file)
    problems = [*other_than_utf8(file, folder), *document.problems]
    root = document.root
    if document.problems and root.value == {}:
        return ParsedJob(job=None, errors=tuple(problems), warnings=(), places={}, unusable=frozenset())
    for override in overrides:
        problems += apply_override(root, override)
    reading = Reading(catalog=catalog, folder=folder, problems=problems)
    job = _job(root, file, reading)
    places = {dotted: node.place for dotted, node in root.walk()}
    warnings: list[Problem] = []
    if job is not None:
        found = check_combinations(job, catalog, places, skip=reading.bad)
        problems += [problem for problem in found if problem.severity == "error"]
        warnings = [problem for problem in found if problem.severity != "error"]
    unreadable = [problem.place for problem in document.problems if problem.code == "job.yaml-syntax"]
    # A value that could not be read is reported once, not also as one of the wrong type.
    problems = [each for each in problems if each.code != "job.wrong-value" or each.place not in unreadable]
    problems.sort(key=lambda problem: (problem.place.line or 10**9, problem.place.column or 0))
    return ParsedJob(
        job=job,
        errors=tuple(problems),
        warnings=tuple(warnings),
        places=places,
        unusable=frozenset(reading.bad),
    )


def _job(root: Node, file: Path, reading: Reading) -> Job | None:
    """The job as far as it can be read (see ParsedJob); `reading` collects what is wrong. None where even the task is
    not known."""
    top = reading.values(schema.TOP, root, "", root.place, ignore=tuple(schema.SECTION_HELP))
    if top["folder"] is not None:
        reading.folder = resolved(reading.folder, top["folder"])
    task = _pick(root, "task", reading)
    model_node = root.child("model")
    if model_node is None:
        reading.missing("model", root.place, schema.TOP["model"])
    model = read_model(model_node, reading) if model_node else None
    method = _pick(root, "method", reading)
    data = _data(root, reading, reading.catalog.tasks[task.name].member if task else None)
    training = _training(root, reading)
    sections = {}
    for name in ("evaluation", "checkpoints"):
        node = root.child(name)
        sections[name] = reading.values(schema.SECTIONS[name], node, name, node.place if node else root.place)
    if task is None or data is None:
        return None
    evaluation = sections["evaluation"]
    member = reading.catalog.tasks[task.name].member
    if evaluation["metric"].lower() in ("auto", *member.metric_names):  # as everywhere, case makes no difference
        evaluation["metric"] = evaluation["metric"].lower()
    if evaluation["metric"] == "auto":
        evaluation["metric"] = member.default_metric
    return Job(
        task=task.name,
        model=model or Pick(name="", options={"name": ""}),
        data=data,
        method=method or Pick(name="full", options={}),
        training=training,
        evaluation=EvaluationPart(**evaluation),
        checkpoints=CheckpointsPart(**sections["checkpoints"]),
        seed=top["seed"],
        device=top["device"],
        network=top["network"],
        file=real_path(file),
        folder=real_path(reading.folder),
    )


def _pick(parent: Node, key: str, reading: Reading, section: str = "") -> Pick | None:
    """The member that a key picks, its default where the key is left out."""
    dotted = f"{section}.{key}" if section else key
    option = schema.choices()[dotted]
    node = parent.child(key)
    if node is None and isinstance(option.default, str):
        node = Node(value=option.default, place=parent.place)
    if node is None:
        reading.missing(dotted, parent.place, option)
        return None
    if dotted == "task":
        # The task's options stand under `data:`, not here.
        parts = reading.split(option, node, dotted)
        if parts and parts[0] in reading.catalog.tasks and parts[1] is None:
            return Pick(name=reading.catalog.tasks[parts[0]].name, options={})
        if parts and parts[0] in reading.catalog.tasks:
            hint = "write the task's name alone and its options under data:"
            reading.add("job.wrong-value", dotted, node.place, "a task takes no options here", hint=hint)
            return None
        if parts is None:
            return None
    return reading.pick(option, node, dotted)


def _data(root: Node, reading: Reading, task: Task | None) -> DataPart | None:
    node = root.child("data")
    place = node.place if node else root.place
    if task is None:
        # Which further keys there may be depends on the task: only the common ones can be judged.
        common = {key: child for key, child in (_mapping(node) or {}).items() if key in schema.DATA}
        reading.values(schema.DATA, Node(value=common, place=place), "data", place)
        return None
    columns = schema.column_options(task)
    given = {role: option for role, option in columns.items() if role in _mapping(node)}
    found = reading.values({**schema.DATA, **task.options, **given}, node, "data", place, ignore=tuple(columns))
    return DataPart(
        train=found["train"] or "",
        validation=found["validation"],
        test=found["test"],
        columns={role: _names(found[role]) for role in columns if found.get(role)},
        duplicates=found["duplicates"],
        imbalance=found["imbalance"],
        bad_rows=found["bad_rows"],
        limits=found["limits"],
        encoding=found["encoding"],
        decimal=found["decimal"],
        sheet=found["sheet"],
        header_row=found["header_row"],
        split=_pick(node or Node(value={}, place=place), "split", reading, "data") or AUTO,
        options={key: found[key] for key in task.options},
    )


def _training(root: Node, reading: Reading) -> TrainingPart:
    node = root.child("training") or Node(value={}, place=root.place)
    keys = node if isinstance(node.value, dict) else Node(value={}, place=node.place)
    moved = _warmup_of_schedule(keys, reading)
    found: dict[str, Any] = reading.values(schema.TRAINING, node, "training", node.place)
    for key, option in schema.TRAINING.items():
        if isinstance(option, Choice):
            found[key] = _pick(keys, key, reading, "training") or Pick(name=option.default, options={})
    if moved is not None:
        found["warmup"] = reading.value(schema.TRAINING["warmup"], moved, "training.schedule.warmup")
    return TrainingPart(**found)


def _warmup_of_schedule(training: Node, reading: Reading) -> Node | None:
    """Take `warmup` out of `schedule: {linear: {warmup: 10%}}`: it means the same as `training.warmup`."""
    schedule = training.child("schedule")
    if schedule is None or not isinstance(schedule.value, dict) or len(schedule.value) != 1:
        return None
    [(name, options)] = schedule.value.items()
    if name in reading.catalog.schedules and "warmup" in reading.catalog.schedules[name].member.options:
        return None
    warmup = options.child("warmup")
    if warmup is None or not isinstance(options.value, dict):
        return None
    options.value = {key: child for key, child in options.value.items() if key != "warmup"}
    if training.child("warmup") is not None:
        message = "the warm-up is given twice, here and as training.warmup"
        reading.add("job.conflict", "training.warmup", warmup.place, message, hint="keep one of the two")
        return None
    return warmup


def _mapping(node: Node | None) -> Mapping[str, Node]:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _names(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
