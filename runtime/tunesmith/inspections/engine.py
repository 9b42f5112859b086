"""All rules over one file."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

from tunesmith.catalog import Catalog, Entry
from tunesmith.inspections.contract import Finding, Hit
from tunesmith.inspections.module import Module
from tunesmith.inspections.suppress import silences
from tunesmith.members import Inspection

LINK = "docs/inspections.md"
# A file that names none of these has nothing that a rule could be about.
_SUBJECT = re.compile(r"torch|sklearn|transformers|keras|lightning")


def inspect(
    source: str, path: Path | None = None, *, rules: Mapping[str, Entry[Inspection]] | None = None
) -> list[Finding]:
    """What the rules find in a Python file, by place; nothing where it is not Python as this interpreter reads it."""
    module = read(source, path)
    return [] if module is None else findings(module, rules)


def read(source: str, path: Path | None = None) -> Module | None:
    """The file as the rules see it; None where it has a syntax error or is nested too deep to be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the user's code, such as invalid escapes
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return Module(tree, source, path)


def findings(module: Module, rules: Mapping[str, Entry[Inspection]] | None = None) -> list[Finding]:
    """What the rules find in a file that could be read."""
    if not _SUBJECT.search(module.text.source):
        return []
    chosen: Mapping[str, Entry[Inspection]] = Catalog().inspections if rules is None else rules
    # In tests only what surely raises is of interest: habits of training do not matter there.
    wanted = [each for each in chosen.values() if not module.is_test or each.member.severity == "error"]
    found = {each for entry in wanted for each in _of(entry, module)}
    return sorted(found, key=lambda each: (each.range, each.code, each.message))


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
