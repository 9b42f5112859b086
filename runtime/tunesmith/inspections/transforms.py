"""Data sets of pictures and what their transforms do to them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tunesmith.inspections.loaders import Part, part_of
from tunesmith.inspections.module import Module, argument, last_name

PACKAGES = ("torchvision.transforms.v2", "torchvision.transforms")
# What changes a picture at random, beside all that is called Random...
AT_RANDOM = frozenset({"ColorJitter", "AutoAugment", "RandAugment", "TrivialAugmentWide", "AugMix"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """`call` makes a data set for a part of the data ("" if nothing says which); `steps` are its transforms in order,
    `transform` the expression that they are given as."""

    call: ast.Call
    part: Part
    transform: ast.expr
    steps: list[ast.Call]


def pictures(module: Module) -> Iterator[Pictures]:
    """Calls with `transform=` a `Compose([...])` that is written out in this file."""
    for call in module.calls:
        given = argument(call, "transform")
        steps = steps_of(module, given) if given is not None else []
        if given is not None and steps:
            yield Pictures(call=call, part=_part(module, call), transform=given, steps=steps)


def steps_of(module: Module, transform: ast.expr) -> list[ast.Call]:
    """The transforms in a `Compose`, or the one that stands for itself; empty where not all are in sight."""
    value = _looked_up(module, module.value(transform))
    if not isinstance(value, ast.Call):
        return []
    if kind_of(module, value) != "Compose":
        return [value] if kind_of(module, value) else []
    inner = argument(value, "transforms", 0)
    found = module.value(inner) if inner is not None else None
    steps = [module.value(each) for each in found.elts] if isinstance(found, (ast.List, ast.Tuple)) else []
    calls = [each for each in steps if isinstance(each, ast.Call)]
    return calls if len(calls) == len(steps) else []


def _looked_up(module: Module, value: ast.expr) -> ast.expr:
    """`transforms["train"]` in a dict that is written out."""
    if not isinstance(value, ast.Subscript):
        return value
    table, key = module.value(value.value), module.constant(value.slice)
    if isinstance(table, ast.Dict) and isinstance(key, str):
        for name, each in zip(table.keys, table.values, strict=True):
            if isinstance(name, ast.Constant) and name.value == key:
                return module.value(each)
    return value


def kind_of(module: Module, call: ast.Call) -> str:
    """The name of a transform of torchvision, such as `Normalize`; "" for anything else."""
    parent, _, name = module.called(call).rpartition(".")
    return name if parent in PACKAGES else ""


def is_random(module: Module, step: ast.Call) -> bool:
    """Whether a transform changes the picture at random."""
    name = kind_of(module, step)
    return name.startswith("Random") or name in AT_RANDOM


def _part(module: Module, call: ast.Call) -> Part:
    """Which part of the data a data set is, by `train=`, `split=` or its name."""
    train, split = module.constant(argument(call, "train")), module.constant(argument(call, "split"))
    if isinstance(train, bool):
        return "train" if train else "test"
    if isinstance(split, str) and part_of(split):
        return part_of(split)
    return part_of(last_name(module.assigned_to(call)))
