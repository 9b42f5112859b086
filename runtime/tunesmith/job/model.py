"""What a job says under `model`: which source of the catalog it comes from, and that source's options."""

from __future__ import annotations

from tunesmith.errors import nearest
from tunesmith.job import schema
from tunesmith.job.document import Node
from tunesmith.job.job import Pick
from tunesmith.job.reading import Reading
from tunesmith.trust import is_callable_name

ANY_NAME = "transformers"
"""The source that is asked last: any word could be a hub id."""


def read_model(node: Node, reading: Reading) -> Pick | None:
    """A Pick whose name is the source, with `options["name"]` what the job calls the model; problems are collected.

    The forms: `NAME`, `{name: NAME, option: value}`, `{NAME: {option: value}}`, and `{SOURCE: {name: NAME, ...}}`,
    where the name may be left out if the source needs none (`{scratch: {layers: 6}}`).
    """
    choice = schema.choices()["model"]
    parts = reading.split(choice, node, "model")
    if parts is None:
        return None
    name, options = parts
    sources = reading.catalog.models
    source: str | None
    if name in sources:
        source = sources[name].name
        name = source
        named = options.child("name") if options else None
        if named is not None and options is not None and isinstance(options.value, dict):
            name = str(named.plain())
            rest = {key: child for key, child in options.value.items() if key != "name"}
            options = Node(value=rest, place=options.place, key_place=options.key_place)
        elif source == ANY_NAME or not sources[source].call("claims", name, reading.folder):
            reading.missing("model.name", node.place, choice)
            return None
        prefix = f"model.{source}"
    else:
        order = sorted(sources, key=lambda each: (each == ANY_NAME, each))
        source = next((each for each in order if sources[each].call("claims", name, reading.folder)), None)
        prefix = "model" if node.child("name") is not None else f"model.{name}"
    if source is None:
        _unknown(name, node, reading)
        return None
    # A callable of the project takes whatever arguments it has; they cannot be checked without importing it.
    values = reading.values(sources[source].member.options, options, prefix, node.place, free=is_callable_name(name))
    return Pick(name=source, options={"name": name, **values})


def _unknown(name: str, node: Node, reading: Reading) -> None:
    sources = reading.catalog.models
    folder = reading.folder / name
    local = [child.name for child in folder.parent.iterdir() if child.is_dir()] if folder.parent.is_dir() else []
    close = nearest(name, sources)
    near = nearest(folder.name, local)
    hint = f"rename it to {close}" if close else f"did you mean {folder.with_name(near)}?" if near else ""
    reading.add(
        "job.unknown-model",
        "model",
        node.place,
        "no model of that name can be found",
        found=name,
        allowed=("a folder with a model", "a hub id", "package.module:callable", *sources),
        hint=hint or "a folder is taken from where the job file stands; a hub id looks like owner/name",
    )
