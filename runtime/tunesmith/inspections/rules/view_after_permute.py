"""`view` on a tensor whose dimensions were just swapped."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, last_name
from tunesmith.inspections.shapes import sizes
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="view-after-permute",
    code="TS504",
    severity="warning",
    help="`view` cannot merge dimensions that `permute` or `transpose` has just moved apart.",
    explanation="""\
`permute`, `transpose` and `.T` move no data, they only say in which order to walk it. `view` moves none either, so it
can merge two dimensions only if they lie next to each other in memory. Else it raises "view size is not compatible
with input tensor's size and stride", except where one of the merged dimensions has size 1.

Put `.contiguous()` before `view`, or use `reshape`, which copies where it must. Found are views that say which
dimensions they merge, as `heads * size` does, and those that merge the batch, which has more than one row, with what
was moved beside it. Views that only split a dimension or drop one of size 1 are fine.""",
    bad=(
        Mistake(
            code="""\
import torch

def tokens(image):
    return image.permute(0, 2, 3, 1).view(-1, 3)  # TS504
""",
            fixed="""\
import torch

def tokens(image):
    return image.permute(0, 2, 3, 1).contiguous().view(-1, 3)
""",
        ),
        Mistake(
            code="""\
import torch

def merge_heads(weights, value, batch, length, heads, size):
    value = value.view(batch, length, heads, size).transpose(1, 2)
    mixed = torch.matmul(weights, value)
    mixed = mixed.transpose(1, 2)
    return mixed.view(batch, length, heads * size)  # TS504
""",
            fixed="""\
import torch

def merge_heads(weights, value, batch, length, heads, size):
    value = value.view(batch, length, heads, size).transpose(1, 2)
    mixed = torch.matmul(weights, value)
    mixed = mixed.transpose(1, 2)
    return mixed.contiguous().view(batch, length, heads * size)
""",
        ),
    ),
    good=(
        """\
import torch

def fine(x, batch, length, heads, size):
    one = x.permute(0, 2, 3, 1).view(batch, -1, 3)
    two = x.transpose(1, 2).contiguous().view(batch, -1)
    three = x.transpose(1, 2).reshape(-1)
    four = x.transpose(1, 2).view(batch, length, heads, size)
    five = x.view(batch, length).view(-1)
    last_hidden = x.view(1, batch, size).permute(1, 0, 2).view(batch, -1)
    return one, two, three, four, five, last_hidden
