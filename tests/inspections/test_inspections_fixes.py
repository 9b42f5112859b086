"""Fixes do not break code that runs: every worked example is run before and after each of its fixes."""

from __future__ import annotations

import ast
import inspect as signatures
import io
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset

from tunesmith.catalog import Catalog
from tunesmith.inspections import edits
from tunesmith.inspections.engine import inspect, read
from tunesmith.inspections.fixing import apply, fix_all
from tunesmith.inspections.rules import layers_in_plain_list
from tunesmith.inspections.text import Text

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # of torch, about the mistakes that are mended
RULES = Catalog().inspections
FIXED = [
    pytest.param(name, mistake.code, id=f"{name}-{number}")
    for name, entry in RULES.items()
    for number, mistake in enumerate(entry.member.bad)
    if any(each.fixes and each.code == entry.member.code for each in inspect(mistake.code))
]
ROWS, INPUTS, CLASSES = 8, 4, 2
TARGETS: dict[str, Callable[[], torch.Tensor]] = {
    "classes": lambda: torch.arange(ROWS) % CLASSES,
    "classes of 10": lambda: torch.arange(ROWS) % 10,
    "numbers": lambda: torch.rand(ROWS, CLASSES),
    "a number": lambda: torch.rand(ROWS),
    "yes or no": lambda: (torch.rand(ROWS, CLASSES) > 0.5).float(),
}


class Net(nn.Module):
    """A network with the parts that the examples speak of."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.encoder, self.backbone = nn.Linear(INPUTS, 6), nn.Linear(6, 6)
        self.head = nn.Linear(6, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head(self.backbone(self.encoder(x)).relu())
        return scores


def given(target: Callable[[], torch.Tensor], outputs: int) -> dict[str, Any]:
    """What the examples' functions are called with and what is not defined in them, by name."""
    torch.manual_seed(0)
    model = Net(outputs)
    labels = target()
    batches = [(torch.rand(ROWS, INPUTS), labels) for _ in range(2)]
    rows = TensorDataset(torch.rand(20, INPUTS), torch.arange(20) % CLASSES)
    saved = io.BytesIO()
    torch.save(model.state_dict(), saved)
    saved.seek(0)
    return {
        **dict.fromkeys(("model", "net"), model),
        **dict.fromkeys(("loader", "test_loader", "batches", "data"), batches),
        **dict.fromkeys(("target", "targets", "labels"), labels),
        **dict.fromkeys(("train_set", "test_set"), rows),
        **dict.fromkeys(("X", "X_train", "X_test"), np.random.default_rng(0).random((20, INPUTS))),
        "y": np.arange(20) % 2,
        "batch": torch.rand(ROWS, INPUTS),
        "inputs": torch.rand(ROWS, INPUTS),
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.01),
        "device": "cpu",
        "epochs": 2,
        "rows": TensorDataset(torch.rand(20, INPUTS), torch.rand(20, outputs)),
        "pictures": torch.rand(2, 3, 4, 5),
        "validate": lambda model: 1.0,
        "accumulate": 2,
        "depth": 2,
        "sizes": [3, 3],
        "path": saved,
        "image": torch.rand(2, 3, 4, 4),
    }


# Where the names of an example mean something else than usual.
OWN: dict[str, dict[str, Any]] = {
    "view-after-permute": {
        "weights": torch.rand(2, 2, 5, 5),
        "value": torch.rand(2, 5, 6),
        "batch": 2,
        "length": 5,
        "heads": 2,
        "size": 3,
    },
    "missing-seed": {"data": [(torch.rand(ROWS, INPUTS), torch.rand(ROWS, CLASSES)) for _ in range(10)]},
}
FEATURES = (3, 4, 8, 13, 16, 784)  # how wide the inputs of an example's own model may be


