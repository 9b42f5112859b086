"""Rows from the project's code, in every form that people hold data in."""

from __future__ import annotations

import sys
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from torch.utils.data import ConcatDataset, DataLoader, Dataset, IterableDataset, Subset, TensorDataset

from support import write_job
from tunesmith.catalog import Catalog
from tunesmith.checks.job import check
from tunesmith.data.limits import USUAL
from tunesmith.data.read_options import ReadOptions
from tunesmith.data.table import open_table
from tunesmith.errors import TunesmithError

TEXTS = ["good film", "bad film", "0", "fine – ja"]
LABELS = [1, 0, 0, 1]
ROWS = [{"text": text, "label": label} for text, label in zip(TEXTS, LABELS, strict=True)]
Pair = namedtuple("Pair", ["text", "label"])


@dataclass
class Review:
    text: str
    label: int


class Indexed(Dataset[Any]):
    """A map-style Dataset as tutorials write it: it has a length, and makes an item for any index."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Any:
        return {"text": TEXTS[index % 4], "label": torch.tensor(LABELS[index % 4])}


class Streamed(IterableDataset[Any]):
    def __iter__(self) -> Iterator[Any]:
        return iter(ROWS)


class Lengthy(IterableDataset[Any]):
    """An iterable without an end that says how long an epoch is."""

    def __len__(self) -> int:
        return 4

    def __iter__(self) -> Iterator[Any]:
        index = 0
        while True:
            yield ROWS[index % 4]
            index += 1


def structured() -> Any:
    found = np.empty(4, dtype=[("text", "U20"), ("label", "i8")])
    found["text"], found["label"] = TEXTS, LABELS
    return found


NAMED = {
    "mappings": lambda: ROWS,
    "generator": lambda: (row for row in ROWS),
    "named tuples": lambda: [Pair(*row.values()) for row in ROWS],
    "dataclasses": lambda: [Review(**row) for row in ROWS],
    "pandas": lambda: pd.DataFrame(ROWS),
    "pandas arrow": lambda: pd.DataFrame(ROWS).convert_dtypes(dtype_backend="pyarrow"),
    "pandas rows": lambda: (row for _, row in pd.DataFrame(ROWS).iterrows()),
    "pandas category": lambda: pd.DataFrame(ROWS).astype({"text": "category"}),
    "polars": lambda: pl.DataFrame(ROWS),
    "polars lazy": lambda: pl.DataFrame(ROWS).lazy(),
    "pyarrow table": lambda: pa.Table.from_pylist(ROWS),
    "pyarrow batch": lambda: pa.RecordBatch.from_pylist(ROWS),
    "pyarrow reader": lambda: pa.Table.from_pylist(ROWS).to_reader(),
    "datasets": lambda: datasets.Dataset.from_list(ROWS),
    "datasets streamed": lambda: datasets.Dataset.from_list(ROWS).to_iterable_dataset(),
    "structured array": structured,
    "record array": lambda: structured().view(np.recarray),
    "columns of lists": lambda: {"text": TEXTS, "label": LABELS},
    "columns of arrays": lambda: {"text": np.array(TEXTS), "label": torch.tensor(LABELS)},
    "columns of series": lambda: {"text": pd.Series(TEXTS), "label": pl.Series(LABELS)},
    "torch dataset": Indexed,
    "torch subset": lambda: Subset(Indexed(), range(4)),
    "torch concat": lambda: ConcatDataset([Subset(Indexed(), [0, 1]), Subset(Indexed(), [2, 3])]),
    "torch iterable": Streamed,
    "torch iterable with length": Lengthy,
    "torch loader": lambda: DataLoader(Indexed(), batch_size=3, shuffle=True),
}
POSITIONS = {
    "tuples": lambda: list(zip(TEXTS, LABELS, strict=True)),
    "lists": lambda: [list(row.values()) for row in ROWS],
    "zip": lambda: zip(TEXTS, LABELS, strict=True),
    "object array": lambda: np.array([[row["text"], row["label"]] for row in ROWS], dtype=object),
    "X and y": lambda: (np.array(TEXTS), np.array(LABELS)),
}


@pytest.fixture
def module() -> Any:
    """A project's module that a test may put a callable into."""
    import types

    made = types.ModuleType("rows_of_a_test")
    sys.modules["rows_of_a_test"] = made
    yield made
    del sys.modules["rows_of_a_test"]