""",
    ),
)
Order = list[int]
SWAPS = frozenset({"permute", "transpose", "swapaxes", "t", "movedim", "expand", "unfold", "view", "narrow"})
FRESH = frozenset(
    f"torch.{name}" for name in ("matmul", "bmm", "einsum", "cat", "stack", "zeros", "ones", "randn", "rand")
)


def check(module: Module) -> Iterator[Hit]:
    """Views that need more merges than there are neighbours left after the swap."""
    for call in module.methods.get("view", []):
        if not isinstance(call.func, ast.Attribute) or call.keywords or module.called(call):
            continue
        count = _count(call)
        if count is None:
            continue
        orders = _orders(module, call.func.value)
        if orders and all(_impossible(order, count) for order in orders) and _merges(module, call, orders):
            yield Hit(
                node=call,
                message="`view` cannot merge dimensions of more than one value that the swap has moved apart",
                fixes=edits.fix("Add `.contiguous()`", edits.append(module, call.func.value, ".contiguous()")),
            )


def _count(call: ast.Call) -> int | None:
    """How many dimensions a `view(...)` asks for; None where it is not in sight or a type is meant."""
    given = sizes(call)
    if not given or any(isinstance(each, ast.Starred) for each in given):
        return None
    if len(given) == 1:
        only = given[0]
        flat = isinstance(only, ast.UnaryOp) and isinstance(only.operand, ast.Constant) and only.operand.value == 1
        return 1 if flat else None
    return len(given)


def _merges(module: Module, call: ast.Call, orders: list[Order]) -> bool:
    """Whether the sizes say that dimensions of more than one value are merged: a product of two, or `-1` in the place
    of a batch that stayed first."""
    given = sizes(call)
    if any(isinstance(each, ast.BinOp) and isinstance(each.op, ast.Mult) for each in given):
        return True
    first = isinstance(given[0], ast.UnaryOp) and module.constant(given[0]) == -1
    return first and all(order[0] == 0 for order in orders)


def _impossible(order: Order, count: int) -> bool:
    """Whether a view to `count` dimensions must merge more neighbours than lie together in memory."""
    together = sum(after == before + 1 for before, after in pairwise(order))
    return len(order) - count > together


def _orders(module: Module, node: ast.expr) -> list[Order]:
    """All orders in memory that the dimensions of a just swapped tensor may have; empty if unknown."""
    value = module.value(node)
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute) or module.called(value):
        return []
    method, base = value.func.attr, value.func.value
    given = sizes(value)
    places = [module.constant(each) for each in given]
    numbers = [place for place in places if type(place) is int]
    if len(numbers) != len(given) or not numbers or value.keywords or not _lies_straight(module, base):
        return []
    if method == "permute":
        order = [number % len(numbers) for number in numbers]
        return [order] if sorted(order) == list(range(len(order))) and order != sorted(order) else []
    if method in ("transpose", "swapaxes") and len(numbers) == 2 and numbers[0] != numbers[1]:
        rank = dimensions(module, base)
        least = max(*(number + 1 if number >= 0 else -number for number in numbers), 2)
        if rank is not None and rank < least:
            return []
        # Where the number of dimensions is not known, one more than the swap needs stands for any more.
        return [_swapped(each, numbers) for each in ([rank] if rank else range(least, least + 3))]
    return []


def _swapped(rank: int, places: list[int]) -> Order:
    order = list(range(rank))
    one, two = places[0] % rank, places[1] % rank
    order[one], order[two] = order[two], order[one]
    return order


def _lies_straight(module: Module, base: ast.expr) -> bool:
    """Whether a value lies in memory in the order of its dimensions, as far as the code tells: neither swapped nor cut,
    nor from a function that may keep the layout of what it was given, such as channels last."""
    value = module.value(base)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and not module.called(value):
        method = value.func.attr
        return method in ("matmul", "bmm", "contiguous", "reshape") or (
            method == "view" and not _is_swapped(module, value)
        )
    if isinstance(value, ast.Call):
        return module.called(value) in FRESH
    return isinstance(value, ast.Name) or (isinstance(value, ast.BinOp) and isinstance(value.op, ast.MatMult))


def _is_swapped(module: Module, view: ast.Call) -> bool:
    """Whether a view is of what a swap or a cut gave."""
    inner = module.value(view.func.value) if isinstance(view.func, ast.Attribute) else view
    if isinstance(inner, ast.Call):
        return not module.called(inner) and last_name(inner.func) in SWAPS
    return isinstance(inner, ast.Subscript)


def dimensions(module: Module, node: ast.expr, depth: int = 0) -> int | None:
    """The number of dimensions of a value, where a reshape or a product of such tells."""
    value = module.value(node)
    if depth > 8:
        return None
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.MatMult):
        return _larger(dimensions(module, value.left, depth + 1), dimensions(module, value.right, depth + 1))
    if not isinstance(value, ast.Call):
        return None
    name = module.called(value)
    if name in ("torch.matmul", "torch.bmm") and len(value.args) == 2:
        return _larger(*(dimensions(module, each, depth + 1) for each in value.args))
    if not isinstance(value.func, ast.Attribute) or name:
        return None
    if value.func.attr in ("view", "reshape"):
        stars = any(isinstance(each, ast.Starred) for each in value.args)
        return len(value.args) if len(value.args) > 1 and not stars else None
    if value.func.attr in ("transpose", "contiguous", "float", "softmax", "relu"):
        return dimensions(module, value.func.value, depth + 1)
    if value.func.attr == "matmul" and len(value.args) == 1:
        sides = (value.func.value, value.args[0])
        return _larger(*(dimensions(module, each, depth + 1) for each in sides))
    return None


def _larger(left: int | None, right: int | None) -> int | None:
    """The dimensions of a matrix product: four or more of one side are those of the product."""
    known = [each for each in (left, right) if each is not None]
    return max(known) if known and (len(known) == 2 or max(known) >= 3) else None
