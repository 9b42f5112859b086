"""A module that is not initialized before it is given layers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, last_name, self_name
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="super-init-forgotten",
    code="TS507",
    severity="error",
    help="`super().__init__()` is missing, and a module takes no layers before it.",
    explanation="""\
`nn.Module.__init__` makes the tables in which a module keeps its layers and parameters. Without it the first layer that
is assigned raises "cannot assign module before Module.__init__() call".

Call `super().__init__()` first.""",
    bad=(
        Mistake(
            code="""\
from torch import nn

class Net(nn.Module):
    def __init__(self):
        self.fc = nn.Linear(8, 2)  # TS507

    def forward(self, x):
        return self.fc(x)
""",
            fixed="""\
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(x)
""",
        ),
    ),
    good=(
        """\
from torch import nn

class Net(nn.Module):
    def __init__(self):
        nn.Module.__init__(self)
        self.fc = nn.Linear(8, 2)

class Deeper(Net):
    def __init__(self, mixin):
        mixin.setup(self)
        self.more = nn.Linear(2, 2)
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Classes that derive from `nn.Module` alone, whose `__init__` assigns a layer and calls no other `__init__`."""
    for class_ in module.module_classes.values():
        if len(class_.bases) != 1 or module.name(class_.bases[0]) != "torch.nn.Module" or class_.decorator_list:
            continue
        for function in class_.body:
            if not isinstance(function, ast.FunctionDef) or function.name != "__init__" or function.decorator_list:
                continue
            layer = _first_layer(module, function)
            begun = any(isinstance(node, ast.Attribute) and "init" in node.attr for node in ast.walk(function))
            if layer is not None and not begun and not _is_handed_on(function):
                yield Hit(
                    node=layer,
                    message="a module takes no layers before `super().__init__()`, which is missing here",
                    fixes=edits.fix(
                        "Add `super().__init__()`",
                        edits.insert_before(module, function.body[_after_words(function)], "super().__init__()"),
                    ),
                )


def _first_layer(module: Module, function: ast.FunctionDef) -> ast.stmt | None:
    """The first `self.NAME = nn.Layer(...)` in the straight part of the function."""
    for statement in function.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            target, parent = statement.targets[0], module.called(statement.value).rpartition(".")[0]
            if isinstance(target, ast.Attribute) and module.owner(target) is not None and parent == "torch.nn":
                return statement
    return None


def _is_handed_on(function: ast.FunctionDef) -> bool:
    """Whether `self` itself goes into a call that may initialize it."""
    name = self_name(function)
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    return any(last_name(each) == name for call in calls for each in call.args)


def _after_words(function: ast.FunctionDef) -> int:
    """The place of the first statement behind the docstring."""
    first = function.body[0]
    words = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return 1 if words and len(function.body) > 1 else 0
