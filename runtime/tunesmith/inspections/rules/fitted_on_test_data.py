"""A scaler or vectorizer that is fitted anew to the test rows."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.fitting import fits
from tunesmith.inspections.loaders import part_of
from tunesmith.inspections.module import Module, last_name, same
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="fitted-on-test-data",
    code="TS404",
    severity="warning",
    help="What prepares the data is fitted a second time, to the test rows.",
    explanation="""\
The model has learned from rows that were scaled with the training part's mean and spread. `fit_transform` on the test
rows scales these by their own: the same value means something else there, and a vectorizer even numbers the words anew.
Scores on the test rows then tell nothing.

Call `transform` on everything but the training rows.""",
    bad=(
        Mistake(
            code="""\
from sklearn.preprocessing import StandardScaler

def prepare(X_train, X_test):
    scaler = StandardScaler()
    X_train = scaler.fit_transform(X_train)
    X_test = scaler.fit_transform(X_test)  # TS404
    return X_train, X_test
""",
            fixed="""\
from sklearn.preprocessing import StandardScaler

def prepare(X_train, X_test):
    scaler = StandardScaler()
    X_train = scaler.fit_transform(X_train)
    X_test = scaler.transform(X_test)
    return X_train, X_test
""",
        ),
    ),
    good=(
        """\
from sklearn.preprocessing import StandardScaler

def prepare(X_train, X_test, other_test):
    scaler = StandardScaler()
    X_train = scaler.fit_transform(X_train)
    X_test = scaler.transform(X_test)
    other = StandardScaler().fit_transform(other_test)
    return X_train, X_test, other
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """`fit_transform` on what is called test data, by an object that was fitted to training data before."""
    found = list(fits(module))
    for call, fitted, data in found:
        if part_of(last_name(data)) != "test" or not isinstance(call.func, ast.Attribute):
            continue
        earlier = [
            other
            for other, same_one, rows in found
            if same(same_one, fitted) and part_of(last_name(rows)) == "train" and other.lineno < call.lineno
        ]
        if earlier and isinstance(fitted, (ast.Name, ast.Attribute)):
            alone = call.func.attr == "fit_transform" and len(call.args) == 1 and not call.keywords
            change = edits.replace_attribute(module, call.func, "transform") if alone else None
            yield Hit(
                node=call,
                message=f"`{module.text.of(fitted)}` forgets the training rows here and learns from the test rows",
                fixes=edits.fix("Use `transform`", change),
            )
