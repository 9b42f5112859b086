"""Which of the imported modules are the project's own, and what stands in their files."""

from __future__ import annotations

import hashlib
import sys
import sysconfig
import types
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tunesmith.errors import Problem
from tunesmith.job.callables import code_of
from tunesmith.job.job import Job
from tunesmith.trust import is_below

_PACKAGE = Path(__file__).parents[1]
_INSTALLED = (*(Path(path) for path in dict.fromkeys(sysconfig.get_paths().values()) if path), _PACKAGE)
_FOLDERS = frozenset({"site-packages", "dist-packages"})


def is_own(kind: type) -> bool:
    """Whether a class is the project's own: neither Python's, nor ours, nor of an installed package."""
    return is_own_module(kind.__module__)


@cache
def is_own_module(name: str | None) -> bool:
    """Whether the imported module of this name is the project's own."""
    return name is not None and name != "__main__" and _own_file(sys.modules.get(name)) is not None


def project_modules(job: Job) -> list[types.ModuleType]:
    """The imported modules that lie in the job's folder, or belong to a package that its callables come from."""
    packages = {name.partition(":")[0].partition(".")[0] for _, name in code_of(job)}
    folder = [str(job.folder)]

    def belongs(name: str, module: types.ModuleType) -> bool:
        file = getattr(module, "__file__", None)
        near = isinstance(file, str) and (is_below(file, folder) or name.partition(".")[0] in packages)
        return near and name != "__main__" and _own_file(module) is not None

    return [module for name, module in sorted(sys.modules.items()) if belongs(name, module)]


def sources(job: Job) -> dict[str, str]:
    """sha256 of the source of each of the project's modules, by its path, from the job's folder where it lies there."""
    found = {}
    for module in project_modules(job):
        file = _own_file(module)
        if file is not None and file.suffix == ".py" and file.is_file():
            name = file.relative_to(job.folder) if file.is_relative_to(job.folder) else file
            found[name.as_posix()] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def code_changed(environment: Mapping[str, Any], now: Mapping[str, str]) -> Problem | None:
    """A warning that names the project's files that are not what the run of this environment.json began with."""
    before = environment.get("code")
    if not isinstance(before, dict):
        return None
    names = sorted(name for name, digest in before.items() if name in now and now[name] != digest)
    if not names:
        return None
    return Problem(
        code="run.code-changed",
        message=f"code of the project has changed since the run began, so it is not the same any more, bit for bit: "
        f"{', '.join(names)}",
        severity="warning",
    )


def _own_file(module: types.ModuleType | None) -> Path | None:
    file = getattr(module, "__file__", None)
    if not isinstance(file, str):
        return None
    path = Path(file)
    installed = not _FOLDERS.isdisjoint(path.parts) or any(path.is_relative_to(folder) for folder in _INSTALLED)
    return None if installed else path
