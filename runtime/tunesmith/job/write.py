"""A job back as a mapping or as YAML, with every default written out: what a run keeps as its frozen job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from io import StringIO
from typing import Any

from tunesmith.job import schema
from tunesmith.job.job import Job, Pick
from tunesmith.job.kinds import AUTO_RATE
from tunesmith.options import Interval


def to_mapping(job: Job, *, folder: str | None = None) -> dict[str, Any]:
    """The job as plain JSON values, in the order a job is written; `parse_job` reads it back to an equal job.

    `folder`: what is written down for the job's folder, where that is not its absolute path.
    """
    data = {key: _plain(getattr(job.data, key)) for key in schema.DATA}
    data |= {role: names[0] if len(names) == 1 else list(names) for role, names in job.data.columns.items()}
    data |= {key: _plain(value) for key, value in job.data.options.items()}
    training = {field.name: _plain(getattr(job.training, field.name)) for field in fields(job.training)}
    if job.training.learning_rate == AUTO_RATE:
        training["learning_rate"] = "auto"
    values = {
        "task": job.task,
        "model": _plain(job.model),
        "data": data,
        "method": _plain(job.method),
        "training": training,
        "evaluation": {key: _plain(getattr(job.evaluation, key)) for key in schema.EVALUATION},
        "checkpoints": {key: _plain(getattr(job.checkpoints, key)) for key in schema.CHECKPOINTS},
        "seed": job.seed,
        "device": job.device,
        "network": job.network,
        "folder": str(job.folder) if folder is None else folder,
    }
    return {key: values[key] for key in schema.ORDER}


def dump(job: Job, *, folder: str | None = None) -> str:
    """The job as YAML 1.2; reading it back gives an equal job, wherever the text lies. `folder` as in `to_mapping`."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # its stub says None
    yaml.width = 2**30
    yaml.allow_unicode = True
    yaml.representer.ignore_aliases = lambda value: True
    # On this object alone: add_representer would change the class for the whole process.
    yaml.representer.yaml_representers = {**yaml.representer.yaml_representers, str: _text}
    text = StringIO()
    yaml.dump(to_mapping(job, folder=folder), text)
    return text.getvalue()


def _text(representer: Any, text: str) -> Any:
    """Quoted wherever there is more than printable ASCII: ruamel would write U+0085 as a line break."""
    style = None if text.isascii() and text.isprintable() else '"'
    return representer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _plain(value: Any) -> Any:
    if isinstance(value, Pick):
        return {value.name: _plain(value.options)} if value.options else value.name
    if isinstance(value, Interval):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
