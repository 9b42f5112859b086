"""One pass over the syntax tree: who stands where, which names are bound to what, which calls and loops there are."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tunesmith.server.inspections.scopes import COMPREHENSIONS, FUNCTIONS, LOOPS, Binding, FunctionNode, Scope

Block = list[ast.stmt]


class Index:
    """Everything that the rules look things up in, gathered in one walk without recursion."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.module_scope = Scope(tree, None)
        self.parents: dict[ast.AST, ast.AST] = {}
        self.scopes: dict[ast.AST, Scope] = {}
        self.blocks: dict[ast.stmt, tuple[Block, int]] = {}
        self.calls: list[ast.Call] = []
        self.methods: dict[str, list[ast.Call]] = {}  # calls of `X.name(...)` by name
        self.attributes: dict[str, list[ast.Attribute]] = {}
        self.loops: list[ast.For | ast.AsyncFor | ast.While] = []
        self.functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
        self.classes: dict[str, ast.ClassDef] = {}
        self.assignments: list[ast.Assign | ast.AnnAssign | ast.AugAssign] = []
        self.withs: list[ast.With | ast.AsyncWith] = []
        self.stars: list[str] = []  # modules of `from MODULE import *`
        self.imports: set[str] = set()  # first parts of all imported names
        self._walk()

    def _walk(self) -> None:
        stack: list[tuple[ast.AST, ast.AST | None, Scope]] = [(self.tree, None, self.module_scope)]
        while stack:
            node, parent, scope = stack.pop()
            if parent is not None:
                self.parents[node] = parent
            self.scopes[node] = scope
            self._note(node, scope)
            children = list(self._children(node, scope))
            stack.extend((child, node, inner) for child, inner in reversed(children))

    def _children(self, node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
        """The children in source order, each with the scope that it is evaluated in."""
        inner = scope
        if isinstance(node, (*FUNCTIONS, ast.ClassDef, *COMPREHENSIONS)):
            inner = Scope(node, scope)
            if isinstance(node, FUNCTIONS):
                _bind_parameters(node, inner)
        for name in node._fields:
            value = getattr(node, name, None)
            within = inner if name in ("body", "generators", "elt", "key", "value", "orelse", "type_params") else scope
            if isinstance(value, ast.AST):
                if not isinstance(value, (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)):
                    yield value, within
            elif isinstance(value, list):
                if value and isinstance(value[0], ast.stmt):
                    for place, statement in enumerate(value):
                        self.blocks[statement] = (value, place)
                for item in value:
                    if isinstance(item, ast.AST) and not isinstance(item, ast.cmpop):
                        yield item, within

    def _note(self, node: ast.AST, scope: Scope) -> None:
        """Index one node by its kind."""
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                self._bind_name(node, scope)
        elif isinstance(node, ast.Attribute):
            self.attributes.setdefault(node.attr, []).append(node)
        elif isinstance(node, ast.Call):
            self.calls.append(node)
            if isinstance(node.func, ast.Attribute):
                self.methods.setdefault(node.func.attr, []).append(node)
        elif isinstance(node, LOOPS):
            self.loops.append(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.functions.append(node)
            scope.bind(Binding(name=node.name, way="definition", at=_at(node), value=node))
        elif isinstance(node, ast.ClassDef):
            self.classes.setdefault(node.name, node)
            scope.bind(Binding(name=node.name, way="definition", at=_at(node), value=node))
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            self.assignments.append(node)
            self._bind_attributes(node, scope)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            self.withs.append(node)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._bind_imports(node, scope)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            scope.elsewhere.update(node.names)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            scope.bind(Binding(name=node.name, way="other", at=_at(node)))
        elif isinstance(node, ast.MatchMapping) and node.rest:
            scope.bind(Binding(name=node.rest, way="other", at=_at(node)))

    def _bind_name(self, node: ast.Name, scope: Scope) -> None:
        parent = self.parents.get(node)
        way, value, annotation = "other", None, None
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
        at = _at(node)
        if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            at = _at(parent)
        scope.bind(Binding(name=node.id, way=way, at=at, value=value, annotation=annotation))  # type: ignore[arg-type]

    def _bind_attributes(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, scope: Scope) -> None:
        """`self.NAME = ...` in a method, into its class."""
        targets: Sequence[ast.expr] = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
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

    def _bind_imports(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
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
                scope.bind(Binding(name=name, way="import", at=_at(node), imported=imported))


def self_name(function: FunctionNode) -> str | None:
    """The name of the first parameter."""
    parameters = [*function.args.posonlyargs, *function.args.args]
    return parameters[0].arg if parameters else None


def _bind_parameters(function: FunctionNode, scope: Scope) -> None:
    arguments = function.args
    single = [each for each in (arguments.vararg, arguments.kwarg) if each]
    for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        scope.bind(Binding(name=each.arg, way="parameter", at=_at(each), annotation=each.annotation))
    for each in single:
        scope.bind(Binding(name=each.arg, way="parameter", at=_at(each)))


def _at(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
