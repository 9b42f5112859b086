"""A scaler, vectorizer or tokenizer that was fitted to all rows before some were put aside."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.fitting import fits
from tunesmith.inspections.module import Module
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


def check(module: Module) -> Iterator[Hit]:
    """Fits to data that a later `train_test_split` of the same function splits, or whose result it splits."""
    splits = module.calls_of("sklearn.model_selection.train_test_split")
    for call, fitted, data in fits(module) if splits else ():
        for split in splits:
            later = (call.lineno, call.col_offset) < (split.lineno, split.col_offset)
            if not later or module.function(split) is not module.function(call):
                continue
            if any(_same_rows(module, each, call, data) for each in split.args):
                kind = module.kind(fitted).rpartition(".")[2]
                yield Hit(
                    node=call,
                    message=f"this {kind} learns from all rows, of which line {split.lineno} then puts some aside",
                )
                break


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
