"""Scopes of a module and what each name in them is bound to."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Literal

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
ScopeNode = ast.Module | ast.ClassDef | FunctionNode | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
LOOPS = (ast.For, ast.AsyncFor, ast.While)

Way = Literal["value", "part", "import", "definition", "parameter", "augmented", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One place that gives a name a value.

    `value` is the expression where the name alone is assigned it, the one that is unpacked where the name gets its
    `part` (from 0), the definition, or the function whose parameter it is; `imported` the dotted name of an import;
    `annotation` what a parameter or an annotated assignment says. `at` is (line, column) as in `ast`.
    """

    name: str
    way: Way
    at: tuple[int, int]
    value: ast.AST | None = None
    imported: str = ""
    annotation: ast.expr | None = None
    part: int = 0


@dataclass(slots=True, eq=False)
class Scope:
    """A module, class, function or comprehension. `attributes`: of a class, what its methods assign to `self.NAME`."""

    node: ScopeNode
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    attributes: dict[str, list[ast.expr | None]] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)  # names that `global` or `nonlocal` hand to another scope

    def bind(self, binding: Binding) -> None:
        """Remember `binding` here, or in the module for a name that is declared elsewhere."""
        scope = self
        own = binding.way == "parameter"  # a comprehension's variable stays in it, a walrus in it does not
        while binding.name in scope.elsewhere or (isinstance(scope.node, COMPREHENSIONS) and not own):
            if scope.parent is None:
                break
            scope = scope.parent
        scope.bindings.setdefault(binding.name, []).append(binding)

    def find(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """The scope that `name` belongs to when read here, with all its bindings there in source order."""
        scope: Scope | None = self
        first = True
        while scope:
            seen = first or not isinstance(scope.node, ast.ClassDef)  # methods do not see their class's names
            if seen and name in scope.bindings:
                return scope, scope.bindings[name]
            first = first and isinstance(scope.node, COMPREHENSIONS)
            scope = scope.parent
        return None

    @property
    def function(self) -> FunctionNode | None:
        """The function whose body this is, or that the comprehension here stands in."""
        scope = self
        while isinstance(scope.node, COMPREHENSIONS) and scope.parent is not None:
            scope = scope.parent
        return scope.node if isinstance(scope.node, FUNCTIONS) else None

    @property
    def class_(self) -> ast.ClassDef | None:
        """The nearest class around."""
        scope: Scope | None = self
        while scope:
            if isinstance(scope.node, ast.ClassDef):
                return scope.node
            scope = scope.parent
        return None
