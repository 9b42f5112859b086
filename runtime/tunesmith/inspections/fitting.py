"""What is fitted to data before a model is: scalers, vectorizers, selectors, tokenizers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.module import Module

METHODS = ("fit", "fit_transform", "fit_on_texts", "adapt")
# What learns nothing from the rows, or only the names of the labels.
HARMLESS = frozenset(
    {
        *("LabelEncoder", "LabelBinarizer", "MultiLabelBinarizer", "OneHotEncoder", "OrdinalEncoder", "Normalizer"),
        *("Binarizer", "FunctionTransformer", "HashingVectorizer", "FeatureHasher", "PolynomialFeatures"),
    }
)
PACKAGES = (
    *("sklearn.preprocessing", "sklearn.feature_extraction", "sklearn.decomposition", "sklearn.impute"),
    *("sklearn.feature_selection", "sklearn.random_projection", "keras.preprocessing.text"),
    *("tensorflow.keras.preprocessing.text", "keras.layers", "tensorflow.keras.layers"),
)


def fits(module: Module) -> Iterator[tuple[ast.Call, ast.expr, ast.expr]]:
    """(call, what is fitted, the data) of transformers that learn from the rows."""
    for method in METHODS:
        for call in module.methods.get(method, []):
            if isinstance(call.func, ast.Attribute) and call.args and learns(module, call.func.value):
                yield call, call.func.value, call.args[0]


def learns(module: Module, node: ast.expr) -> bool:
    """Whether an object is a known transformer that takes something over from the rows."""
    kind = module.kind(node)
    return kind.startswith(PACKAGES) and kind.rpartition(".")[2] not in HARMLESS
