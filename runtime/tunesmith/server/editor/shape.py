"""Which keys may stand where in a job, and what each of them is: the schema and the catalog, seen from one place.

Everything about a key comes from `job/schema.py` and the members; nothing is repeated here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from tunesmith.catalog import Catalog, Entry
from tunesmith.files import expanded
from tunesmith.job import schema
from tunesmith.job.help_text import member_help, option_help
from tunesmith.job.kinds import Choice
from tunesmith.job.model import ANY_NAME
from tunesmith.members import Member, Task
from tunesmith.options import Columns, Mapped, Option
from tunesmith.server.editor.tree import Path, Tree
from tunesmith.trust import is_callable_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A key at its place: a section, a key with an `option`, a column (an option too), or the name of a `member`."""

    path: Path
    words: str
    option: Option | None = None
    member: Member | None = None
    is_column: bool = False
    is_section: bool = False

    @property
    def key(self) -> str:
        return self.path[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of a mapping. `single`: one of them picks a member, so there is one only. `callable`: the keyword
    arguments of this callable may stand here too."""

    slots: Mapping[str, Slot] = field(default_factory=dict)
    single: bool = False
    callable: str | None = None


@dataclass(frozen=True, kw_only=True)
class View:
    """A job as far as it is written, beside what there is to choose from."""

    tree: Tree
    catalog: Catalog
    home: FilePath

    @cached_property
    def folder(self) -> FilePath:
        """What relative paths start from."""
        given = self.tree.scalar("folder")
        return self.home / expanded(given) if given and given != "none" else self.home

    @cached_property
    def task(self) -> Task | None:
        name = self.tree.scalar("task")
        return self.catalog.tasks[name].member if name is not None and name in self.catalog.tasks else None

    @cached_property
    def model(self) -> str | None:
        """What the job calls its model."""
        value = self.tree.value(("model",))
        if value is None or value.kind == "nothing":
            return None
        if value.kind == "scalar":
            return value.text
        first = value.entries[0].key if value.entries else None
        named = self.tree.scalar("model", "name")
        if named is None and first in self.catalog.models:
            named = self.tree.scalar("model", first or "", "name")
        return named or first

    @cached_property
    def source(self) -> str | None:
        """The model source that the job's model comes from."""
        value = self.tree.value(("model",))
        for entry in value.entries if value else ():
            if entry.key in self.catalog.models:
                return entry.key
        return self.source_of(self.model) if self.model else None

    def source_of(self, name: str) -> str | None:
        """The source that knows a model of this name."""
        if name in self.catalog.models:
            return name
        order = sorted(self.catalog.models, key=lambda each: (each == ANY_NAME, each))
        try:
            return next((each for each in order if self.catalog.models[each].call("claims", name, self.folder)), None)
        except (OSError, ValueError):  # half a name may be no path that this system knows
            return None

    def keys(self, path: Path) -> Keys:
        """The keys of the mapping at `path`."""
        dotted = ".".join(path)
        picks = schema.choices()
        if dotted in schema.SECTIONS:
            return Keys(slots=self._section(dotted))
        if dotted in picks and dotted != "task":
            return self._pick(path, picks[dotted])
        above = ".".join(path[:-1])
        if above in picks and above != "task":
            return self._picked(path, picks[above])
        if path in (("model", "arguments"), ("model", self.source or "", "arguments")):
            return Keys(callable=self.model)
        return Keys()

    def slot(self, path: Path) -> Slot | None:
        """What the key at `path` is; members by their aliases too."""
        return self.keys(path[:-1]).slots.get(path[-1]) if path else None

    def offered(self, choice: Choice) -> Iterator[Entry[Any]]:
        """The members that go with the rest of the job."""
        folder: Mapping[str, Entry[Any]] = getattr(self.catalog, choice.kind)
        for name, entry in folder.items():
            if choice.kind == "losses" and self.task and not set(entry.member.targets) & set(self.task.targets):
                continue
            if choice.kind == "models" and self.task and name not in self.task.models:
                continue
            if choice.kind == "splits" and self.task and name == "stratified" and not self._has_labels:
                continue
            if choice.kind == "methods" and self.source == "scratch" and name != "full":
                continue
            yield entry

    @property
    def _has_labels(self) -> bool:
        """Whether the task keeps labels in proportion where rows are divided."""
        return self.task is not None and self.task.split.by == "stratified"

    def _section(self, section: str) -> dict[str, Slot]:
        options = dict(schema.SECTIONS[section])
        above: Path = (section,) if section else ()
        found = {key: self._option(above, key, option) for key, option in options.items()}
        if section == "data" and self.task:
            columns = schema.column_options(self.task)
            found |= {key: self._option(above, key, option, is_column=True) for key, option in columns.items()}
            found |= {key: self._option(above, key, option) for key, option in self.task.options.items()}
        if not section:
            found |= {
                key: Slot(path=(key,), words=help_text, is_section=True)
                for key, help_text in schema.SECTION_HELP.items()
            }
            found = {key: found[key] for key in schema.ORDER}
        return found

    def _pick(self, path: Path, choice: Choice) -> Keys:
        """A mapping that picks a member: `{lora: {rank: 8}}`, for a model also `{name: ..., window: 128}`."""
        folder: Mapping[str, Entry[Any]] = getattr(self.catalog, choice.kind)
        slots = {}
        for entry in folder.values():
            for name in (entry.name, *entry.member.aliases):
                slots[name] = self.member_slot((*path, name), entry.member)
        if not choice.named:
            return Keys(slots=slots, single=True)
        named = self.tree.value(path)
        if named is not None and named.entry("name"):
            free = self.source == "python"
            return Keys(slots=self._of_source(path, self.source), callable=self.model if free else None)
        return Keys(slots={"name": self._name(path), **slots}, single=True)

    def _picked(self, path: Path, choice: Choice) -> Keys:
        """The options of the member that is the last key of `path`."""
        folder: Mapping[str, Entry[Any]] = getattr(self.catalog, choice.kind)
        name = path[-1]
        if choice.named and (name in folder or is_callable_name(name)):
            source = name if name in folder else "python"
            return Keys(slots=self._of_source(path, source), callable=self.model if source == "python" else None)
        if name in folder:
            member = folder[name].member
            slots = {key: self._option(path, key, option) for key, option in member.options.items()}
            if choice.kind == "schedules":
                slots.setdefault("warmup", self._option(path, "warmup", schema.TRAINING["warmup"]))
            return Keys(slots=slots)
        if choice.named:
            return Keys(slots=self._of_source(path, self.source_of(name)))
        return Keys(callable=name if choice.callables and is_callable_name(name) else None)

    def _of_source(self, path: Path, source: str | None) -> dict[str, Slot]:
        member = self.catalog.models[source].member if source is not None and source in self.catalog.models else None
        options = member.options if member else {}
        found = {key: self._option(path, key, option) for key, option in options.items()}
        return {"name": self._name(path), **found} if path == ("model",) or path[-1] in self.catalog.models else found

    def _name(self, path: Path) -> Slot:
        option = schema.TOP["model"]
        return Slot(path=(*path, "name"), words=option_help(option, self.catalog), option=option)

    def _option(self, above: Path, key: str, option: Option, *, is_column: bool = False) -> Slot:
        words = option_help(option, self.catalog, is_column=is_column)
        return Slot(path=(*above, key), words=words, option=option, is_column=is_column or isinstance(option, Columns))

    def member_slot(self, path: Path, member: Member) -> Slot:
        """The slot of a member's name."""
        return Slot(path=path, words=member_help(member), member=member)


def takes_keys(slot: Slot) -> bool:
    """Whether the value of this key is a mapping rather than a single value."""
    return slot.is_section or isinstance(slot.option, Mapped) or slot.member is not None
