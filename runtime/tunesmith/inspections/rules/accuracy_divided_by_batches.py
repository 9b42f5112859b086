"""Right answers divided by the number of batches."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.loaders import iterated
from tunesmith.inspections.module import Module, argument, last_name, same
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="accuracy-divided-by-batches",
    code="TS205",
    severity="warning",
    help="The count of right rows is divided by `len(loader)`, which counts batches.",
    explanation="""\
`len(loader)` is the number of batches, not of rows: with batches of 32 the accuracy comes out 32 times too high, and
above 1. A mean over the batches is not right either where the last batch is smaller.

Divide by the rows: `len(loader.dataset)`, or a count of `target.size(0)`.""",
    bad=(
        Mistake(
            code="""\
import torch
from torch.utils.data import DataLoader

@torch.no_grad()
def evaluate(model, test_set):
    loader = DataLoader(test_set, batch_size=32)
    model.eval()
    right = 0
    for batch, target in loader:
        right += (model(batch).argmax(dim=1) == target).sum().item()
    return right / len(loader)  # TS205
""",
            fixed="""\
import torch
from torch.utils.data import DataLoader

@torch.no_grad()
def evaluate(model, test_set):
    loader = DataLoader(test_set, batch_size=32)
    model.eval()
    right = 0
    for batch, target in loader:
        right += (model(batch).argmax(dim=1) == target).sum().item()
    return right / len(loader.dataset)
""",
        ),
    ),
    good=(
        """\
import torch

@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    right, loss = 0, 0
    for batch, target in loader:
        scores = model(batch)
        right += (scores.argmax(dim=1) == target).float().mean().item()
        loss += torch.nn.functional.cross_entropy(scores, target).item()
    return right / len(loader), loss / len(loader)

@torch.no_grad()
def score(model, rows):
    model.eval()
    right = 0
    for row, target in rows:
        right += (model(row).argmax(dim=1) == target).sum().item()
    return right / len(rows)
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """`COUNT / len(LOADER)` where a loop over LOADER adds the sum of a comparison to COUNT."""
    for division in [node for node in module.scopes if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)]:
        length = division.right
        is_length = isinstance(length, ast.Call) and isinstance(length.func, ast.Name) and length.func.id == "len"
        if not isinstance(length, ast.Call) or not is_length or len(length.args) != 1:
            continue
        count = _counter(division.left)
        if count is None or not _gives_batches(module, length.args[0]):
            continue
        added = [
            node
            for node in module.inside(module.assignments, module.function(division) or module.tree)
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id == count.id
            if module.function(node) is module.function(division)
        ]
        loops = [loop for node in added for loop in module.loops_around(node)[:1] if isinstance(loop, ast.For)]
        over = [loop for loop in loops if same(iterated(loop), length.args[0])]
        if over and len(added) == 1 and _counts_rows(added[0].value):
            words = module.text.of(length.args[0])
            yield Hit(
                node=length,
                message=f"`len({words})` counts batches, and `{count.id}` counts rows",
                fixes=edits.fix(
                    f"Use `len({words}.dataset)`",
                    edits.replace(module, length.args[0], f"{words}.dataset"),
                    is_safe=module.role(length.args[0]) == "loader",
                ),
            )


_LOADER = re.compile(r"loader|batches|(?:^|_)dl$|iterator|_iter$", re.IGNORECASE)


def _gives_batches(module: Module, loader: ast.expr) -> bool:
    """Whether this is a loader, which may give several rows at once, and not the data set itself."""
    made = module.origin(loader)
    if module.role(loader) != "loader" or not isinstance(made, ast.Call):
        return module.role(loader) == "" and bool(_LOADER.search(last_name(loader)))
    size = argument(made, "batch_size", 1)
    return size is not None and module.constant(size) != 1


def _counter(node: ast.expr) -> ast.Name | None:
    """`right` of `right`, `100 * right`, `100.0 * right` and `float(right)`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _counter(node.right) if isinstance(node.left, ast.Constant) else _counter(node.left)
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        node = node.args[0]
    if isinstance(node, ast.Call) and last_name(node.func) in ("item", "double", "float"):
        node = node.func.value if isinstance(node.func, ast.Attribute) else node
    return node if isinstance(node, ast.Name) else None


def _counts_rows(value: ast.expr) -> bool:
    """`(prediction == target).sum()`, also with `.item()` and the like behind it; no division, no mean."""
    nodes = list(ast.walk(value))
    if any(isinstance(node, ast.Div) or (isinstance(node, ast.Attribute) and node.attr == "mean") for node in nodes):
        return False
    summed = [inner for node in nodes if _is_sum(node) for inner in ast.walk(node)]
    return any(isinstance(inner, ast.Compare) and isinstance(inner.ops[0], ast.Eq) for inner in summed)


def _is_sum(node: ast.AST) -> bool:
    """`X.sum()` over everything."""
    return isinstance(node, ast.Call) and last_name(node.func) == "sum" and not node.args and not node.keywords
