"""Whatever text comes in, an inspection answers: findings inside the text, or nothing."""

from __future__ import annotations

import ast
import copy
import importlib.util
import random
import sys
import sysconfig
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tunesmith.catalog import Catalog
from tunesmith.inspections.engine import examine, inspect, read
from tunesmith.inspections.fixing import apply, fix_all
from tunesmith.inspections.text import Text

EXAMPLES = [mistake.code for entry in Catalog().inspections.values() for mistake in entry.member.bad]
EXAMPLES += [code for entry in Catalog().inspections.values() for code in entry.member.good]
TOKENS = [
    "(",
    ")",
    "[",
    "]",
    ":",
    "\n",
    "    ",
    "=",
    ",",
    ".",
    "*",
    "**",
    "lambda x: ",
    "for _ in y: ",
    "await ",
    "f'{",
    "'",
]
TOKENS += [
    "loss",
    "model",
    "self",
    "optimizer.step()\n",
    "if x:\n",
    "\\\n",
    "\t",
    "\x00",
    "é",
    "\ufeff",
    ":= ",
    "del ",
    "@",
]


def check(source: str) -> None:
    """All findings lie in the text; all fixes leave Python behind."""
    lines = Text(source).lines
    for each in inspect(source):
        assert each.range.start <= each.range.end
        for place in (each.range.start, each.range.end):
            assert 0 <= place.line < len(lines)
            assert 0 <= place.column <= len(lines[place.line])
        for fix in each.fixes:
            assert read(apply(source, fix)) is not None, (source, fix)


@given(st.sampled_from(EXAMPLES), st.integers(0, 2**32))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_text_that_is_torn_and_sewn_up_never_raises(source, seed):
    chance = random.Random(seed)
    text = source
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text) + 1)
        until = min(len(text), at + chance.choice([0, 0, 1, 3, 20]))
        text = text[:at] + chance.choice([*TOKENS, ""]) + text[until:]
    check(text)


def is_read(node: object) -> bool:
    return isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))


@given(st.sampled_from(EXAMPLES), st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_trees_whose_parts_change_places_never_raise(source, seed):
    """Always Python, never sensible: expressions and statements are exchanged at random."""
    chance = random.Random(seed)
    tree = ast.parse(source)
    expressions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and type(getattr(node, "ctx", None)) in (type(None), ast.Load)
    ]
    for _ in range(chance.randint(1, 5)):
        parent = chance.choice(list(ast.walk(tree)))
        for name, value in ast.iter_fields(parent):
            if is_read(value):
                setattr(parent, name, copy.deepcopy(chance.choice(expressions)))
            elif isinstance(value, list) and len(value) > 1 and all(isinstance(each, ast.stmt) for each in value):
                chance.shuffle(value)
    try:
        text = ast.unparse(tree)
    except (RecursionError, ValueError, AttributeError):
        return
    if read(text) is not None:
        check(text)


def test_calls_may_be_given_any_arguments():
    """Each call of the examples without arguments, with all of them by name, with stars, and with one that is new."""
    for source in EXAMPLES:
        for number, original in enumerate(calls_of(ast.parse(source))):
            names = [f"a{place}" for place in range(len(original.args))]
            named = [ast.keyword(name, value) for name, value in zip(names, original.args, strict=True)]
            star = ast.Starred(ast.Name("given", ast.Load()), ast.Load())
            forms = [
                ([], []),
                ([], [*named, *original.keywords]),
                ([star, *original.args], [ast.keyword(None, ast.Name("more", ast.Load()))]),
                ([], [ast.keyword("device", ast.Constant(None))]),
            ]
            for arguments, keywords in forms:
                tree = ast.parse(source)
                call = calls_of(tree)[number]
                call.args, call.keywords = copy.deepcopy((arguments, keywords))
                check(ast.unparse(ast.fix_missing_locations(tree)))


