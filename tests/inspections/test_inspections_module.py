"""What the rules can ask of a file: which value a name holds, and what kind of object it is."""

from __future__ import annotations

import ast

import pytest

from tunesmith.inspections.engine import read
from tunesmith.inspections.module import Module
from tunesmith.inspections.suppress import silences
from tunesmith.inspections.text import Text
from tunesmith.server.editor.carried_findings import moved

IMPORTS = """\
import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.nn import functional, Linear as Dense
from torch.optim.lr_scheduler import StepLR
from torch.utils.data.dataloader import DataLoader
"""


def looked_at(code: str) -> tuple[Module, ast.expr]:
    """The file, and the argument of its call of `look`."""
    module = read(IMPORTS + code)
    assert module is not None
    (call,) = [each for each in module.calls if isinstance(each.func, ast.Name) and each.func.id == "look"]
    return module, call.args[0]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("x = 1\nlook(x)", "1"),
        ("x = 1\nx = 2\nlook(x)", "2"),
        ("x = 1\ny = x\nlook(y)", "1"),
        ("x = 1\nif a:\n    x = 2\nlook(x)", None),
        ("x = 1\nif a:\n    x = 2\n    look(x)", "2"),
        ("x = 1\nif a:\n    look(x)\n    x = 2", "1"),
        ("x = 1\nfor a in b:\n    look(x)\n    x = 2", None),
        ("for a in b:\n    x = 2\n    look(x)", "2"),
        ("x = 1\nwhile a:\n    look(x)", "1"),
        ("x = 1\nwith a as b:\n    x = 2\nlook(x)", "2"),
        ("with a as x:\n    look(x)", None),
        ("x = 1\ntry:\n    x = 2\nexcept E:\n    look(x)", None),
        ("x = 1\ndef f():\n    look(x)", "1"),
        ("x = 1\ndef f():\n    look(x)\nx = 2", None),
        ("x = 1\ndef f(x):\n    look(x)", None),
        ("x = 1\ndef f():\n    global x\n    x = 2\nlook(x)", None),
        ("x = 1\n[x for x in a]\nlook(x)", "1"),
        ("x = 1\nx += 1\nlook(x)", None),
        ("x, y = 1, 2\nlook(x)", "1"),
        ("if (x := 3):\n    look(x)", "3"),
        ("x = 1\nmatch a:\n    case x:\n        look(x)", None),
        ("x = 1\nmatch a:\n    case 2:\n        look(x)", "1"),
        ("class C:\n    x = 1\n    def f(self):\n        look(x)", None),
    ],
)
def test_a_name_has_the_value_that_straight_code_leaves_in_it(code, value):
    module, node = looked_at(code)
    found = module.value(node)
    assert (None if isinstance(found, ast.Name) else ast.unparse(found)) == value


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ("look(optim.Adam(p))", "optimizer"),
        ("o = torch.optim.adamw.AdamW(p)\nlook(o)", "optimizer"),
        ("def f(o: torch.optim.Optimizer):\n    look(o)", "optimizer"),
        ("def f(o: torch.optim.Optimizer | None):\n    look(o)", "optimizer"),
        ("look(StepLR(o, 1))", "scheduler"),
        ("look(DataLoader(d))", "loader"),
        ("look(nn.CrossEntropyLoss())", "loss"),
        ("look(nn.CrossEntropyLoss()(a, b))", "tensor"),
        ("look(torch.nn.modules.loss.MSELoss())", "loss"),
        ("look(Dense(1, 2))", "module"),
        ("look(Dense(1, 2)(x))", "tensor"),
        ("m = nn.Linear(1, 2)\nm = m.to(d)\nlook(m)", "module"),
        ("m = nn.Linear(1, 2)\nm = torch.compile(m)\nlook(m)", "module"),
        ("look(F.relu(x))", "tensor"),
        ("look(functional.relu(x) + 1)", "tensor"),
        ("look(torch.zeros(3).view(1, 3))", "tensor"),
        ("class Net(nn.Module): ...\nlook(Net())", "module"),
        ("class Base(nn.Module): ...\nclass Net(Base): ...\nlook(Net())", "module"),
        ("class Other: ...\nlook(Other())", ""),
        (
            "class T:\n    def __init__(self):\n        self.o = optim.SGD(p)\n    def f(self):\n        look(self.o)",
            "optimizer",
        ),
        ("class T:\n    def f(self):\n        look(self.o)", ""),
        ("torch = 1\nlook(torch.zeros(1))", ""),
        ("try:\n    import torch\nexcept ImportError:\n    torch = None\nlook(torch.zeros(1))", "tensor"),
        ("def f(torch):\n    look(torch.zeros(1))", ""),
        ("x = x\nlook(x)", ""),
    ],
)
def test_kind_of_an_object_is_followed_through_imports_and_assignments(code, role):
    module, node = looked_at(code)
    assert module.role(node) == role


@pytest.mark.parametrize(
    ("line", "silent"),
    [
        ("x = 1  # tunesmith: ignore", True),
        ("x = 1  # tunesmith: ignore[TS101]", True),
        ("x = 1  # tunesmith: ignore[TS102, ts101]", True),
        ("x = 1  # tunesmith: ignore[gradients-never-cleared]", True),
        ("x = 1  # tunesmith: ignore[TS102]", False),
        ("x = 1  # noqa", True),
        ("x = 1  # noqa: E501,TS101", True),
        ("x = 1  # NOQA:TS101 because", True),
        ("x = 1  # noqa: E501", False),
        ("x = 1  # noqa: E501  # tunesmith: ignore[TS101]", True),
        ("x = 1  # ignore", False),
    ],
)
def test_comments_silence_what_they_name(line, silent):
    assert silences(line, "TS101", "gradients-never-cleared") is silent


def test_findings_move_with_their_lines():
    from tunesmith.inspections.engine import inspect

    bad = "import torch\na = 1\ntorch.load('a', weights_only=False)\nb = 2\ntorch.load('b', weights_only=False)\n"
    found = inspect(bad)
    assert [each.range.start.line for each in found] == [2, 4]
    after = bad.replace("b = 2\n", "b = (\n\n\n")
    assert [each.range.start.line for each in moved(found, bad, after)] == [2, 6]
    assert [each.range.start.line for each in moved(found, bad, bad.replace("'a'", "'a"))] == [4]
    assert [each.fixes for each in moved(found, bad, after)] == [(), ()]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_text_keeps_its_line_endings(newline):
    source = newline.join(["a = 'ü'", "b = 2", ""])
    text = Text(source)
    assert text.lines == ["a = 'ü'", "b = 2"]
    node = ast.parse("x = 1\nb = 2").body[1]
    assert text.of(node) == "b = 2"
    assert text.apply([(text.range(node), "c = 3")]) == newline.join(["a = 'ü'", "c = 3", ""])
