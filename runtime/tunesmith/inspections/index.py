"""One pass over the syntax tree: who stands where, which names are bound to what, which calls and loops there are."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from typing import TypeVar, cast

from tunesmith.inspections.scopes import (
    COMPREHENSIONS,
    FUNCTIONS,
    LOOPS,
    Binding,
    FunctionNode,
    Scope,
    ScopeNode,
)

Block = list[ast.stmt]
Node = TypeVar("Node", bound=ast.AST)
OWN_SCOPE = frozenset({*FUNCTIONS, *COMPREHENSIONS, ast.ClassDef})
# What of a node with a scope of its own is evaluated inside it; of the others no field matters.
INSIDE = frozenset({"body", "generators", "elt", "key", "value", "orelse", "type_params"})
# What can hold no node that a rule looks for.
LEAVES = frozenset({"ctx", "op", "ops", "id", "attr", "conversion", "kind", "type_comment", "type_ignores", "simple"})
FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: tuple(name for name in kind._fields if name not in LEAVES)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
NOTES: dict[type[ast.AST], str] = {
    ast.Name: "_note_name",
    ast.Attribute: "_note_attribute",
    ast.Call: "_note_call",
    **dict.fromkeys(LOOPS, "_note_loop"),
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef), "_note_function"),
    ast.ClassDef: "_note_class",
    **dict.fromkeys((ast.Assign, ast.AnnAssign, ast.AugAssign), "_note_assignment"),
    **dict.fromkeys((ast.With, ast.AsyncWith), "_note_with"),
    **dict.fromkeys((ast.Import, ast.ImportFrom), "_note_import"),
    **dict.fromkeys((ast.Global, ast.Nonlocal), "_note_elsewhere"),
    **dict.fromkeys((ast.ExceptHandler, ast.MatchAs, ast.MatchStar), "_note_named"),
    ast.MatchMapping: "_note_rest",
}


class Index:
    """Everything that the rules look things up in, gathered in one walk without recursion."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.module_scope = Scope(tree, None)
        self.parents: dict[ast.AST, ast.AST] = {}
        self.scopes: dict[ast.AST, Scope] = {}
        self.order: dict[ast.AST, int] = {}  # of all nodes, each before what stands in it
        self.last: dict[ast.AST, int] = {}  # the order of the last node inside
        self.blocks: dict[ast.stmt, tuple[Block, int]] = {}
        self.calls: list[ast.Call] = []
        self.methods: dict[str, list[ast.Call]] = {}  # calls of `X.name(...)` by name
        self.called_by_name: dict[str, list[ast.Call]] = {}  # calls of `name(...)` by name
        self.attributes: dict[str, list[ast.Attribute]] = {}
        self.names_read: dict[str, list[ast.Name]] = {}
        self.loops: list[ast.For | ast.AsyncFor | ast.While] = []
        self.functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
        self.classes: dict[str, ast.ClassDef] = {}
        self.assignments: list[ast.Assign | ast.AnnAssign | ast.AugAssign] = []
        self.withs: list[ast.With | ast.AsyncWith] = []
        self.stars: list[str] = []  # modules of `from MODULE import *`
        self.imports: set[str] = set()  # first parts of all imported names
        self._walk()

    def _walk(self) -> None:
        stack: list[tuple[ast.AST, Scope]] = [(self.tree, self.module_scope)]
        notes = {kind: getattr(self, name) for kind, name in NOTES.items()}
        while stack:
            node, scope = stack.pop()
            self.scopes[node] = scope
            self.order[node] = self.last[node] = len(self.order)
            kind = type(node)
            if kind in notes:
                notes[kind](node, scope)
            inner = self._own_scope(node, scope) if kind in OWN_SCOPE else scope
            children: list[tuple[ast.AST, Scope]] = []
            for name in FIELDS[kind]:
                value = getattr(node, name, None)
                if isinstance(value, list):
                    within = inner if name in INSIDE else scope
                    if value and isinstance(value[0], ast.stmt):
                        for place, statement in enumerate(value):
                            self.blocks[statement] = (value, place)
                    children += [(item, within) for item in value if isinstance(item, ast.AST)]
                elif isinstance(value, ast.AST):
                    children.append((value, inner if name in INSIDE else scope))
            for child, _ in children:
                self.parents[child] = node
            children.reverse()
            stack += children
        for node in reversed(self.order):
            parent = self.parents.get(node)
            if parent is not None and self.last[parent] < self.last[node]:
                self.last[parent] = self.last[node]

    def within(self, node: ast.AST, outer: ast.AST) -> bool:
        """Whether `node` is `outer` or stands inside it."""
        return self.order[outer] <= self.order[node] <= self.last[outer]

    def inside(self, nodes: list[Node], outer: ast.AST) -> list[Node]:
        """Those of `nodes`, which stand in the order of the file, that are `outer` or stand inside it."""
        start = bisect_left(nodes, self.order[outer], key=self.order.__getitem__)
        return nodes[start : bisect_right(nodes, self.last[outer], key=self.order.__getitem__)]

    def _own_scope(self, node: ast.AST, scope: Scope) -> Scope:
        inner = Scope(cast("ScopeNode", node), scope)
        if isinstance(node, FUNCTIONS):
            _bind_parameters(node, inner)
        return inner

    # What is noted of each kind of node; in `NOTES` by name

    def _note_name(self, node: ast.Name, scope: Scope) -> None:
        if isinstance(node.ctx, ast.Store):
            self._bind_name(node, scope)
        elif isinstance(node.ctx, ast.Load):
            self.names_read.setdefault(node.id, []).append(node)

    def _note_attribute(self, node: ast.Attribute, scope: Scope) -> None:
        self.attributes.setdefault(node.attr, []).append(node)

    def _note_call(self, node: ast.Call, scope: Scope) -> None:
        self.calls.append(node)
        if isinstance(node.func, ast.Attribute):
            self.methods.setdefault(node.func.attr, []).append(node)
        elif isinstance(node.func, ast.Name):
            self.called_by_name.setdefault(node.func.id, []).append(node)

    def _note_loop(self, node: ast.For | ast.AsyncFor | ast.While, scope: Scope) -> None:
        self.loops.append(node)

    def _note_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        self.functions.append(node)
        scope.bind(Binding(name=node.name, way="definition", at=begin(node), value=node))

    def _note_class(self, node: ast.ClassDef, scope: Scope) -> None:
        self.classes.setdefault(node.name, node)
        scope.bind(Binding(name=node.name, way="definition", at=begin(node), value=node))

    def _note_assignment(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, scope: Scope) -> None:
        self.assignments.append(node)
        self._bind_attributes(node, scope)

    def _note_with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        self.withs.append(node)

    def _note_elsewhere(self, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
        scope.elsewhere.update(node.names)

    def _note_named(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar, scope: Scope) -> None:
        if node.name:
            scope.bind(Binding(name=node.name, way="other", at=begin(node)))

    def _note_rest(self, node: ast.MatchMapping, scope: Scope) -> None:
        if node.rest:
            scope.bind(Binding(name=node.rest, way="other", at=begin(node)))

    def _bind_name(self, node: ast.Name, scope: Scope) -> None:
        parent = self.parents.get(node)
        way, value, annotation, part = "other", None, None, 0
        if isinstance(parent, ast.Assign) and node in parent.targets:
            way, value = "value", parent.value
        elif isinstance(parent, ast.AnnAssign):
            way, value, annotation = "value" if parent.value else "other", parent.value, parent.annotation
        elif isinstance(parent, ast.NamedExpr):
            way, value = "value", parent.value
        elif isinstance(parent, ast.AugAssign):
            way, value = "augmented", parent.value
        elif isinstance(parent, ast.comprehension):
            way = "parameter"  # keeps a comprehension's own variable inside it
        elif isinstance(parent, (ast.Tuple, ast.List)):
            way, value, part = self._unpacked(node, parent)
        at = begin(node)
        if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            at = begin(parent)
        scope.bind(
            Binding(name=node.id, way=way, at=at, value=value, annotation=annotation, part=part)  # type: ignore[arg-type]
        )

    def _unpacked(self, node: ast.Name, target: ast.Tuple | ast.List) -> tuple[str, ast.expr | None, int]:
        """(way, value, part) of a name in `a, b = value`."""
        statement = self.parents.get(target)
        if not isinstance(statement, ast.Assign) or any(isinstance(each, ast.Starred) for each in target.elts):
            return "other", None, 0
        value, part = statement.value, target.elts.index(node)
        if isinstance(value, (ast.Tuple, ast.List)):
            plain = len(value.elts) == len(target.elts) and not any(isinstance(x, ast.Starred) for x in value.elts)
            return ("value", value.elts[part], 0) if plain else ("other", None, 0)
        return "part", value, part

    def _bind_attributes(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, scope: Scope) -> None:
        """`self.NAME = ...` in a method, into its class."""
        for target in targets(node):
            for each in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                owner = self._class_of_self(each, scope)
                if owner and isinstance(each, ast.Attribute):
                    whole = each is target and not isinstance(node, ast.AugAssign)
                    owner.attributes.setdefault(each.attr, []).append(node.value if whole else None)

    def _class_of_self(self, target: ast.expr, scope: Scope) -> Scope | None:
        """The scope of the class whose instance `X` of `X.NAME` is, where X is a method's first parameter."""
        if not isinstance(target, ast.Attribute) or not isinstance(target.value, ast.Name):
            return None
        inner: Scope | None = scope
        while inner:
            if isinstance(inner.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                outer = inner.parent
                if outer and isinstance(outer.node, ast.ClassDef):
                    return outer if target.value.id == self_name(inner.node) else None
            inner = inner.parent
        return None

    def _note_import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                name, imported = alias.asname or alias.name.partition(".")[0], alias.name
                imported = imported if alias.asname else name
            else:
                name, imported = alias.asname or alias.name, f"{'.' * node.level}{node.module or ''}.{alias.name}"
            self.imports.add(imported.partition(".")[0])
            if name == "*":
                self.stars.append(imported.removesuffix(".*"))
            else:
                scope.bind(Binding(name=name, way="import", at=begin(node), imported=imported))


def targets(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[ast.expr]:
    """What an assignment gives values to."""
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def self_name(function: FunctionNode) -> str | None:
    """The name of the first parameter."""
    parameters = [*function.args.posonlyargs, *function.args.args]
    return parameters[0].arg if parameters else None


def _bind_parameters(function: FunctionNode, scope: Scope) -> None:
    arguments = function.args
    single = [each for each in (arguments.vararg, arguments.kwarg) if each]
    for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        scope.bind(Binding(name=each.arg, way="parameter", at=begin(each), value=function, annotation=each.annotation))
    for each in single:
        scope.bind(Binding(name=each.arg, way="parameter", at=begin(each)))


def begin(node: ast.AST) -> tuple[int, int]:
    """(line, column) of a node, as in `ast`: what stands earlier in the file is less."""
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
