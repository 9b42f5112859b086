"""Test pictures that are changed at random."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.loaders import part_of
from tunesmith.inspections.module import Module, last_name
from tunesmith.inspections.transforms import Pictures, is_random, pictures
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="augmented-test-data",
    code="TS405",
    severity="warning",
    help="Test or validation pictures are turned, cropped or recoloured at random.",
    explanation="""\
Random changes make more of the training pictures. On test pictures they make the score another one at each evaluation,
and usually a lower one: the best epoch is then partly chosen by luck. `random_split` of a data set hands its transforms
to both parts.

Give the test part a transform without the random steps: a second data set over the same pictures, with the indices of
the split.""",
    bad=(
        Mistake(
            code="""\
from torch.utils.data import random_split
from torchvision import datasets, transforms

change = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToTensor()])
data = datasets.ImageFolder("pictures", transform=change)
train_set, val_set = random_split(data, [0.8, 0.2])  # TS405
""",
        ),
        Mistake(
            code="""\
from torchvision import datasets, transforms

change = transforms.Compose([transforms.RandomCrop(32, padding=4), transforms.ToTensor()])
train_set = datasets.CIFAR10("data", train=True, transform=change)
test_set = datasets.CIFAR10("data", train=False, transform=change)  # TS405
""",
        ),
    ),
    good=(
        """\
from torch.utils.data import random_split
from torchvision import datasets, transforms

change = transforms.Compose([transforms.RandomCrop(32, padding=4), transforms.ToTensor()])
plain = transforms.Compose([transforms.Resize(32), transforms.ToTensor()])
train_set = datasets.CIFAR10("data", train=True, transform=change)
test_set = datasets.CIFAR10("data", train=False, transform=plain)
train_part, val_part = random_split(datasets.ImageFolder("pictures", transform=plain), [0.8, 0.2])
first, second = random_split(datasets.ImageFolder("pictures", transform=change), [0.8, 0.2])
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Data sets for tests with a random transform, and splits of a data set with one into training and test data."""
    found = {each.call: each for each in pictures(module)}
    for each in found.values():
        step = _random_step(module, each)
        if each.part == "test" and step:
            yield Hit(node=each.transform, message=f"`{step}` changes the test pictures at random")
    for split in module.calls_of("torch.utils.data.random_split"):
        whole = module.value(split.args[0]) if split.args else None
        made = found.get(whole) if isinstance(whole, ast.Call) else None
        step = _random_step(module, made) if made is not None else ""
        target = module.assigned_to(split)
        names = [last_name(part) for part in target.elts] if isinstance(target, ast.Tuple) else []
        test = next((name for name in names if part_of(name) == "test"), "")
        if step and test and any(part_of(name) == "train" for name in names) and not _is_replaced(module, test):
            yield Hit(node=split, message=f"`{test}` keeps `{step}`, which changes its pictures at random")


def _random_step(module: Module, data: Pictures) -> str:
    """The words of the first random transform."""
    return next((module.text.of(each.func) for each in data.steps if is_random(module, each)), "")


def _is_replaced(module: Module, name: str) -> bool:
    """Whether `NAME.dataset.transform = ...` gives it another transform later."""
    stores = [each for each in module.attributes.get("transform", []) if isinstance(each.ctx, ast.Store)]
    return any(name in module.text.of(each) for each in stores)