def values(module: Any, made: Any, names: tuple[str, str], **options: Any) -> list[tuple[str, str]]:
    """(text, label) of every row as a job would have them."""
    from tunesmith.data.collect import BadRows, collect

    module.rows = made
    catalog = Catalog()
    given = ReadOptions(**options)
    table = open_table("rows_of_a_test:rows", Path.cwd(), catalog, options=given)
    bad = BadRows(None)
    columns = {"text": (names[0],), "label": (names[1],)}
    rows = collect(table, columns, catalog.tasks["text-classification"].member.columns, bad)
    assert bad.problems == []
    return list(zip(rows.columns["text"], map(str, rows.columns["label"]), strict=True))


EXPECTED = [(text, str(label)) for text, label in zip(TEXTS, LABELS, strict=True)]


@pytest.mark.parametrize("form", NAMED)
def test_rows_with_names(module: Any, form: str) -> None:
    assert values(module, NAMED[form], ("text", "label")) == EXPECTED


@pytest.mark.parametrize("form", POSITIONS)
def test_rows_without_names_are_named_by_position(module: Any, form: str) -> None:
    assert values(module, POSITIONS[form], ("0", "1")) == EXPECTED


INDEXED = {
    "frame": pd.DataFrame(ROWS).set_index("text"),
    "series": pd.Series(LABELS, index=pd.Index(TEXTS, name="text"), name="label"),
    "several levels": pd.DataFrame({**pd.DataFrame(ROWS), "value": 1.5}).set_index(["label", "text"]),
    "a column that is the index too": pd.DataFrame(ROWS).set_index("text", drop=False),
    "numbers": pd.DataFrame({"label": [1, 2, 3]}, index=pd.Index([0.5, None, 2.5], name="text")),
}


@pytest.mark.parametrize("form", INDEXED)
def test_an_index_with_a_name_is_a_column_as_reset_index_makes_it(module: Any, form: str) -> None:
    module.rows = frame = INDEXED[form]
    expected = frame.reset_index(drop=form == "a column that is the index too")
    table = open_table("rows_of_a_test:rows", Path.cwd(), Catalog())
    assert table.header == tuple(expected.columns)
    found = pd.DataFrame([record.values for record in table.records(table.header)])
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_an_index_without_a_name_is_no_column(module: Any) -> None:
    module.rows = pd.DataFrame(ROWS).sample(frac=1.0, random_state=1)
    assert open_table("rows_of_a_test:rows", Path.cwd(), Catalog()).header == ("text", "label")


def test_data_may_stand_in_the_module_itself(module: Any) -> None:
    assert values(module, pd.DataFrame(ROWS), ("text", "label")) == EXPECTED
    assert values(module, Indexed(), ("text", "label")) == EXPECTED


