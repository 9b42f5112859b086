"""One file as the rules see it: names followed through imports and assignments to what they stand for."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import takewhile
from pathlib import Path

from tunesmith.inspections import names
from tunesmith.inspections.assignments import reaching, statement_of
from tunesmith.inspections.index import Index, begin, self_name, targets
from tunesmith.inspections.scopes import COMPREHENSIONS, FUNCTIONS, LOOPS, Binding, FunctionNode, Scope
from tunesmith.inspections.text import Text

Loop = ast.For | ast.AsyncFor | ast.While
DEPTH = 12  # how many assignments a value is followed through
OPTIMIZER_NAME = re.compile(r"(?:^|_)(?:optim|optimi[sz]er|opt)(?:_|\d*$)", re.IGNORECASE)
SCHEDULER_NAME = re.compile(r"(?:^|_)(?:lr_)?sched(?:uler)?(?:_|\d*$)", re.IGNORECASE)
TENSOR_METHODS = frozenset(
    {
        *("to", "cuda", "cpu", "float", "half", "double", "long", "int", "bool", "view", "reshape", "flatten"),
        *("squeeze", "unsqueeze", "permute", "transpose", "contiguous", "detach", "clone", "softmax"),
        *("log_softmax", "sigmoid", "tanh", "relu", "exp", "log", "sqrt", "abs", "mean", "sum", "argmax"),
        *("max", "min", "clamp", "t", "expand", "repeat", "type_as", "matmul", "mm", "bmm", "pow"),
        *("requires_grad_", "masked_fill"),
    }
)


class Module(Index):
    """A parsed file. `path` is where it lies, if anywhere."""

    def __init__(self, tree: ast.Module, source: str, path: Path | None) -> None:
        super().__init__(tree)
        self.text = Text(source)
        self.path = path
        self._kinds: dict[ast.AST, str] = {}
        self._names: dict[ast.AST, str] = {}

    @cached_property
    def is_test(self) -> bool:
        """Whether the file tests code with pytest or unittest: what it does with models is no training."""
        name = self.path.name if self.path else ""
        named = name.startswith("test_") or name.endswith(("_test.py", "conftest.py"))
        return named or not self.imports.isdisjoint(("pytest", "unittest"))

    # Places

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement around a node of this file."""
        found = statement_of(self, node)
        if found is None:
            raise ValueError(f"{node!r} stands in no statement")
        return found

    def ancestors(self, node: ast.AST) -> list[ast.AST]:
        """Everything around `node`, from the inside out."""
        found: list[ast.AST] = []
        at = self.parents.get(node)
        while at is not None:
            found.append(at)
            at = self.parents.get(at)
        return found

    def assigned_to(self, value: ast.AST) -> ast.expr | None:
        """The first target of the plain assignment of `value`; None where that is assigned to nothing."""
        statement = self.parents.get(value)
        return statement.targets[0] if isinstance(statement, ast.Assign) else None

    def between(self, node: ast.AST, outer: ast.AST) -> list[ast.AST]:
        """What stands around `node` inside of `outer`, from the inside out."""
        return list(takewhile(lambda each: each is not outer, self.ancestors(node)))

    def function(self, node: ast.AST) -> FunctionNode | None:
        """The function in whose body `node` stands; None in the module's or a class's own body."""
        return self.scopes[node].function

    def self_class(self, node: ast.expr) -> ast.ClassDef | None:
        """The class whose instance `node` is, where it is the `self` of a method."""
        function = self.function(node) if isinstance(node, ast.Name) else None
        owner = self.parents.get(function) if function is not None else None
        own = isinstance(node, ast.Name) and function is not None and node.id == self_name(function)
        return owner if own and isinstance(owner, ast.ClassDef) else None

    def class_(self, node: ast.AST) -> ast.ClassDef | None:
        """The class around `node`."""
        return self.scopes[node].class_

    def loops_around(self, node: ast.AST) -> list[Loop]:
        """The loops of the same function in whose body `node` stands, innermost first."""
        found: list[Loop] = []
        below = node
        for at in self.ancestors(node):
            if isinstance(at, (*FUNCTIONS, ast.ClassDef)):
                break
            if isinstance(at, LOOPS) and below in at.body:
                found.append(at)
            below = at
        return found

    # Names

    def name(self, node: ast.AST | None) -> str:
        """The dotted public name that an expression stands for, such as `torch.nn.Linear`; "" where it is not known."""
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return ""
        if node not in self._names:
            self._names[node] = names.canonical(self._dotted(node))
        return self._names[node]

    def _dotted(self, node: ast.expr) -> str:
        parts: list[str] = []
        at = node
        while isinstance(at, ast.Attribute):
            parts.append(at.attr)
            at = at.value
        if not isinstance(at, ast.Name):
            return ""
        found = self.scopes[at].find(at.id)
        if found is None:
            base = next((f"{star}.{at.id}" for star in self.stars if names.role(f"{star}.{at.id}")), "")
        else:
            imported = {each.imported for each in found[1] if each.way == "import"}
            others = [each for each in found[1] if each.way != "import" and not _is_none(each.value)]
            base = imported.pop() if len(imported) == 1 and not others else ""
        return ".".join([base, *reversed(parts)]) if base else ""

    def called(self, call: ast.AST | None) -> str:
        """The dotted name of the function that is called."""
        return self.name(call.func) if isinstance(call, ast.Call) else ""

    @cached_property
    def calls_by_name(self) -> dict[str, list[ast.Call]]:
        """All calls by the dotted name of what they call; those of unknown names under ""."""
        found: dict[str, list[ast.Call]] = {}
        for call in self.calls:
            found.setdefault(self.called(call), []).append(call)
        return found

    def calls_of(self, *called: str) -> list[ast.Call]:
        """The calls of any of these dotted names."""
        return [call for name in called for call in self.calls_by_name.get(name, ())]

    @cached_property
    def names_torch(self) -> bool:
        """Whether torch goes by its own name here, so that a fix may use it."""
        return any(each.imported == "torch" for each in self.module_scope.bindings.get("torch", []))

    def bare_calls(self, method: str, outer: ast.AST | None = None) -> Iterator[tuple[ast.Call, ast.expr]]:
        """(call, X) of `X.method()` without arguments, in the file or inside `outer`."""
        for call in self.inside(self.methods.get(method, []), outer or self.tree):
            if isinstance(call.func, ast.Attribute) and not call.args and not call.keywords:
                yield call, call.func.value

    # Values

    def binding(self, node: ast.expr) -> Binding | None:
        """The one assignment that a name surely holds here."""
        return reaching(self, node) if isinstance(node, ast.Name) else None

    def value(self, node: ast.expr) -> ast.expr:
        """The expression that `node` stands for here: names followed back through plain assignments."""
        for _ in range(DEPTH):
            found = self.binding(node)
            if found is None or found.way != "value" or not isinstance(found.value, ast.expr):
                break
            node = found.value
        return node

    def before(self, value: ast.expr, methods: Collection[str]) -> ast.expr:
        """What a value was before methods of these names, such as `x` of `x.to(device).float()`; names are followed."""
        for _ in range(DEPTH):  # a name may be assigned what was made of itself
            if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
                break
            if value.func.attr not in methods:
                break
            value = self.value(value.func.value)
        return value

    def given(self, node: ast.expr) -> list[ast.expr]:
        """What a parameter of a plain function is given where this file calls that function by its name; empty unless
        every such call says it."""
        bound = self.binding(node)
        if bound is None or bound.way != "parameter" or not isinstance(bound.value, ast.FunctionDef):
            return []
        function, scope = bound.value, self.scopes[bound.value]
        arguments = function.args
        names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
        if isinstance(scope.node, ast.ClassDef) or bound.name not in names or function.decorator_list:
            return []
        calls = [call for call in self.called_by_name.get(function.name, ()) if self._definition(call) is function]
        found = [argument(call, bound.name, names.index(bound.name)) for call in calls]
        return [each for each in found if each is not None] if None not in found else []

    def _definition(self, call: ast.Call) -> ast.AST | None:
        """The function or class of this file that a bare name calls, if that is all it is ever bound to."""
        found = self.scopes[call].find(call.func.id) if isinstance(call.func, ast.Name) else None
        return found[1][0].value if found and [each.way for each in found[1]] == ["definition"] else None

    def constant(self, node: ast.expr | None) -> object:
        """The literal that an expression is, names followed; None where it is none."""
        if node is None:
            return None
        node = self.value(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.constant(node.operand)
            return -inner if isinstance(inner, (int, float)) else None
        return node.value if isinstance(node, ast.Constant) else None

    def kind(self, node: ast.AST | None, depth: int = 0) -> str:
        """The dotted name of what made the object, such as `torch.optim.Adam`; a class of this file is `.Name`."""
        if node is None or depth > DEPTH:
            return ""
        if node not in self._kinds:
            self._kinds[node] = ""  # what leads back to itself is unknown
            self._kinds[node] = self._kind(node, depth + 1)
        return self._kinds[node]

    def _kind(self, node: ast.AST, depth: int) -> str:
        if isinstance(node, ast.Call):
            return self._kind_of_call(node, depth)
        if isinstance(node, ast.Name):
            bound = reaching(self, node)
            if bound is not None:
                known = self._kind_of_binding(bound, depth)
                return known or self._agreed([self.kind(each, depth) for each in self.given(node)], whole=True)
            found = self.scopes[node].find(node.id)
            return self._agreed([self._kind_of_binding(each, depth) for each in found[1]]) if found else ""
        if isinstance(node, ast.Attribute):
            owner = self.owner(node)
            if owner is not None:
                return self._agreed([self.kind(value, depth) for value in self._attribute(owner, node.attr)])
            whole = node.attr in ("T", "mT", "data", "grad") and self._role(self.kind(node.value, depth)) == "tensor"
            return "torch.Tensor" if whole else ""
        if isinstance(node, ast.BinOp):
            sides = (self.kind(node.left, depth), self.kind(node.right, depth))
            return "torch.Tensor" if any(self._role(each) == "tensor" for each in sides) else ""
        if isinstance(node, ast.IfExp):
            return self._agreed([self.kind(node.body, depth), self.kind(node.orelse, depth)])
        return ""

    def _kind_of_call(self, node: ast.Call, depth: int) -> str:
        name = self.name(node.func)
        if names.keeps_its_argument(name) and node.args:
            return self.kind(node.args[0], depth)
        if name:
            return name
        definition = self._definition(node)
        if definition is not None:
            return f".{definition.name}" if isinstance(definition, ast.ClassDef) else ""
        if isinstance(node.func, ast.Attribute) and node.func.attr in TENSOR_METHODS | {"train", "eval", "double"}:
            receiver = self.kind(node.func.value, depth)
            if names.role(receiver) == "tensor" or (node.func.attr in ("to", "cuda", "cpu", "train", "eval", "double")):
                return "torch.Tensor" if names.role(receiver) == "tensor" else receiver
        made = self.kind(node.func, depth)
        return "torch.Tensor" if made and self._role(made) in ("loss", "module") else ""

    def _kind_of_binding(self, bound: Binding, depth: int) -> str:
        if bound.way == "value":
            return self.kind(bound.value, depth)
        if bound.annotation is not None:
            return self._class_name(bound.annotation)
        return ""

    def _class_name(self, node: ast.expr) -> str:
        """The class that an annotation names; of `X | None` and `Optional[X]` the X."""
        if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and node.right.value is None:
            node = node.left
        if isinstance(node, ast.Subscript) and self.name(node.value) == "typing.Optional":
            node = node.slice
        if isinstance(node, ast.Name) and node.id in self.classes:
            return f".{node.id}"
        return self.name(node)

    @staticmethod
    def _agreed(kinds: list[str], *, whole: bool = False) -> str:
        """The one kind that is known, and with `whole` known of all."""
        known = {kind for kind in kinds if kind or whole}
        return known.pop() if len(known) == 1 else ""

    def owner(self, node: ast.expr) -> Scope | None:
        """The class scope of `self.NAME`, where `node` is that inside a method."""
        return self._class_of_self(node, self.scopes[node])

    def _attribute(self, owner: Scope, name: str) -> list[ast.expr | None]:
        """Everything that the class, or one that it derives from here, assigns to `self.NAME`."""
        for class_scope in [owner, *self._bases(owner)]:
            if name in class_scope.attributes:
                return class_scope.attributes[name]
        return []

    def attribute_value(self, node: ast.expr) -> ast.expr | None:
        """The one expression that `self.NAME` is assigned in its class, if it is assigned once."""
        owner = self.owner(node)
        found = self._attribute(owner, node.attr) if owner and isinstance(node, ast.Attribute) else []
        return found[0] if len(found) == 1 else None

    def origin(self, node: ast.expr) -> ast.expr:
        """The expression that a name or `self.NAME` stands for here."""
        return self.attribute_value(node) or self.value(node)

    @cached_property
    def class_scopes(self) -> dict[ast.ClassDef, Scope]:
        """The scope of each class's own body."""
        return {each.node: each for each in set(self.scopes.values()) if isinstance(each.node, ast.ClassDef)}

    def _bases(self, owner: Scope) -> list[Scope]:
        found: list[Scope] = []
        todo = [owner]
        while todo and len(found) < DEPTH:
            node = todo.pop().node
            for base in node.bases if isinstance(node, ast.ClassDef) else []:
                known = self.classes.get(base.id) if isinstance(base, ast.Name) else None
                scope = self.class_scopes.get(known) if known else None
                if scope and scope is not owner and scope not in found:
                    found.append(scope)
                    todo.append(scope)
        return found

    def is_own(self, node: ast.expr) -> bool:
        """Whether a class of this file makes the object, even one that the file defines more than once."""
        made = self.value(node)
        return self.kind(node).startswith(".") or (isinstance(made, ast.Call) and last_name(made.func) in self.classes)

    @cached_property
    def module_classes(self) -> dict[str, ast.ClassDef]:
        """The classes of this file that derive from `torch.nn.Module` or another torch layer, by name."""
        return {name: node for name, node in self.classes.items() if self._derives(node, frozenset())}

    def _derives(self, node: ast.ClassDef, seen: frozenset[str]) -> bool:
        for base in node.bases:
            name = self.name(base)
            if name.startswith("torch.nn.") or name.endswith((".PreTrainedModel", ".LightningModule")):
                return True
            known = base.id if isinstance(base, ast.Name) else ""
            if known in self.classes and known not in seen and self._derives(self.classes[known], seen | {known}):
                return True
        return False

    # Roles

    def _role(self, kind: str) -> str:
        return ("module" if kind[1:] in self.module_classes else "") if kind.startswith(".") else names.role(kind)

    def role(self, node: ast.AST | None) -> str:
        """optimizer, scheduler, loss, module, loader or tensor, where the code says so; else ""."""
        return self._role(self.kind(node))

    def is_tensor(self, node: ast.AST) -> bool:
        """Whether the code says that this is a tensor."""
        return self.role(node) == "tensor"

    def is_optimizer(self, node: ast.expr) -> bool:
        """An optimizer by what made it or, where that is not in this file, by its name."""
        role = self.role(node)
        return role == "optimizer" if role else bool(OPTIMIZER_NAME.search(last_name(node)))

    def is_scheduler(self, node: ast.expr) -> bool:
        """A learning rate scheduler by what made it or, where that is not in this file, by its name."""
        role = self.role(node)
        return role == "scheduler" if role else bool(SCHEDULER_NAME.search(last_name(node)))


def _is_none(node: ast.AST | None) -> bool:
    """`None`, as in `except ImportError: torch = None`."""
    return isinstance(node, ast.Constant) and node.value is None


def last_name(node: ast.AST | None) -> str:
    """`optimizer` of `optimizer` and `self.optimizer`, `optimizers` of `self.optimizers["a"]`: the last word, or ""."""
    if isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def argument(call: ast.Call, name: str, place: int | None = None) -> ast.expr | None:
    """The argument given as `name=` or at `place` (from 0); None too where stars hide what is given."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if (
        place is None
        or place >= len(call.args)
        or any(isinstance(each, ast.Starred) for each in call.args[: place + 1])
    ):
        return None
    return call.args[place]


def arguments(call: ast.Call) -> list[ast.expr]:
    """All that a call is given, by place and then by name."""
    return [*call.args, *(each.value for each in call.keywords)]


def has_stars(call: ast.Call) -> bool:
    """Whether `*args` or `**kwargs` may carry more arguments."""
    return any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords)


def names_in(node: ast.AST) -> set[str]:
    """The names that stand anywhere in `node`."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def method_of(class_: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    """The method that a class itself defines under this name."""
    return next((each for each in class_.body if isinstance(each, ast.FunctionDef) and each.name == name), None)


def same(left: ast.AST, right: ast.AST) -> bool:
    """Whether two expressions read the same."""
    return ast.dump(left) == ast.dump(right)


__all__ = [
    "COMPREHENSIONS",
    "Loop",
    "Module",
    "argument",
    "arguments",
    "begin",
    "has_stars",
    "last_name",
    "method_of",
    "names_in",
    "same",
    "self_name",
    "targets",
]
