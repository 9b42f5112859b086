"""Which assignment a name still holds at a place, as far as straight-line code shows."""

from __future__ import annotations

import ast

from tunesmith.inspections.index import Index, begin
from tunesmith.inspections.scopes import FUNCTIONS, LOOPS, Binding, Scope

TRY_STAR: type[ast.stmt] = getattr(ast, "TryStar", ast.Try)  # from Python 3.11 on


def statement_of(index: Index, node: ast.AST) -> ast.stmt | None:
    """The innermost statement around `node`, or `node` itself."""
    at: ast.AST | None = node
    while at is not None and not isinstance(at, ast.stmt):
        at = index.parents.get(at)
    return at


def inside(binding: Binding, node: ast.stmt) -> bool:
    """Whether a binding stands within a statement, header included."""
    end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
    return begin(node) <= binding.at < end


def reaching(index: Index, name: ast.Name) -> Binding | None:
    """The one binding that `name` surely holds here; None where branches or loops leave it open.

    A name of an outer scope is known only if it is bound once.
    """
    found = index.scopes[name].find(name.id)
    if found is None:
        return None
    scope, bindings = found
    if not _same_body(index.scopes[name], scope) or isinstance(scope.node, ast.ClassDef):
        return bindings[0] if len(bindings) == 1 else None
    if len(bindings) == 1 and bindings[0].way in ("import", "definition", "parameter"):
        return bindings[0]
    statement = statement_of(index, name)
    return _before(index, statement, bindings, begin(name)) if statement else None


def _same_body(inner: Scope, outer: Scope) -> bool:
    scope: Scope | None = inner
    while scope is not None and scope is not outer:
        if isinstance(scope.node, (*FUNCTIONS, ast.ClassDef)):
            return False
        scope = scope.parent
    return scope is outer


def _before(index: Index, statement: ast.stmt, bindings: list[Binding], at: tuple[int, int]) -> Binding | None:
    while True:
        place = index.blocks.get(statement)
        if place is None:
            break
        block, number = place
        for previous in reversed(block[:number]):
            held = [binding for binding in bindings if inside(binding, previous)]
            if held:
                return _last(previous, held)
        above = index.parents.get(statement)
        while isinstance(above, (ast.ExceptHandler, ast.match_case)):
            above = index.parents.get(above)
        if not isinstance(above, ast.stmt) or isinstance(above, (*FUNCTIONS, ast.ClassDef)):
            break
        held = [binding for binding in bindings if inside(binding, above)]
        header = [binding for binding in held if binding.at < _body(above)]
        if isinstance(above, LOOPS) and held:  # its own variable, or something later in the body that comes round again
            return header[-1] if len(held) == len(header) else None
        if isinstance(above, (ast.With, ast.AsyncWith, ast.If)) and header:
            return header[-1]
        if isinstance(above, (ast.Try, TRY_STAR, ast.Match)) and any(binding.at < at for binding in held):
            return None  # another part of it binds the name too
        statement = above
    parameters = [binding for binding in bindings if binding.way == "parameter"]
    return parameters[0] if parameters else None


def _last(statement: ast.stmt, held: list[Binding]) -> Binding | None:
    """What a statement leaves in the name that it binds: clear for a simple one and for the straight part of a with."""
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        for inner in reversed(statement.body):
            within = [binding for binding in held if inside(binding, inner)]
            if within:
                return _last(inner, within)
        return held[-1]
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)) and held[-1].value is not statement:
        return None  # a function that declares the name global
    return None if isinstance(statement, (*LOOPS, ast.If, ast.Try, TRY_STAR, ast.Match)) else held[-1]


def _body(statement: ast.stmt) -> tuple[int, int]:
    """Where the first statement inside begins."""
    body = getattr(statement, "body", None)
    return begin(body[0] if body else statement)