def test_tensors_and_arrays_of_numbers_are_columns_by_position(module: Any) -> None:
    from tunesmith.tasks.parts.number_cells import numbers

    inputs = torch.arange(12, dtype=torch.float32).reshape(4, 3)
    target = torch.tensor([0.5, 1.5, 2.5, 3.5])
    for made in (TensorDataset(inputs, target), (inputs, target), (inputs.numpy(), target.numpy())):
        module.rows = made
        records = list(open_table("rows_of_a_test:rows", Path.cwd(), Catalog()).records(("0", "1")))
        assert [numbers(record.values["0"]) for record in records] == inputs.tolist()
        assert [numbers(record.values["1"]) for record in records] == [[0.5], [1.5], [2.5], [3.5]]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda: None, "it gave a NoneType, not an iterable of mappings"),
        (lambda: "text", "it gave a str, not"),
        (lambda: {"text": TEXTS, "label": [1]}, "different lengths: text 4, label 1"),
        (lambda: {"text": "good", "label": 1}, "whose text is a str, not a column"),
        (
            lambda: {"train": pd.DataFrame(ROWS), "test": pd.DataFrame(ROWS)},
            "several tables (train, test); return one of them",
        ),
        (
            lambda: datasets.DatasetDict(train=datasets.Dataset.from_list(ROWS), test=datasets.Dataset.from_list(ROWS)),
            "several tables (train, test); return one of them",
        ),
        (lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns named a"),
        (lambda: pd.DataFrame({"a": [1, 2]}, index=pd.Index([2, 3], name="a")), "two columns named a"),
        (lambda: object(), "it gave a object, not"),
    ],
)
def test_what_holds_no_rows_is_reported(module: Any, made: Any, told: str) -> None:
    module.rows = made
    with pytest.raises(TunesmithError) as caught:
        open_table("rows_of_a_test:rows", Path.cwd(), Catalog())
    assert caught.value.code == "data.callable-failed"
    assert told in caught.value.problem.message


def endless() -> Iterator[dict[str, Any]]:
    number = 0
    while True:
        yield {"text": "x" * 1000, "label": number % 2}
        number += 1


class Unsized(Dataset[Any]):
    def __getitem__(self, index: int) -> Any:
        return {"text": "x", "label": index % 2}


class Huge(Indexed):
    def __len__(self) -> int:
        return 10**12


@pytest.mark.parametrize(
    ("made", "options", "told"),
    [
        (endless, {"patience_s": 0.2}, "check waited 0.2 seconds for the end"),
        (Unsized, {"patience_s": 0.2}, "check waited 0.2 seconds for the end"),
        (endless, {"limits": replace(USUAL, rows=500)}, "has given 501 rows and does not say"),
        (endless, {"limits": replace(USUAL, values=1 << 20)}, "they take 1 MB"),
        (Huge, {}, "says that it has 1,000,000,000,000 rows"),
    ],
)
def test_what_does_not_end_is_bounded(module: Any, made: Any, options: Any, told: str) -> None:
    with pytest.raises(TunesmithError) as caught:
        values(module, made, ("text", "label"), **options)
    assert caught.value.code == "data.endless"
    assert told in caught.value.problem.message
    assert "__len__" in caught.value.problem.hint or "limits: high" in caught.value.problem.hint


def test_check_counts_a_dataset_by_its_length(tmp_path: Path) -> None:
    (tmp_path / "made_by_index.py").write_text(
        "import numpy as np, torch\n"
        "class Made(torch.utils.data.Dataset):\n"
        "    def __len__(self): return 40\n"
        "    def __getitem__(self, i):\n"
        "        return {'image': np.full((4, 4, 3), i, np.uint8), 'label': i % 2}\n"
        "made = Made()\n"
        "def net(outputs): return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, outputs))\n"
    )
    data = "train: 'made_by_index:made', validation: 20%"
    job = write_job(tmp_path, data, task="image-classification", model="made_by_index:net")
    assert check(job)["rows"] == {"train": 32, "validation": 8, "test": None}


def test_the_hint_for_rows_without_names_says_how_to_ask_for_a_column(tmp_path: Path) -> None:
    rows = "rows = [(f'{word} {n}', label) for n in range(10) for word, label in (('good', 'a'), ('bad', 'b'))]\n"
    (tmp_path / "made_of_tuples.py").write_text(rows)
    problems = check(write_job(tmp_path, "train: 'made_of_tuples:rows'"))["problems"]
    assert [problem.code for problem in problems] == ["data.no-column"] * 2
    assert 'a column is named by its position, such as "0"' in problems[0].hint
    job = write_job(tmp_path, "train: 'made_of_tuples:rows', text: '0', label: '1', validation: 20%")
    assert check(job)["rows"] == {"train": 16, "validation": 4, "test": None}
