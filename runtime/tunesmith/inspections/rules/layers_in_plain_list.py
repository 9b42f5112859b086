"""Layers or parameters that a module keeps in a plain list, where it does not see them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Fix, Hit
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
        Mistake(
            code="""\
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = {0: nn.Linear(3, 2), 1: nn.Linear(3, 4)}  # TS502

    def forward(self, x, task):
        return self.heads[task](x)
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


RESERVED = frozenset(
    {
        *("T_destination", "add_module", "apply", "bfloat16", "buffers", "call_super_init", "children", "clear"),
        *("compile", "cpu", "cuda", "double", "dump_patches", "eval", "extra_repr", "float", "forward", "get_buffer"),
        *("get_extra_state", "get_parameter", "get_submodule", "half", "ipu", "items", "keys", "load_state_dict"),
        *("modules", "mtia", "named_buffers", "named_children", "named_modules", "named_parameters", "parameters"),
        *("pop", "register_backward_hook", "register_buffer", "register_forward_hook", "register_forward_pre_hook"),
        *("register_full_backward_hook", "register_full_backward_pre_hook", "register_load_state_dict_post_hook"),
        *("register_load_state_dict_pre_hook", "register_module", "register_parameter"),
        *("register_state_dict_post_hook", "register_state_dict_pre_hook", "requires_grad_", "set_extra_state"),
        *("set_submodule", "share_memory", "state_dict", "to", "to_empty", "train", "training", "type", "update"),
        *("values", "xpu", "zero_grad"),
        "smart_apply",  # transformers adds it to every module once it has made a model
    }
)
"""What `nn.ModuleDict` has itself and therefore takes as no key."""
LIST_METHODS = frozenset({"append", "extend", "insert", "pop"})
DICT_METHODS = frozenset({"items", "keys", "values", "pop", "clear"})
WALKS = frozenset({"len", "zip", "enumerate", "reversed", "iter", "list"})
REGISTERS = frozenset({"add_module", "register_module", "register_parameter", "setattr", "__setattr__"})


def check(module: Module) -> Iterator[Hit]:
    """`self.NAME = [layers]` in methods of modules, unless the class hands NAME on to something that registers it."""
    held = [each for each in module.assignments if isinstance(each, ast.Assign) and _contents(each.value) is not None]
    if not held or not module.module_classes:
        return
    registering = {module.class_(call) for call in module.calls if last_name(call.func) in REGISTERS}
    for node in held:
        target = node.targets[0] if len(node.targets) == 1 else None
        owner = module.owner(target) if isinstance(target, ast.Attribute) else None
        class_ = owner.node if owner else None
        if not isinstance(target, ast.Attribute) or not isinstance(class_, ast.ClassDef):
            continue
        if class_.name not in module.module_classes or class_ in registering:
            continue
        named = module.inside(module.attributes.get(target.attr, []), class_)
        uses = [each for each in named if _is_of(module, each, class_)]
        if any(_is_handed_on(module, each) for each in uses):
            continue
        layers = _contents(node.value) or _appended(module, uses)
        made = [_maker(module, each) for each in layers]
        found = next((each for each in made if each is not None), None)
        if found is None:
            continue
        prefix, is_parameter = found
        hidden = "parameters" if is_parameter else "layers"
        yield Hit(
            node=node.value,
            message=f"the {hidden} in `self.{target.attr}` are unknown to the module: not trained, moved or saved",
            fixes=_fixes(module, node, uses, prefix, is_parameter=is_parameter) if prefix and all(made) else (),
        )


def _fixes(
    module: Module, node: ast.Assign, uses: list[ast.Attribute], prefix: str, *, is_parameter: bool
) -> tuple[Fix, ...]:
    """The list or dict in what torch has for it; safe where all that is done with it works there too."""
    value = node.value
    is_dict = isinstance(value, (ast.Dict, ast.DictComp))
    keys = [each.value if isinstance(each, ast.Constant) else None for each in getattr(value, "keys", [])]
    if any(key is not None and not _is_key(key) for key in keys):
        return ()
    known = is_dict is False or (bool(keys) and None not in keys)
    methods = DICT_METHODS if is_dict else LIST_METHODS
    usual = all(_is_usual(module, each, methods) for each in uses)
    holder = f"{prefix}{'Parameter' if is_parameter else 'Module'}{'Dict' if is_dict else 'List'}"
    return edits.fix(
        f"Use `{holder}`",
        edits.replace(module, value, f"{holder}({module.text.of(value)})"),
        is_safe=known and usual and _is_initialized(module, node),
    )


def _is_key(key: object) -> bool:
    """Whether `nn.ModuleDict` takes a key."""
    return isinstance(key, str) and bool(key) and "." not in key and not key.startswith("_") and key not in RESERVED


def _is_usual(module: Module, use: ast.Attribute, methods: frozenset[str]) -> bool:
    """Whether a use of the list or dict is one that torch's holders know: no other method, no sum, no comparison."""
    parent = module.parents.get(use)
    if isinstance(parent, ast.Attribute):
        return parent.attr in methods
    if isinstance(parent, ast.Subscript):
        return isinstance(parent.ctx, ast.Load)
    walked = isinstance(parent, ast.Call) and last_name(parent.func) in WALKS
    return walked or isinstance(parent, (ast.For, ast.comprehension, ast.Assign))


def _is_initialized(module: Module, node: ast.Assign) -> bool:
    """Whether `__init__` of the base has run when the list is assigned: before it a module takes no modules."""
    function = module.function(node)
    if not isinstance(function, ast.FunctionDef) or function.name != "__init__":
        return True
    begun = [call for call in module.methods.get("__init__", []) if module.function(call) is function]
    return any(call.lineno < node.lineno for call in begun)


def _contents(value: ast.expr | None) -> list[ast.expr] | None:
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


def _is_of(module: Module, node: ast.Attribute, class_: ast.ClassDef) -> bool:
    """Whether `X.NAME` is an attribute of this class's own `self`."""
    owner = module.owner(node)
    return owner is not None and owner.node is class_


def _appended(module: Module, uses: list[ast.Attribute]) -> list[ast.expr]:
    """What the class's methods append to the list."""
    found = []
    for each in uses:
        method = module.parents.get(each)
        call = module.parents.get(method) if isinstance(method, ast.Attribute) and method.attr == "append" else None
        if isinstance(call, ast.Call) and call.func is method and len(call.args) == 1:
            found.append(call.args[0])
    return found


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


def _is_handed_on(module: Module, use: ast.Attribute) -> bool:
    """Whether the list is handed to a call that may register it, such as `nn.ModuleList(self.NAME)`."""
    around = module.parents.get(use)
    while isinstance(around, (ast.Starred, ast.keyword)):
        around = module.parents.get(around)
    if isinstance(around, ast.Call) and use is not around.func and module.called(around) not in ("", "torch.nn"):
        return True
    return isinstance(around, ast.BinOp)
