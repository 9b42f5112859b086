"""Layers or parameters that a module keeps in a plain list, where it does not see them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, last_name
from tunesmith.inspections.names import PARAMETRIC
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="layers-in-plain-list",
    code="TS502",
    severity="warning",
    help="Layers in a plain list or dict are not part of the module: they are not trained, moved or saved.",
    explanation="""\
A module finds its layers by looking at its attributes. It does not look into lists and dicts: what is in them is not
among `parameters()`, so the optimizer does not train it, `.to(device)` leaves it behind, and `state_dict()` forgets it.

Use `nn.ModuleList`, `nn.ModuleDict`, or `nn.ParameterList` for bare parameters.""",
    bad=(
        Mistake(
            code="""\
from torch import nn

class Net(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.layers = [nn.Linear(16, 16) for _ in range(depth)]  # TS502
        self.heads = {"mood": nn.Linear(16, 3), "topic": nn.Linear(16, 8)}  # TS502
""",
            fixed="""\
from torch import nn

class Net(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(16, 16) for _ in range(depth)])
        self.heads = nn.ModuleDict({"mood": nn.Linear(16, 3), "topic": nn.Linear(16, 8)})
""",
        ),
        Mistake(
            code="""\
import torch

class Net(torch.nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = []  # TS502
        for size in sizes:
            self.layers.append(torch.nn.Linear(size, size))
        self.scales = [torch.nn.Parameter(torch.ones(1)), torch.nn.Parameter(torch.zeros(1))]  # TS502
""",
            fixed="""\
import torch

class Net(torch.nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = torch.nn.ModuleList([])
        for size in sizes:
            self.layers.append(torch.nn.Linear(size, size))
        self.scales = torch.nn.ParameterList([torch.nn.Parameter(torch.ones(1)), torch.nn.Parameter(torch.zeros(1))])
""",
        ),
    ),
    good=(
        """\
from torch import nn

class Net(nn.Module):
    def __init__(self, depth):
        super().__init__()
        layers = [nn.Linear(16, 16) for _ in range(depth)]
        self.net = nn.Sequential(*layers)
        self.steps = []
        for _ in range(depth):
            self.steps.append(nn.Linear(16, 16))
        self.all = nn.ModuleList(self.steps)
        self.activations = [nn.ReLU(), nn.GELU()]

class Holder:
    def __init__(self):
        self.layers = [nn.Linear(2, 2)]

class Named(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.layers = [nn.Linear(16, 16) for _ in range(depth)]
        for number, layer in enumerate(self.layers):
            setattr(self, f"layer{number}", layer)
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """`self.NAME = [layers]` in methods of modules, unless the class hands NAME on to something that registers it."""
    for node in module.assignments:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        class_ = module.class_(node)
        if not isinstance(target, ast.Attribute) or module.owner(target) is None or class_ is None:
            continue
        if class_.name not in module.module_classes or _is_registered(module, class_, target.attr):
            continue
        value = node.value
        layers = _contents(value) if value is not None else None
        if layers is None or value is None:
            continue
        layers = layers or _appended(module, class_, target.attr)
        made = [_maker(module, each) for each in layers]
        found = next((each for each in made if each is not None), None)
        if found is None:
            continue
        prefix, is_parameter = found
        kind = "Dict" if isinstance(value, (ast.Dict, ast.DictComp)) else "List"
        holder = f"{prefix}{'Parameter' if is_parameter else 'Module'}{kind}"
        hidden = "parameters" if is_parameter else "layers"
        yield Hit(
            node=value,
            message=f"the {hidden} in `self.{target.attr}` are unknown to the module: not trained, moved or saved",
            fixes=edits.fix(f"Use `{holder}`", edits.replace(module, value, f"{holder}({module.text.of(value)})"))
            if prefix and all(made)
            else (),
        )


def _contents(value: ast.expr) -> list[ast.expr] | None:
    """The elements of a list or the values of a dict; None for anything else."""
    if isinstance(value, ast.List):
        return value.elts
    if isinstance(value, ast.Dict):
        return value.values
    if isinstance(value, ast.ListComp):
        return [value.elt]
    if isinstance(value, ast.DictComp):
        return [value.value]
    return None


def _appended(module: Module, class_: ast.ClassDef, name: str) -> list[ast.expr]:
    """What the class's methods append to `self.name`."""
    return [
        call.args[0]
        for call in module.methods.get("append", [])
        if len(call.args) == 1
        and isinstance(call.func, ast.Attribute)
        and _is_own(module, call.func.value, class_, name)
    ]


def _is_own(module: Module, node: ast.expr, class_: ast.ClassDef, name: str) -> bool:
    owner = module.owner(node)
    return isinstance(node, ast.Attribute) and node.attr == name and owner is not None and owner.node is class_


def _maker(module: Module, layer: ast.expr) -> tuple[str, bool] | None:
    """(how `torch.nn` is written, whether it is a bare parameter) of a call that makes something with parameters."""
    value = module.value(layer)
    if not isinstance(value, ast.Call):
        return None
    name = module.called(value)
    parent, _, last = name.rpartition(".")
    if parent == "torch.nn" and (last in PARAMETRIC or last == "Parameter"):
        words = module.text.of(value.func)
        return words.removesuffix(last), last == "Parameter"
    return None


def _is_registered(module: Module, class_: ast.ClassDef, name: str) -> bool:
    """Whether `self.name` is handed to a call in the class, such as `nn.ModuleList(self.name)` or `add_module`."""
    for node in module.attributes.get(name, []):
        if not _is_own(module, node, class_, name):
            continue
        around = module.parents.get(node)
        while isinstance(around, (ast.Starred, ast.keyword)):
            around = module.parents.get(around)
        if isinstance(around, ast.Call) and node is not around.func and module.called(around) not in ("", "torch.nn"):
            return True
        if isinstance(around, ast.BinOp):
            return True
    words = ("add_module", "register_module", "register_parameter", "setattr", "__setattr__")
    return any(last_name(call.func) in words and module.class_(call) is class_ for call in module.calls)
