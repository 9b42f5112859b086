"""A scaler, vectorizer or tokenizer that was fitted to all rows before some were put aside."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.fitting import fits
from tunesmith.inspections.loaders import part_of
from tunesmith.inspections.module import Module, arguments, begin, last_name, same
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="fitted-before-split",
    code="TS403",
    severity="warning",
    help="What prepares the data was fitted to all rows before the split, so it has seen the test rows.",
    explanation="""\
A scaler learns the mean, a vectorizer the words and their frequency, a selector which columns tell the label. Fitted to
all rows they carry what they saw of the test rows into training: the test score is too good, and with a selector it may
be good where there is nothing to learn at all.

Split first, fit to the training part, and only `transform` the rest; or put both into a `Pipeline`.""",
    bad=(
        Mistake(
            code="""\
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

def prepare(X, y):
    scaler = StandardScaler()
    X = scaler.fit_transform(X)  # TS403
    return train_test_split(X, y, test_size=0.2, random_state=0)
""",
        ),
        Mistake(
            code="""\
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split

vectorizer = TfidfVectorizer()
vectorizer.fit(texts)  # TS403
train_texts, test_texts = train_test_split(texts, random_state=0)
""",
        ),
        Mistake(
            code="""\
from sklearn.preprocessing import MinMaxScaler

def prepare(prices):
    scaled = MinMaxScaler().fit_transform(prices)  # TS403
    size = int(len(scaled) * 0.8)
    train_data, test_data = scaled[:size], scaled[size:]
    return train_data, test_data
""",
        ),
        Mistake(
            code="""\
import torch
from sklearn.preprocessing import StandardScaler
from torch.utils.data import TensorDataset, random_split

def load(X, y):
    X = StandardScaler().fit_transform(X)  # TS403
    data = TensorDataset(torch.tensor(X), torch.tensor(y))
    return random_split(data, [0.8, 0.2])
""",
        ),
    ),
    good=(
        """\
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder, StandardScaler

def prepare(X, labels):
    y = LabelEncoder().fit_transform(labels)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    scaler = StandardScaler().fit(X_train)
    return scaler.transform(X_train), scaler.transform(X_test), y_train, y_test
""",
        """\
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

def other(X, Z, y):
    Z = StandardScaler().fit_transform(Z)
    return train_test_split(X, y, random_state=0), Z
""",
    ),
)


ROWS, PARTS = "sklearn.model_selection.train_test_split", "torch.utils.data.random_split"


def check(module: Module) -> Iterator[Hit]:
    """Fits to data that the same function later splits, or whose result it splits: by `train_test_split`, by
    `random_split` of a data set made of it, or by two slices of which one is called the training or the test part."""
    splits: list[tuple[ast.expr, list[ast.expr]]] = [(each, list(each.args)) for each in module.calls_of(ROWS)]
    for split in module.calls_of(PARTS):
        splits += [(split, list(_names(module, data))) for data in split.args[:1]]
    splits += [(first, [first.value]) for first in _slices(module)]
    for call, fitted, data in fits(module) if splits else ():
        for at, parts in splits:
            later = begin(call) < begin(at)
            if not later or module.function(at) is not module.function(call):
                continue
            if any(_same_rows(module, each, call, data) for each in parts):
                kind = module.kind(fitted).rpartition(".")[2]
                yield Hit(
                    node=call,
                    message=f"this {kind} learns from all rows, of which line {at.lineno} then puts some aside",
                )
                break


def _names(module: Module, node: ast.expr, depth: int = 0) -> Iterator[ast.Name]:
    """The names that a data set is made of: `X` of `TensorDataset(torch.tensor(X))`."""
    value = module.value(node) if depth == 0 else node
    if isinstance(node, ast.Name) and depth:
        yield node
        value = module.value(node)
    if isinstance(value, ast.Call) and depth < 4:
        for each in arguments(value):
            yield from _names(module, each, depth + 1)


def _slices(module: Module) -> Iterator[ast.Subscript]:
    """`X[:n]` of a pair `train = X[:n]` and `test = X[n:]`."""
    cut = [(target, value) for target, value in _assigned(module) if isinstance(value, ast.Subscript)]
    for target, first in cut:
        upper = _bound(first, "upper")
        if upper is None or part_of(last_name(target)) != "train":
            continue
        for other, rest in cut:
            lower = _bound(rest, "lower")
            whole = lower is not None and same(lower, upper) and same(rest.value, first.value)
            if whole and part_of(last_name(other)) == "test":
                yield first
                break


def _assigned(module: Module) -> Iterator[tuple[ast.expr, ast.expr]]:
    """(target, value) of plain assignments, and of each pair in `a, b = x, y`."""
    for node in module.assignments:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            yield from zip(target.elts, value.elts, strict=True)
        else:
            yield target, value


def _bound(node: ast.Subscript, side: str) -> ast.expr | None:
    """`n` of `X[:n]` (upper) or of `X[n:]` (lower), rows only."""
    rows = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
    found: ast.expr | None = getattr(rows, side) if isinstance(rows, ast.Slice) else None
    return found


def _same_rows(module: Module, split: ast.expr, call: ast.Call, data: ast.expr) -> bool:
    """Whether what is split is what was fitted to, or what that fit gave."""
    if not isinstance(split, ast.Name):
        return False
    value = module.value(split)
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "toarray":
        value = value.func.value
    if value is call:
        return True
    held, fitted = module.binding(split), module.binding(data)
    return isinstance(data, ast.Name) and data.id == split.id and held is fitted
