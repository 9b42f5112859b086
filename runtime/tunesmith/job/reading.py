"""From the tree of a job's text to values: each key compared with its option, every problem collected."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tunesmith.catalog import Catalog, Folder
from tunesmith.errors import Place, Problem, nearest
from tunesmith.job import schema
from tunesmith.job.document import Node
from tunesmith.job.job import Pick
from tunesmith.job.kinds import Choice
from tunesmith.job.other_tasks import instead_of
from tunesmith.options import REQUIRED, OneOf, Option, Text, Texts
from tunesmith.trust import is_callable_name


@dataclass(slots=True, kw_only=True)
class Reading:
    """What was found wrong so far; `bad` holds the dotted keys whose value could not be used."""

    catalog: Catalog
    folder: Path
    problems: list[Problem] = field(default_factory=list)
    bad: set[str] = field(default_factory=set)

    def add(self, code: str, key: str, place: Place, message: str, *, meant: str | None = None, **fields: Any) -> None:
        """Remember a problem. `meant`: the spelling that is taken instead, so that reading can go on with it."""
        self.problems.append(Problem(code=code, message=message, place=place, **fields))
        if meant is None:
            self.bad.add(key)

    def values(
        self,
        options: Mapping[str, Option],
        node: Node | None,
        prefix: str,
        above: Place,
        *,
        ignore: tuple[str, ...] = (),
        free: bool = False,
    ) -> dict[str, Any]:
        """A value for every option: as given or its default. Keys in `ignore` are read elsewhere; other unknown keys
        are errors, or taken as they are where `free`."""
        if not free:
            self._respell(node, [*options, *ignore], prefix)
        given = self._children(node, prefix)
        found: dict[str, Any] = {}
        for key, option in options.items():
            dotted = f"{prefix}.{key}" if prefix else key
            if isinstance(option, Choice):
                continue
            if key in given:
                found[key] = self.value(option, given[key], dotted)
            elif option.default is REQUIRED:
                self.missing(dotted, above, option)
                found[key] = None
            else:
                found[key] = default(option)
        known = [*options, *ignore]
        for key, child in given.items():
            if key in known:
                continue
            if free:
                found[key] = child.plain()
            else:
                meant = nearest_key(key, known)  # it stands here already
                self.unknown(key, child.key_place, f"{prefix}.{key}" if prefix else key, known, meant=meant)
        return found

    def value(self, option: Option, node: Node, dotted: str) -> Any:
        """The canonical value of one key; a problem and the default where it is not allowed."""
        plain = node.plain()
        if option.accepts_none(None if plain == "none" else plain):
            return None
        try:
            return option.parse(plain)
        except ValueError as error:
            close = nearest(plain, option.values) if isinstance(option, OneOf) and isinstance(plain, str) else None
            hint = f"rename it to {close}" if close else ""
            if isinstance(option, (Text, Texts)) and isinstance(plain, (int, float)):
                hint = "put it between quotes"
            self.add(
                "job.wrong-value",
                dotted,
                node.place,
                "this value is not allowed",
                found=shown(plain),
                allowed=tuple(option.values) if isinstance(option, OneOf) else (allowed_phrase(option, str(error)),),
                hint=hint,
                meant=close,
            )
            if close is not None:
                return option.parse(close)
            return None if option.default is REQUIRED else default(option)

    def missing(self, dotted: str, above: Place, option: Option) -> None:
        place = Place(file=above.file, line=above.line, column=above.column, key=dotted)
        self.add("job.missing-key", dotted, place, "this key is missing", allowed=(option.allowed(),), hint=option.help)

    def unknown(self, key: str, place: Place, dotted: str, known: Sequence[str], *, meant: str | None = None) -> None:
        hint = f"rename it to {meant}" if meant else elsewhere(dotted)
        allowed = tuple(sorted(set(known))) or ("no keys",)
        fields = {"found": key, "allowed": allowed, "hint": hint}
        self.add("job.unknown-key", dotted, place, "there is no such key", meant=meant, **fields)

    def _respell(self, node: Node | None, known: Sequence[str], prefix: str) -> None:
        """Take each key that is only misspelt for the nearest one, and say so: what stands behind it is judged too."""
        if node is None or not isinstance(node.value, dict):
            return
        spelt: dict[str, Node] = {}
        for key, child in node.value.items():
            meant = None
            if key not in known:
                meant = nearest_key(key, [each for each in known if each not in node.value and each not in spelt])
            if meant is not None:
                self.unknown(key, child.key_place, f"{prefix}.{key}" if prefix else key, known, meant=meant)
            spelt[meant or key] = child
        node.value = spelt

    def split(self, choice: Choice, node: Node, dotted: str) -> tuple[str, Node | None] | None:
        """The name that is picked and the node of its options; a problem and None where the form is wrong."""
        try:
            name, _ = choice.parse(node.plain())
        except ValueError as error:
            self.add(
                "job.wrong-value",
                dotted,
                node.place,
                "this picks no member",
                found=shown(node.plain()),
                allowed=(str(error),),
            )
            return None
        if not isinstance(node.value, dict):
            return name, None
        if name in node.value and "name" not in node.value:
            return name, node.value[name]
        rest = {key: child for key, child in node.value.items() if key != "name"}
        return name, Node(value=rest, place=node.place, key_place=node.key_place)

    def pick(self, choice: Choice, node: Node, dotted: str) -> Pick | None:
        """A member with all its options, or None and the problems that say why not."""
        parts = self.split(choice, node, dotted)
        if parts is None:
            return None
        name, options = parts
        folder: Folder[Any] = getattr(self.catalog, choice.kind)
        if choice.auto and name.lower() == "auto" and not (options and options.value):
            return Pick(name="auto", options={})
        if name in folder:
            member = folder[name].member
            return Pick(
                name=folder[name].name, options=self.values(member.options, options, f"{dotted}.{name}", node.place)
            )
        if choice.callables and is_callable_name(name):
            return Pick(name=name, options=self.values({}, options, f"{dotted}.{name}", node.place, free=True))
        known = [*(["auto"] if choice.auto else []), *folder]
        close = nearest(name, [*known, *(alias for entry in folder.values() for alias in entry.member.aliases)])
        hint = f"rename it to {close}" if close else ""
        if choice.kind == "tasks" and (instead := instead_of(name, self.catalog)):
            close, hint = None, instead
        named = node.value.get(name) if isinstance(node.value, dict) else None
        self.add(
            "job.unknown-member",
            dotted,
            replace(named.key_place, key=dotted) if named is not None else node.place,
            f"there is no {folder.kind} of that name",
            found=name,
            allowed=(*known, *(["package.module:callable"] if choice.callables else [])),
            hint=hint,
            meant=close,
        )
        if close is not None and close in folder:  # no callable, and not auto
            return self.pick(choice, _renamed(node, name, close), dotted)
        return Pick(name="auto", options={}) if close == "auto" else None

    def _children(self, node: Node | None, prefix: str) -> Mapping[str, Node]:
        if node is None or node.value is None:
            return {}
        if not isinstance(node.value, dict):
            allowed = ("a mapping of keys to values",)
            found = shown(node.plain())
            self.add("job.wrong-value", prefix, node.place, "this must hold keys", found=found, allowed=allowed)
            return {}
        return node.value


def _renamed(node: Node, name: str, close: str) -> Node:
    """The node of a pick with the member's name spelt as it was meant."""
    if not isinstance(node.value, dict):
        return Node(value=close, place=node.place, key_place=node.key_place)
    whole = {(close if key == name else key): child for key, child in node.value.items()}
    if "name" in whole:
        whole["name"] = Node(value=close, place=whole["name"].place, key_place=whole["name"].key_place)
    return Node(value=whole, place=node.place, key_place=node.key_place)


