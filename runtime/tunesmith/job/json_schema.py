"""The JSON Schema (draft 2020-12) of a job file, for editors that know no Tunesmith."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith.catalog import Catalog
from tunesmith.job import schema
from tunesmith.job.kinds import Choice
from tunesmith.members import Member, Task
from tunesmith.options import REQUIRED, Interval, Option

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(catalog: Catalog) -> dict[str, Any]:
    """The schema of a whole job. What stands under `data` depends on the task, by if and then."""
    properties = {key: _key(option, catalog) for key, option in schema.TOP.items()}
    for section, help_text in schema.SECTION_HELP.items():
        keys = schema.SECTIONS[section]
        properties[section] = {"description": help_text, **_object(keys, catalog, closed=section != "data")}
    branches = [
        {
            "if": {"properties": {"task": {"const": name}}, "required": ["task"]},
            "then": {"properties": {"data": _task_data(entry.member, catalog)}},
        }
        for name, entry in catalog.tasks.items()
    ]
    return {
        "$schema": DIALECT,
        "title": "Tunesmith job",
        "description": "One fine-tuning: task, model, data, method, training, evaluation.",
        "type": "object",
        "properties": {key: properties[key] for key in schema.ORDER},
        "required": [*(key for key, option in schema.TOP.items() if option.default is REQUIRED), "data"],
        "additionalProperties": False,
        "allOf": branches,
    }


def _task_data(task: Task, catalog: Catalog) -> dict[str, Any]:
    return _object({**schema.DATA, **schema.column_options(task), **task.options}, catalog, columns=tuple(task.columns))


def _object(
    options: Mapping[str, Option], catalog: Catalog, *, closed: bool = True, columns: tuple[str, ...] = ()
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "object",
        "properties": {key: _key(option, catalog) for key, option in options.items()},
    }
    required = [key for key, option in options.items() if option.default is REQUIRED and key not in columns]
    if any(isinstance(option, Choice) and option.kind == "schedules" for option in options.values()):
        made["properties"]["schedule"] = _with_warmup(made["properties"]["schedule"], options["warmup"], catalog)
    return {
        **made,
        **({"required": required} if required else {}),
        **({"additionalProperties": False} if closed else {}),
    }


def _with_warmup(schedule: dict[str, Any], warmup: Option, catalog: Catalog) -> dict[str, Any]:
    """`warmup` may stand among the options of a schedule as well."""
    for form in schedule["anyOf"]:
        for member in form.get("properties", {}).values():
            member["properties"].setdefault("warmup", _key(warmup, catalog))
    return schedule


def _key(option: Option, catalog: Catalog) -> dict[str, Any]:
    made: dict[str, Any] = {"description": " ".join(part for part in (option.help, option.advice) if part)}
    made |= _choice(option, catalog) if isinstance(option, Choice) else option.json_schema()
    if option.default is None:
        core = {key: made.pop(key) for key in list(made) if key != "description"}
        made["anyOf"] = [core, {"type": "null"}, {"const": "none"}]
    if option.default is not REQUIRED:
        made["default"] = plain_default(option)
    return made


def _choice(choice: Choice, catalog: Catalog) -> dict[str, Any]:
    folder: Mapping[str, Any] = getattr(catalog, choice.kind)
    names = dict(folder)
    names |= {alias: entry for entry in folder.values() for alias in entry.member.aliases}
    forms: list[dict[str, Any]] = [{"enum": list(names)}]
    if choice.kind != "tasks":
        members = {name: _member(entry.member, catalog, named=choice.named) for name, entry in names.items()}
        forms.append(_one_of_members(members))
    if choice.callables:
        # A model may also be a hub id or a folder: told from a misspelt source by its slash, dot or colon.
        pattern = "[/.:]" if choice.named else choice.json_schema()["anyOf"][0]["pattern"]
        free = {"type": ["object", "null"]}
        forms.append({"type": "object", "patternProperties": {pattern: free}, "additionalProperties": False})
        forms[-1] |= {"minProperties": 1, "maxProperties": 1}
    if choice.named:
        forms.append({"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]})
    return {"anyOf": [*forms, *choice.json_schema()["anyOf"]]}


def _one_of_members(members: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(members),
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _member(member: Member, catalog: Catalog, *, named: bool) -> dict[str, Any]:
    made = _object(member.options, catalog)
    if named:
        made["properties"]["name"] = {"type": "string", "description": "The model: a hub id, a folder, a callable."}
        made["additionalProperties"] = True
    made["type"] = ["object", "null"]
    return {"description": " ".join(part for part in (member.help, member.when) if part), **made}


def plain_default(option: Option) -> Any:
    """The default as it would stand in a job."""
    value = option.default
    if isinstance(value, Interval):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
