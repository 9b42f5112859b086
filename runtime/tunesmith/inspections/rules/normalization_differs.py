"""Training and test pictures that are normalized in different ways."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, arguments, last_name
from tunesmith.inspections.transforms import Pictures, kind_of, pictures
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="normalization-differs",
    code="TS406",
    severity="warning",
    help="Training and test pictures are normalized with different numbers, or only one part is.",
    explanation="""\
A network learns from pictures with the mean and spread that `Normalize` gave them. Test pictures with another mean look
darker or brighter than anything that it has seen: the test score is too low, and says nothing of the model.

Use the same `Normalize`, with the numbers of the training part, in both.""",
    bad=(
        Mistake(
            code="""\
from torchvision import datasets, transforms

train_change = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.25,))])
test_change = transforms.Compose([transforms.ToTensor()])
train_set = datasets.MNIST("data", train=True, transform=train_change)
test_set = datasets.MNIST("data", train=False, transform=test_change)  # TS406
""",
        ),
    ),
    good=(
        """\
from torchvision import datasets, transforms

normalize = transforms.Normalize((0.5,), (0.25,))
train_set = datasets.MNIST(
    "data", train=True, transform=transforms.Compose([transforms.RandomCrop(24), transforms.ToTensor(), normalize])
)
test_set = datasets.MNIST(
    "data", train=False, transform=transforms.Compose([transforms.CenterCrop(24), transforms.ToTensor(), normalize])
)

def others(mean, std, same_mean):
    train_change = transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean, std)])
    test_change = transforms.Compose([transforms.ToTensor(), transforms.Normalize(same_mean, std)])
    train_set = datasets.CIFAR10("data", train=True, transform=train_change)
    return train_set, datasets.CIFAR10("data", train=False, transform=test_change)
""",
    ),
)


UNKNOWN = "unknown"


def check(module: Module) -> Iterator[Hit]:
    """Test data sets of the same class as a training data set of the same function, with another `Normalize`."""
    found = list(pictures(module))
    trained = [each for each in found if each.part == "train"]
    for test in [each for each in found if each.part == "test"]:
        same_place = [each for each in trained if module.function(each.call) is module.function(test.call)]
        same_kind = [each for each in same_place if last_name(each.call.func) == last_name(test.call.func)]
        if len(same_kind) != 1 or not _is_plain(module, test) or not _is_plain(module, same_kind[0]):
            continue
        ours, theirs = _normalize(module, same_kind[0]), _normalize(module, test)
        if ours != theirs and UNKNOWN not in (ours, theirs):
            how = (
                "is not normalized"
                if theirs is None
                else "is normalized with other numbers"
                if ours
                else "alone is normalized"
            )
            line = same_kind[0].call.lineno
            yield Hit(node=test.transform, message=f"this part {how}, unlike the training pictures of line {line}")


def _is_plain(module: Module, data: Pictures) -> bool:
    """Whether all its transforms are torchvision's, so that nothing else can normalize."""
    return all(kind_of(module, each) and kind_of(module, each) != "Lambda" for each in data.steps)


def _normalize(module: Module, data: Pictures) -> str | None:
    """The numbers of its `Normalize`, names followed; None where it has none, UNKNOWN where they are not in sight."""
    step = next((each for each in data.steps if kind_of(module, each) == "Normalize"), None)
    if step is None:
        return None
    given = [module.value(each) for each in arguments(step)]
    rows = [each.elts if isinstance(each, (ast.List, ast.Tuple)) else [each] for each in given]
    numbers = [[module.constant(number) for number in row] for row in rows]
    return UNKNOWN if any(number is None for row in numbers for number in row) else str(numbers)
