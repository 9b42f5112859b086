"""`--set training.epochs=1`: keys of a job replaced from outside, as if they stood in the file."""

from __future__ import annotations

from dataclasses import replace

from tunesmith.errors import Place, Problem
from tunesmith.job.document import Node, read_document
from tunesmith.job.reading import shown
from tunesmith.job.schema import choices


def apply_override(root: Node, override: str) -> list[Problem]:
    """Put one `KEY=VALUE` (the value in YAML) into the tree; errors name the override as their place."""
    key, equals, text = override.partition("=")
    path = key.strip().split(".")
    place = Place(key=f"--set {shown(override)}")
    if not equals or not all(path):
        return [
            Problem(
                code="job.bad-override",
                message="an override is a dotted key, an equals sign and a value",
                place=place,
                found=override,
                hint="write it like --set training.epochs=1",
            )
        ]
    document = read_document(text, None)
    if document.problems:
        return [replace(problem, place=place) for problem in document.problems]
    value = document.root if text.strip() else Node(value=None)
    for node in (value, *(below for _, below in value.walk())):
        node.place = node.key_place = place
    _put(root, path, value, place)
    return []


def _put(root: Node, path: list[str], value: Node, place: Place) -> None:
    picks = choices()
    node = root
    for depth, part in enumerate(path[:-1], start=1):
        dotted = ".".join(path[: depth - 1])
        if dotted in picks:
            _choose(node, part, place)
        node = _mapping(node, place).setdefault(part, Node(value={}, place=place, key_place=place))
    dotted = ".".join(path[:-1])
    if isinstance(node.value, str) and dotted in picks and picks[dotted].named:
        node.value = {"name": Node(value=node.value, place=node.place, key_place=node.key_place)}
    _mapping(node, place)[path[-1]] = value


def _mapping(node: Node, place: Place) -> dict[str, Node]:
    """The children of `node`, which becomes a mapping if it was none."""
    if not isinstance(node.value, dict):
        node.value, node.place = {}, place
    return node.value


def _choose(node: Node, member: str, place: Place) -> None:
    """Make `node`, the value of a key that picks a member, a mapping that picks this one."""
    if node.value == member:
        node.value = {member: Node(value={}, place=node.place, key_place=node.key_place)}
    elif not (isinstance(node.value, dict) and (member in node.value or "name" in node.value)):
        node.value, node.place = {member: Node(value={}, place=place, key_place=place)}, place
