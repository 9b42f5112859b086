"""The one place that knows what exists: it lists the folders of members; nothing registers itself.

In such a folder each file is a member, named like its file. What the members share is in the folder's `parts/`, and
`load.py` chooses among them for other packages. What a member must do is in `contracts/`, or in a `contract.py` there.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar

from tunesmith import members
from tunesmith.errors import TunesmithError, nearest
from tunesmith.scores.metrics import Metric

M = TypeVar("M", bound=members.Member)

NOT_MEMBERS = frozenset({"contract", "load"})


class Entry(Generic[M]):
    """One member: its `name` costs nothing, its `module` is imported when first asked for."""

    def __init__(self, name: str, package: str) -> None:
        self.name = name
        self._package = package
        self._file = name.replace("-", "_")

    @cached_property
    def module(self) -> ModuleType:
        return importlib.import_module(f"{self._package}.{self._file}")

    @property
    def member(self) -> M:
        found: M = self.module.MEMBER
        return found

    def beside(self, ending: str) -> Path:
        """The file with this ending that has the member's name and its folder; there need not be one."""
        return Path(importlib.import_module(self._package).__path__[0]) / f"{self._file}.{ending}"

    def call(self, function: str, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.module, function)(*args, **kwargs)


class Folder(Mapping[str, Entry[M]]):
    """The members of one kind, by name (hyphens in names are underscores in file names), sorted.

    An alias finds its member too, and case makes no difference (AdamW, LoRA); listing and iterating give names only.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self._package = package

    @cached_property
    def _entries(self) -> dict[str, Entry[M]]:
        path = importlib.import_module(self._package).__path__
        files = {module.name for module in pkgutil.iter_modules(path) if not module.ispkg} - NOT_MEMBERS
        names = sorted(file.replace("_", "-") for file in files)
        return {name: Entry(name, self._package) for name in names}

    @cached_property
    def _aliases(self) -> dict[str, Entry[M]]:
        return {alias: entry for entry in self._entries.values() for alias in entry.member.aliases}

    def __getitem__(self, name: str) -> Entry[M]:
        found = self._find(name)
        if found is None:
            close = nearest(name, [*self._entries, *self._aliases])
            raise TunesmithError(
                "catalog.unknown-member",
                f"there is no {self.kind} of that name",
                found=name,
                allowed=tuple(self._entries),
                hint=f"rename it to {close}" if close else "",
            )
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) is not None

    def _find(self, name: str) -> Entry[M] | None:
        known = self._entries.get(name) or self._entries.get(name.lower())
        return known or self._aliases.get(name) or self._aliases.get(name.lower())

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class Catalog:
    """All members of all kinds."""

    def __init__(self) -> None:
        self.tasks: Folder[members.Task] = Folder("task", "tunesmith.tasks")
        self.models: Folder[members.ModelSource] = Folder("model source", "tunesmith.models")
        self.methods: Folder[members.Method] = Folder("method", "tunesmith.methods")
        self.losses: Folder[members.Loss] = Folder("loss", "tunesmith.train.losses")
        self.optimizers: Folder[members.Optimizer] = Folder("optimizer", "tunesmith.train.optimizers")
        self.schedules: Folder[members.Schedule] = Folder("schedule", "tunesmith.train.schedules")
        self.readers: Folder[members.Reader] = Folder("reader", "tunesmith.data.readers")
        self.splits: Folder[members.Split] = Folder("split", "tunesmith.data.splits")
        self.inspections: Folder[members.Inspection] = Folder("inspection", "tunesmith.inspections.rules")

    def metric(self, name: str) -> Metric:
        """The metric of this name. Raises TunesmithError job.unknown-metric: no direction is ever guessed."""
        known = {metric.name: metric for entry in self.tasks.values() for metric in entry.member.metrics}
        if name in known:
            return known[name]
        raise members.unknown_metric(name, tuple(known))
