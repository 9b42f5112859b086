"""Data loaders, and which part of the data their names say they are for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tunesmith.inspections.module import Module, argument, has_stars, last_name, names_in

Part = Literal["train", "test", ""]
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
TRAIN = frozenset({"train", "training", "trainset", "trainloader", "trn"})
TEST = frozenset(
    {
        *("test", "testing", "testset", "testloader", "val", "valid", "validation", "valloader", "validloader"),
        *("valset", "validset", "dev", "devset", "eval", "evaluation", "evalset"),
    }
)
# Places of DataLoader's arguments
SHUFFLE, SAMPLER, BATCH_SAMPLER = 2, 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Loader:
    """A call of `DataLoader` for one part of the data; `name` is its variable or key.

    `is_neutral`: the part is known from the data's name, not from its own.
    """

    call: ast.Call
    part: Part
    name: str
    is_neutral: bool
    dataset: ast.expr
    shuffle: ast.expr | None


def loaders(module: Module) -> Iterator[Loader]:
    """Loaders whose name and data say the same part, and whose order no sampler or collation rules."""
    for call in module.calls_of("torch.utils.data.DataLoader"):
        if has_stars(call):
            continue
        dataset = argument(call, "dataset", 0)
        ordered = [argument(call, "sampler", SAMPLER), argument(call, "batch_sampler", BATCH_SAMPLER)]
        if dataset is None or any(each is not None for each in ordered):
            continue
        name = _name_of(module, call)
        said = {part for each in (name, last_name(dataset)) if (part := part_of(each))}
        if len(said) == 1:
            yield Loader(
                call=call,
                part=said.pop(),
                name=name,
                is_neutral=bool(name) and not part_of(name),
                dataset=dataset,
                shuffle=argument(call, "shuffle", SHUFFLE),
            )


def part_of(name: str) -> Part:
    """What part of the data a name speaks of; "" where it names none or both."""
    words = {word.lower() for word in _WORD.findall(name)}
    is_train, is_test = bool(words & TRAIN), bool(words & TEST)
    return "" if is_train == is_test else "train" if is_train else "test"


def _name_of(module: Module, call: ast.Call) -> str:
    """The name that a call's value gets: of its variable, or its key in a dict."""
    parent = module.parents.get(call)
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        return last_name(parent.targets[0])
    if isinstance(parent, ast.AnnAssign):
        return last_name(parent.target)
    if isinstance(parent, ast.Dict) and call in parent.values:
        key = parent.keys[parent.values.index(call)]
        return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
    return ""


def is_map_style(module: Module, dataset: ast.expr) -> bool:
    """Whether the rows of a dataset can surely be drawn in any order."""
    kind = module.kind(dataset)
    if kind.startswith("."):
        class_ = module.classes.get(kind[1:])
        names = {each.name for each in class_.body if isinstance(each, ast.FunctionDef)} if class_ else set()
        return {"__getitem__", "__len__"} <= names
    return kind in ("torch.utils.data.TensorDataset", "torch.utils.data.Subset") or kind.startswith(
        "torchvision.datasets."
    )


AROUND = frozenset({"enumerate", "tqdm", "iter", "list", "track"})  # what a loop puts around its loader


def iterated(loop: ast.For | ast.AsyncFor) -> ast.expr:
    """What a loop goes through: `loader` of `for i, batch in enumerate(tqdm(loader))`."""
    found = loop.iter
    while isinstance(found, ast.Call) and found.args and last_name(found.func) in AROUND:
        found = found.args[0]
    return found


_LOADER_NAME = re.compile(r"loader|dataset|(?:^|_)(?:data|batch|batches|dl|iterator|iter|set)$", re.IGNORECASE)


def goes_through_data(module: Module, loop: ast.AST) -> bool:
    """Whether a loop takes rows or batches of data, by what makes the loader or by its name."""
    if not isinstance(loop, (ast.For, ast.AsyncFor)):
        return False
    found = iterated(loop)
    return module.role(found) == "loader" or bool(_LOADER_NAME.search(last_name(found)))


def loop_names(loop: ast.AST) -> set[str]:
    """The names that a `for` gives values to."""
    if not isinstance(loop, (ast.For, ast.AsyncFor)):
        return set()
    return names_in(loop.target)
