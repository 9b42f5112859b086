"""`view` or `reshape` where the dimensions should change places."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, last_name
from tunesmith.inspections.shapes import sizes
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="view-as-transpose",
    code="TS508",
    severity="warning",
    help="`view` with the sizes in another order mixes the values up; `permute` exchanges dimensions.",
    explanation="""\
`view` and `reshape` read the same numbers in the same order and only draw the borders anew. Asked for the sizes of the
tensor in another order, they give the right shape with the values of different rows, channels or places mixed. No error
tells, and a network learns from what is left.

Use `permute` (or `transpose` for two), with the numbers of the dimensions.""",
    bad=(
        Mistake(
            code="""\
import torch

def to_channels_last(pictures):
    batch, channels, height, width = pictures.shape
    return pictures.view(batch, height, width, channels)  # TS508
""",
            fixed="""\
import torch

def to_channels_last(pictures):
    batch, channels, height, width = pictures.shape
    return pictures.permute(0, 2, 3, 1)
""",
        ),
    ),
    good=(
        """\
import torch

def fine(pictures):
    batch, channels, height, width = pictures.shape
    one = pictures.view(batch, channels, height * width)
    two = pictures.permute(0, 2, 3, 1).reshape(batch, height, width, channels)
    three = pictures.reshape(batch, channels, height, width)
    return one, two, three

def skew(scores):
    # relative positions: each row is shifted by one more than the row before
    padded = torch.nn.functional.pad(scores, (1, 0))
    batch, rows, columns = padded.shape
    return padded.view(batch, columns, rows)[:, 1:]
""",
    ),
)


SKEWS = frozenset({"pad", "cat"})  # a view of a matrix with a column more shifts its rows, on purpose


def check(module: Module) -> Iterator[Hit]:
    """Views of a tensor to all of its own sizes, which a line before unpacked from its shape, in another order."""
    for method in ("view", "reshape"):
        for call in module.methods.get(method, []):
            owner = call.func.value if isinstance(call.func, ast.Attribute) else None
            given = sizes(call)
            if not isinstance(owner, ast.Name) or len(given) < 2 or module.called(call):
                continue
            if last_name(getattr(module.value(owner), "func", owner)) in SKEWS:
                continue
            places = [_place(module, each, owner, len(given)) for each in given]
            known = [each for each in places if each is not None]
            if len(known) != len(places) or sorted(known) != list(range(len(known))) or known == sorted(known):
                continue
            right = f"{owner.id}.permute({', '.join(str(each) for each in known)})"
            yield Hit(
                node=call,
                message=f"this mixes the values of `{owner.id}` up: to exchange dimensions, permute them",
                fixes=edits.fix(f"Use `{right}`", edits.replace(module, call, right), is_safe=False),
            )


def _place(module: Module, size: ast.expr, tensor: ast.Name, count: int) -> int | None:
    """Which dimension of the tensor a name was unpacked from: `c` of `b, c, h, w = tensor.shape`."""
    bound = module.binding(size)
    if bound is None or bound.way != "part":
        return None
    value = bound.value
    target = module.assigned_to(value) if value is not None else None
    if not isinstance(target, ast.Tuple) or len(target.elts) != count:
        return None
    inner = value.func if isinstance(value, ast.Call) and not value.args else value
    if (
        not isinstance(inner, ast.Attribute)
        or inner.attr not in ("shape", "size")
        or last_name(inner.value) != tensor.id
    ):
        return None
    same = isinstance(inner.value, ast.Name) and module.binding(inner.value) is module.binding(tensor)
    return bound.part if same and module.binding(tensor) is not None else None
