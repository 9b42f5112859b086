"""Edits that the rules' fixes are made of. Each gives None where the text around makes it unclear how to write it."""

from __future__ import annotations

import ast
import re
import sys

from tunesmith.inspections.contract import Edit, Fix, Position, Range
from tunesmith.inspections.module import Module, arguments

_NOTHING_MORE = re.compile(r"\s*(?:#.*)?$")


def fix(title: str, *edits: Edit | None, is_safe: bool = True) -> tuple[Fix, ...]:
    """One fix, or none where an edit could not be made."""
    made = [edit for edit in edits if edit is not None]
    return (Fix(title=title, edits=tuple(made), is_safe=is_safe),) if len(made) == len(edits) else ()


def replace(module: Module, node: ast.AST, text: str) -> Edit | None:
    """`text` instead of `node`."""
    return None if _in_f_string(module, node) else Edit(range=module.text.range(node), text=text)


def replace_attribute(module: Module, node: ast.Attribute, text: str) -> Edit | None:
    """`text` instead of the name after the dot of `X.name`."""
    if _in_f_string(module, node):
        return None
    end = module.text.range(node).end
    start = Position(end.line, end.column - len(node.attr))
    place = Range(start, end)
    return Edit(range=place, text=text) if module.text.between(place) == node.attr else None


# What a dot, a call or a subscript may follow as it stands.
PRIMARY = (ast.Name, ast.Attribute, ast.Call, ast.Subscript)


def append(module: Module, node: ast.AST, text: str) -> Edit | None:
    """`text`, such as `.float()`, right behind `node`, which gets parentheses where it needs them."""
    if _in_f_string(module, node):
        return None
    if not isinstance(node, PRIMARY):
        return replace(module, node, f"({module.text.of(node)}){text}")
    end = module.text.range(node).end
    return Edit(range=Range(end, end), text=text)


def add_argument(module: Module, call: ast.Call, text: str) -> Edit | None:
    """`text` as the last argument of `call`."""
    if _in_f_string(module, call):
        return None
    end = module.text.range(call).end
    given = arguments(call)
    if not given:
        closing = Position(end.line, end.column - 1)
        return Edit(range=Range(closing, closing), text=text)
    last = max(given, key=lambda each: (each.end_lineno or 0, each.end_col_offset or 0))
    after = module.text.range(last).end
    rest = module.text.between(Range(after, end))
    alone = isinstance(last, ast.GeneratorExp) and len(given) == 1
    if alone or not re.fullmatch(r"\s*,?\s*\)", rest):
        return None
    return Edit(range=Range(after, after), text=f", {text}")


def insert_before(module: Module, statement: ast.stmt, text: str) -> Edit | None:
    """`text` as a line of its own before a statement, or before its decorators."""
    decorators = getattr(statement, "decorator_list", [])
    return _own_line(module, min([statement.lineno, *(each.lineno for each in decorators)]) - 1, statement, text)


def _own_line(module: Module, line: int, statement: ast.stmt, text: str) -> Edit | None:
    """`text` as a line of its own before the `line` of a statement, as deep as that."""
    indent = _indent(module, line, statement)
    if indent is None:
        return None
    start = Position(line, 0)
    return Edit(range=Range(start, start), text=f"{indent}{text}{module.text.newline}")


def decorate(module: Module, function: ast.FunctionDef, text: str) -> Edit | None:
    """`text` as the decorator that is applied first: those above, such as `@staticmethod`, get what it gives."""
    return _own_line(module, function.lineno - 1, function, text)


def insert_after(module: Module, statement: ast.stmt, text: str) -> Edit | None:
    """`text` as a line of its own after a statement."""
    indent = _indent(module, statement.lineno - 1, statement)
    end = module.text.range(statement).end
    whole = module.text.line(end.line)
    if indent is None or not _NOTHING_MORE.match(whole[end.column :]):
        return None
    after = Position(end.line, len(whole))
    return Edit(range=Range(after, after), text=f"{module.text.newline}{indent}{text}")


def remove_line(module: Module, statement: ast.stmt) -> Edit | None:
    """Without the line of a statement that stands alone on it, in a block where others stay."""
    block, _ = module.blocks[statement]
    place = module.text.range(statement)
    line = module.text.line(place.start.line)
    alone = place.start.line == place.end.line and _NOTHING_MORE.match(line[place.end.column :])
    if not alone or len(block) < 2 or _indent(module, place.start.line, statement) is None:
        return None
    start, end = Position(place.start.line, 0), Position(place.start.line + 1, 0)
    ended = end.line < len(module.text.lines) or module.text.source.endswith(("\n", "\r"))
    return Edit(range=Range(start, end), text="") if ended else None


def _indent(module: Module, line: int, statement: ast.stmt) -> str | None:
    """The white space before a statement that begins its line; None where something else does."""
    text = module.text.line(line)
    indent = text[: len(text) - len(text.lstrip())]
    decorated = bool(getattr(statement, "decorator_list", []))
    begins = module.text.range(statement).start.column == len(indent)
    continued = line > 0 and module.text.line(line - 1).endswith("\\")
    return indent if (begins or decorated) and not continued else None


def _in_f_string(module: Module, node: ast.AST) -> bool:
    """Before Python 3.12 the places of what stands inside an f-string are not to be relied on."""
    return sys.version_info < (3, 12) and any(isinstance(each, ast.JoinedStr) for each in module.ancestors(node))
