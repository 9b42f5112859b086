"""Names of the project's Python, from its source alone: nothing of it is imported or run.

These functions run in the helper process for jedi and take and give JSON values. `folder` is the project's folder.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import jedi
from jedi.api.classes import BaseName, Completion, Signature
from parso.cache import parser_cache

LONGEST = 4000  # characters of a docstring that are shown
SHOWN = 2000
REMEMBERED = 200
BEGUN = re.compile(r"(?:[^\W\d]\w*\.)*(?:[^\W\d]\w*)?(?:(?<=\w):(?:[^\W\d]\w*\.)*(?:[^\W\d]\w*)?)?")


def complete(prefix: str, folder: str) -> list[dict[str, Any]]:
    """What `prefix` (half of `package.module:callable`) may become: `label`, `text` (all of it), `type`."""
    if not BEGUN.fullmatch(prefix):
        return []
    cut = max(prefix.rfind("."), prefix.rfind(":")) + 1
    stem, last = prefix[:cut], prefix[cut:]
    begins = last.lower()
    found = [name for name in _known.names(stem, folder) if name["label"].lower().startswith(begins)]
    if not last.startswith("_"):
        found = [name for name in found if not name["label"].startswith("_")]
    if not stem and len(last) < 2:  # all that is installed would be too much
        found = [name for name in found if _is_of_project(name["label"], folder)]
    return found[:SHOWN]


class _Known:
    """The names behind a stem such as `shop.` or `shop.heads:`, kept until a file of the project that was read for
    them changes, or something is installed."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], tuple[object, list[dict[str, Any]]]] = {}

    def names(self, stem: str, folder: str) -> list[dict[str, Any]]:
        known = self._names.get((stem, folder))
        if known is not None and known[0] == _stamp(folder):
            return known[1]
        module, colon, attribute = stem.partition(":")
        source = f"import {module}\n{module}.{attribute}" if colon else f"import {module}"
        made = [
            {"label": name.name, "text": stem + name.name, "type": name.type}
            for name in _script(source, folder).complete()
            if name.name.isidentifier()
        ]
        made.sort(key=_rank)
        if len(self._names) >= REMEMBERED:
            self._names.clear()
        self._names[stem, folder] = _stamp(folder), made
        return made


_known = _Known()


def _stamp(folder: str) -> object:
    """Changes when a file of the project changes that jedi has read, or when one is added beside such a file."""
    read = [Path(path) for files in parser_cache.values() for path in files if path is not None]
    inside = sorted({path for path in read if path.is_relative_to(folder)})
    around = [*map(Path, (folder, *sys.path)), *sorted({path.parent for path in inside})]
    return [_changed(path) for path in (*around, *inside)]


def _changed(path: Path) -> tuple[str, int]:
    try:
        return str(path), path.stat().st_mtime_ns
    except OSError:
        return str(path), 0


def arguments(name: str, folder: str) -> list[dict[str, Any]]:
    """The keyword arguments of the callable: `name`, `detail` (annotation and default), `words`, `default`."""
    made: dict[str, dict[str, Any]] = {}
    for signature in _signatures(name, folder):
        for parameter in signature.params:
            if parameter.kind.name in ("VAR_POSITIONAL", "VAR_KEYWORD", "POSITIONAL_ONLY"):
                continue
            described = parameter.to_string()
            default = described.partition("=")[2].strip()
            made.setdefault(
                parameter.name,
                {"name": parameter.name, "detail": described, "default": default, "words": _docs(signature)},
            )
    return list(made.values())


def describe(name: str, folder: str) -> dict[str, Any]:
    """`signature` and `words` (the docstring) of what `name` stands for; empty texts where nothing is found."""
    for found in _definitions(name, folder):
        signatures = "\n".join(signature.to_string() for signature in _signatures(name, folder))
        return {"signature": signatures, "words": _docs(found)}
    return {"signature": "", "words": ""}


def locate(name: str, folder: str) -> dict[str, Any] | None:
    """Where `name` is defined: `file`, `line` (from 1), `column` (from 0); None if that is not known."""
    for found in _definitions(name, folder):
        if found.module_path is not None and found.line is not None:
            return {"file": str(found.module_path), "line": found.line, "column": found.column or 0}
    return None


def _definitions(name: str, folder: str) -> list[Any]:
    module, _, attribute = name.partition(":")
    source = f"import {module}\n{module}.{attribute}"
    found: list[Any] = _script(source, folder).goto(follow_imports=True)
    return found


def _signatures(name: str, folder: str) -> list[Signature]:
    module, _, attribute = name.partition(":")
    found: list[Signature] = _script(f"import {module}\n{module}.{attribute}(", folder).get_signatures()
    return found


def _script(source: str, folder: str) -> jedi.Script:
    return jedi.Script(source, project=_project(folder), environment=_environment())


@lru_cache(maxsize=8)
def _project(folder: str) -> jedi.Project:
    # jedi knows an extension module by loading it, which runs it. It does so for those on `sys_path`, the interpreter's
    # own; the project's folder comes before them as the smart part, where it does not.
    return jedi.Project(folder, sys_path=list(sys.path), smart_sys_path=True, load_unsafe_extensions=False)


@lru_cache(maxsize=1)
def _environment() -> jedi.InterpreterEnvironment:
    """This interpreter, which is the project's own: the runtime is installed in it. No process is started."""
    return jedi.InterpreterEnvironment()


def _is_of_project(module: str, folder: str) -> bool:
    return (Path(folder) / f"{module}.py").is_file() or (Path(folder) / module).is_dir()


def _rank(item: dict[str, Any]) -> tuple[int, str]:
    order = {"function": 0, "class": 0, "statement": 1, "instance": 1}
    return order.get(item["type"], 2), item["label"].lower()


def _docs(name: BaseName | Completion) -> str:
    text = str(name.docstring(raw=True))
    return text if len(text) <= LONGEST else text[:LONGEST] + " …"
