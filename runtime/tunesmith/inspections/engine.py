"""All rules over one file."""

from __future__ import annotations

import ast
import re
import traceback
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tunesmith.catalog import Catalog, Entry
from tunesmith.inspections.contract import Examined, Failure, Finding, Hit
from tunesmith.inspections.module import Module
from tunesmith.inspections.suppress import silences
from tunesmith.members import Inspection

LINK = "docs/inspections.md"
# A file that names none of these has nothing that a rule could be about.
_SUBJECT = re.compile(r"torch|sklearn|transformers|keras|lightning")


def inspect(
    source: str, path: Path | None = None, *, rules: Mapping[str, Entry[Inspection]] | None = None
) -> list[Finding]:
    """What the rules find in a Python file, by place; nothing where it is not Python as this interpreter reads it.

    What a rule raises is raised; `examine` goes on with the other rules.
    """
    module = read(source, path)
    entries = [] if module is None else _entries(module, rules)
    return _sorted(each for entry in entries if module is not None for each in _of(entry, module))


def read(source: str, path: Path | None = None) -> Module | None:
    """The file as the rules see it; None where it has a syntax error or is nested too deep to be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the user's code, such as invalid escapes
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return Module(tree, source, path)


def examine(module: Module, rules: Mapping[str, Entry[Inspection]] | None = None) -> Examined:
    """What the rules find in a file that could be read. A rule that raises is named and costs only itself."""
    outcomes = [_outcome(entry, module) for entry in _entries(module, rules)]
    found = [each for outcome in outcomes if not isinstance(outcome, Failure) for each in outcome]
    return Examined(findings=_sorted(found), failures=[each for each in outcomes if isinstance(each, Failure)])


def _outcome(entry: Entry[Inspection], module: Module) -> list[Finding] | Failure:
    """What a rule finds, or how it failed."""
    try:
        return list(_of(entry, module))
    except Exception as error:  # noqa: BLE001 - a fault of one rule must not take the others' findings away
        return Failure(code=entry.member.code, name=entry.member.name, error=_in_a_line(error))


def _entries(module: Module, rules: Mapping[str, Entry[Inspection]] | None) -> list[Entry[Inspection]]:
    """The rules that a file is inspected with."""
    if not _SUBJECT.search(module.text.source):
        return []
    chosen: Mapping[str, Entry[Inspection]] = Catalog().inspections if rules is None else rules
    # In tests only what surely raises is of interest: habits of training do not matter there.
    return [each for each in chosen.values() if not module.is_test or each.member.severity == "error"]


def _sorted(found: Iterable[Finding]) -> list[Finding]:
    return sorted(set(found), key=lambda each: (each.range, each.code, each.message))


def _in_a_line(error: Exception) -> str:
    """The error, and the line of ours that raised it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"


def _of(entry: Entry[Inspection], module: Module) -> Iterator[Finding]:
    member = entry.member
    hits: Iterator[Hit] = entry.call("check", module)
    for hit in hits:
        place = module.text.range(_shown(module, hit.node))
        lines = {place.start.line, place.end.line}
        lines.add((module.statement(hit.node).end_lineno or 1) - 1)
        if any(silences(module.text.line(line), member.code, member.name) for line in lines):
            continue
        yield Finding(
            code=member.code,
            name=member.name,
            severity=member.severity,
            message=hit.message,
            range=place,
            link=f"{LINK}#{member.code.lower()}",
            fixes=tuple(hit.fixes),
        )


def _shown(module: Module, node: ast.AST) -> ast.AST:
    """The node to underline: of what stands inside an f-string the whole string, as the rest has no reliable place."""
    strings = [each for each in module.ancestors(node) if isinstance(each, ast.JoinedStr)]
    return strings[-1] if strings else node