def nearest_key(key: str, known: Collection[str]) -> str | None:
    """The key of `known` that `key` was probably meant to be: what other tools call it, or the most similar one."""
    same = schema.KEYS_OF_OTHER_TOOLS.get(key.lower().replace("-", "_"), "").rpartition(".")[2]
    if same in known:
        return same
    return None if elsewhere(key) else nearest(key, known)


def elsewhere(dotted: str) -> str:
    """A hint for a key that there is, though not here: `epochs` at the top, or `training.epochs` as one word."""
    key = dotted.rpartition(".")[2]
    place = next((section for section, keys in schema.SECTIONS.items() if section and key in keys), None)
    whole = f"{place}.{key}" if place else schema.KEYS_OF_OTHER_TOOLS.get(key.lower().replace("-", "_"), "")
    section, _, name = whole.rpartition(".")
    if not name:
        return ""
    return f"write it under {section}: as {name}" if section else f"write it at the top of the job as {name}"


def default(option: Option) -> Any:
    """The default in the option's canonical type."""
    return None if option.default is None else option.parse(option.default)


def allowed_phrase(option: Option, phrase: str) -> str:
    """What is allowed, none included where it has a meaning."""
    return f"{phrase}, or none" if option.default is None and "none" not in phrase else phrase


def shown(value: Any) -> str:
    """A value as the user would recognise it, on one line and not too long."""
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False, default=str)
    line = " ".join(text.split()) or json.dumps(value)
    return line if len(line) <= 80 else line[:77] + "..."