@pytest.fixture(autouse=True)
def libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the examples import and would fetch data with."""
    pictures = types.SimpleNamespace(MNIST=lambda root, train: TensorDataset(torch.rand(10, INPUTS)))
    monkeypatch.setitem(sys.modules, "torchvision", types.SimpleNamespace(datasets=pictures))  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "lessons", types.SimpleNamespace(fit=lambda *_: None))  # type: ignore[arg-type]
    loaded = types.SimpleNamespace(from_pretrained=lambda name: Net(CLASSES))
    fake = types.SimpleNamespace(AutoModelForSequenceClassification=loaded, TrainingArguments=lambda *_, **__: None)
    monkeypatch.setitem(sys.modules, "transformers", fake)  # type: ignore[arg-type]


def run(code: str, name: str, target: Callable[[], torch.Tensor], outputs: int, features: int) -> None:
    """Execute an example and call everything that it defines. Raises what it raises."""
    values = {**given(target, outputs), **OWN.get(name, {})}
    if features != INPUTS:
        values["batch"] = torch.rand(ROWS, features)
    scope: dict[str, Any] = {"__name__": "example", **values}
    before = set(scope)
    exec(compile(code, f"<{name}>", "exec"), scope)
    for each in [value for key, value in scope.items() if key not in before]:
        if isinstance(each, types.FunctionType) and each.__module__ == "example":
            call(each, values)
        elif isinstance(each, type) and each.__module__ == "example":
            made = call(each, values)
            for method in ("evaluate",):
                if hasattr(made, method):
                    call(getattr(made, method), values)
            if isinstance(made, nn.Module) and "forward" in vars(each):
                made(torch.rand(ROWS, features))
                made.eval()
                made(torch.rand(ROWS, features))


def call(function: Callable[..., Any], values: dict[str, Any]) -> Any:
    names = [each for each in signatures.signature(function).parameters if each in values]
    return function(**{name: values[name] for name in names})


def settings() -> Iterator[tuple[Callable[[], torch.Tensor], int, int]]:
    for kind, target in TARGETS.items():
        for features in FEATURES:
            for outputs in (CLASSES, 10) if kind == "classes of 10" else (CLASSES,):
                yield target, outputs, features


def runs(code: str, name: str, *setting: Any) -> bool:
    try:
        run(code, name, *setting)
    except Exception:  # noqa: BLE001 - these inputs do not suit the code, or it is an example of what raises
        return False
    return True


@pytest.mark.parametrize(("name", "code"), FIXED)
def test_example_runs_before_and_after_each_of_its_fixes(name, code):
    single = [apply(code, fix) for each in inspect(code) for fix in each.fixes]
    safe, _ = fix_all(code)
    setting = next((each for each in settings() if runs(code, name, *each)), None)
    if setting is not None:
        for after in (*single, safe):
            run(after, name, *setting)
    else:  # it raises until all of it is mended
        whole = safe if safe != code else single[0]
        assert any(runs(whole, name, *each) for each in settings())


HEADS = """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = {HEADS}

    def forward(self, x):
        return [layer(x) for layer in {USE}]

out = Net()(torch.rand(1, 3))
"""


@pytest.mark.parametrize(
    ("heads", "use", "is_mended"),
    [
        ("{'mood': nn.Linear(3, 2)}", "self.heads.values()", True),
        ("{0: nn.Linear(3, 2)}", "self.heads.values()", False),
        ("{'keys': nn.Linear(3, 2)}", "self.heads.values()", False),
        ("{'a.b': nn.Linear(3, 2)}", "self.heads.values()", False),
        ("{key: nn.Linear(3, 2) for key in (1, 2)}", "self.heads.values()", False),
        ("{'mood': nn.Linear(3, 2)}", "[self.heads.get('mood')]", False),
        ("[nn.Linear(3, 2), nn.Linear(3, 2)]", "self.heads", True),
        ("[nn.Linear(3, 2), nn.Linear(3, 2)]", "self.heads.copy()", False),
    ],
)
def test_layers_get_a_holder_of_torch_only_where_it_works_like_the_plain_one(heads, use, is_mended):
    code = HEADS.replace("{HEADS}", heads).replace("{USE}", use)
    assert [each.code for each in inspect(code)] == ["TS502"]
    after, count = fix_all(code)
    assert count == int(is_mended)
    for each in (code, after):
        exec(compile(each, "<heads>", "exec"), {"__name__": "heads"})


def test_reserved_keys_are_those_that_torch_refuses():
    own = {each for each in dir(nn.ModuleDict()) if not each.startswith("_")}
    assert own <= layers_in_plain_list.RESERVED


def test_fix_of_a_value_that_is_no_name_puts_it_in_parentheses():
    code = "import torch.nn.functional as F\n\ndef loss_of(s, a):\n    return F.mse_loss(s.view(-1), {})\n"
    source = code.format("+a.view(-1, 1)")
    module = read(source)
    assert module is not None
    (value,) = [node for node in ast.walk(module.tree) if isinstance(node, ast.UnaryOp) and ast.unparse(node)[0] == "+"]
    edit = edits.append(module, value, ".squeeze(1)")
    assert edit is not None
    assert Text(source).apply([(edit.range, edit.text)]) == code.format("(+a.view(-1, 1)).squeeze(1)")