def calls_of(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def real_sources() -> list[str]:
    """Files of 100 to 400 lines that others wrote: of the standard library, torch, transformers and scikit-learn."""
    places = [Path(sysconfig.get_path("stdlib"))]
    for name in ("torch", "transformers", "sklearn"):
        found = importlib.util.find_spec(name)
        places += [Path(each) for each in (found.submodule_search_locations or [])] if found else []
    chance = random.Random(0)
    sources = []
    for place in places:
        files = sorted(each for each in place.glob("[!_t]*/**/*.py") if 3_000 < each.stat().st_size < 16_000)
        sources += [each.read_text(encoding="utf-8") for each in chance.sample(files, min(8, len(files)))]
    return sources


def test_real_files_with_parts_exchanged_raise_in_no_rule():
    chance = random.Random(0)
    for source in real_sources():
        tree = ast.parse(source)
        values = [node for node in ast.walk(tree) if is_read(node)]
        targets = [(each, name) for each in ast.walk(tree) for name, value in ast.iter_fields(each) if is_read(value)]
        examples = [node for code in chance.sample(EXAMPLES, 8) for node in ast.walk(ast.parse(code)) if is_read(node)]
        for parent, name in chance.sample(targets, min(40, len(targets))):
            setattr(parent, name, copy.deepcopy(chance.choice([*values, *examples])))
        try:
            text = "import torch\n" + ast.unparse(tree)
        except (RecursionError, ValueError, AttributeError):
            continue
        module = read(text)
        if module is not None:
            assert examine(module).failures == []


@given(st.text())
@example("torch\r\n\x0c\n")
@settings(max_examples=200, deadline=None)
def test_any_text_is_answered(text):
    check("import torch\n" + text)


def test_prefixes_of_code_that_is_being_typed_never_raise():
    for source in EXAMPLES:
        for end in range(0, len(source), 7):
            check(source[:end])


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nx = " + "(" * 5000 + ")" * 5000,
        "import torch\nx = " + "+".join(["1"] * 3000),
        "import torch\nx = a" + ".b" * 3000,
        "import torch\nx = f" + "(1)" * 900,
        "import torch\n" + "if x:\n".join("    " * depth for depth in range(90)) + "    " * 90 + "pass\n",
        "import torch\nx = 'torch" + "é" * 100_000 + "'\n",
        "import torch\nloss = " + " + ".join(["loss"] * 900) + "\nloss.data.item(" + ".data" * 9 + ")\nloss.backward()",
        "import torch\nloss = " + " + ".join(["loss"] * 900) + "\nx = loss.data\nfor y in x:\n    loss.backward()\n",
        "import torch\nfor epoch in range(50):\n    loss = torch.nn.functional.mse_loss(model(float(x)), float(y))\n"
        "    loss.backward()\n    optimizer.step()\n",
        "import torch\ndef train():\n    global x\n    x = x.to(device)\n    for epoch in range(50):\n"
        "        loss = torch.nn.functional.mse_loss(model(x), x)\n        loss.backward()\n        optimizer.step()\n",
        "import torch\nx\x00y",
        "import torch\n# -*- coding: nonsense -*-\n",
    ],
    ids=[
        "parentheses",
        "sum",
        "attributes",
        "calls",
        "ifs",
        "long",
        "typo",
        "deep",
        "float",
        "itself",
        "null",
        "coding",
    ],
)
def test_extreme_text_is_answered(source):
    check(source)


NEW_SYNTAX = {
    (3, 10): """\
import torch
match command:
    case {"loss": loss, **rest} if rest:
        loss.backward()
    case [first, *others] | (first, others):
        state = torch.load(first, weights_only=False)
with (open("a") as one, open("b") as two):
    pass
""",
    (3, 11): """\
import torch
try:
    pass
except* ValueError as group:
    print(group)
else:
    state = torch.load(path, weights_only=False)
""",
    (3, 12): """\
import torch
type Pair[T] = tuple[T, T]
class Box[T: int]:
    def get[S](self, x: S) -> S:
        return torch.load(f"{x!r:>{len(f"{x}")}}", weights_only=False)
""",
    (3, 13): """\
import torch
class Box[T = int]:
    state = torch.load(path, weights_only=False)
""",
}


@pytest.mark.parametrize("version", NEW_SYNTAX, ids=str)
def test_syntax_of_each_python_is_walked_through(version):
    found = [each.code for each in inspect(NEW_SYNTAX[version])]
    assert found == (["TS601"] if sys.version_info >= version else [])


def test_columns_are_characters_not_bytes():
    (found,) = inspect("import torch\nname = 'äöü€'; state = torch.load(name, weights_only=False)\n")
    assert (found.range.start.column, found.range.end.column) == (23, 59)


@pytest.mark.parametrize("source", EXAMPLES)
def test_mending_all_ends_and_leaves_nothing_safe_to_mend(source):
    after, count = fix_all(source)
    again, more = fix_all(after)
    assert (again, more) == (after, 0)
    assert (count > 0) == (after != source)
