"""`torch.load` that runs whatever the file says."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, argument, last_name
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="unsafe-load",
    code="TS601",
    severity="warning",
    help="`torch.load` with `weights_only=False` runs any code that the file carries.",
    explanation="""\
A checkpoint is a pickle, and unpickling may call any function: a file from a stranger can do with your account whatever
it likes, before you see a single weight. With `weights_only=True`, the default since torch 2.6, only tensors and plain
containers are read.

Where other classes are in the file, allow them by name with `torch.serialization.add_safe_globals`, or save the
weights as safetensors. Silence this for files that you made yourself. Bytes in memory are not found, nor a second try
in an `except`: who writes that knows.""",
    bad=(
        Mistake(
            code="""\
import torch

def resume(model, path):
    state = torch.load(path, map_location="cpu", weights_only=False)  # TS601
    model.load_state_dict(state)
""",
            fixed="""\
import torch

def resume(model, path):
    state = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(state)
""",
        ),
    ),
    good=(
        """\
import io

import torch

def resume(model, path, trusted):
    state = torch.load(path, map_location="cpu", weights_only=True)
    other = torch.load(path)
    third = torch.load(path, weights_only=not trusted)
    fourth = torch.load(io.BytesIO(state["more"]), weights_only=False)
    with io.BytesIO(state["more"]) as file:
        fifth = torch.load(file, weights_only=False)
    return state, other, third, fourth, fifth
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Calls of `torch.load` with a literal `weights_only=False`."""
    for call in module.methods.get("load", []):
        if module.called(call) != "torch.load":
            continue
        given = argument(call, "weights_only")
        if given is None or module.constant(given) is not False:
            continue
        if _is_no_file(module, call) or _is_last_resort(module, call):
            continue
        yield Hit(
            node=call,
            message="with `weights_only=False` the file can run any code when it is loaded",
            fixes=edits.fix("Use `weights_only=True`", edits.replace(module, given, "True"), is_safe=False),
        )


def _is_no_file(module: Module, call: ast.Call) -> bool:
    """Whether it reads bytes in memory."""
    source = argument(call, "f", 0)
    if source is None or module.kind(source) == "io.BytesIO":
        return source is not None
    withs = [each for each in module.ancestors(call) if isinstance(each, (ast.With, ast.AsyncWith))]
    items = [item for each in withs for item in each.items if module.called(item.context_expr) == "io.BytesIO"]
    return any(last_name(item.optional_vars) == last_name(source) for item in items if item.optional_vars is not None)


def _is_last_resort(module: Module, call: ast.Call) -> bool:
    """Whether it stands in an `except`, where the safe way was tried before."""
    return any(isinstance(each, ast.ExceptHandler) for each in module.ancestors(call))
