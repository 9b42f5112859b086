"""A loop over a loader that nothing ever makes."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.loaders import iterated
from tunesmith.inspections.module import Module
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="loader-never-defined",
    code="TS410",
    severity="error",
    help="The loop goes through a loader that is never defined in this file.",
    explanation="""\
Python looks a name up when the line runs. A loop over `test_loader` at the end of a script, behind an hour of
training, raises `NameError` there if nothing has made that loader, and the model that was trained is gone.

Make it where the training loader is made, of rows that training does not see: `random_split(data, [0.8, 0.2])` gives
both parts, and a `DataLoader` for the second part is the test loader.""",
    bad=(
        Mistake(
            code="""\
import torch

model = torch.nn.Linear(4, 2)
right = 0
with torch.no_grad():
    for batch, target in test_loader:  # TS410
        right += (model(batch).argmax(dim=1) == target).sum().item()
print(right)
""",
        ),
    ),
    good=(
        """\
import torch
from torch.utils.data import DataLoader

test_loader = DataLoader(torch.zeros(8, 4), batch_size=2)
for batch in test_loader:
    print(batch)

def count(loader):
    return sum(1 for batch in loader)
""",
    ),
)
_LOADER = re.compile(r"loader$|^(?:train|test|val|valid)_?(?:dl|iter|dataloader)$", re.IGNORECASE)


def check(module: Module) -> Iterator[Hit]:
    """`for ... in NAME` of a loader's name that no line of the file binds, imports or declares, and no star imports."""
    if module.stars or any(name in module.names_read for name in ("globals", "exec", "locals")):
        return
    for loop in module.loops:
        data = iterated(loop) if isinstance(loop, (ast.For, ast.AsyncFor)) else None
        if not isinstance(data, ast.Name) or not _LOADER.search(data.id) or hasattr(builtins, data.id):
            continue
        if module.scopes[data].find(data.id) is None and not _is_declared(module, data):
            yield Hit(node=data, message=f"`{data.id}` is never defined here: the loop raises NameError when it starts")


def _is_declared(module: Module, name: ast.Name) -> bool:
    """Whether a `global` or `nonlocal` names it, so that another file may set it."""
    return any(name.id in scope.elsewhere for scope in set(module.scopes.values()))
