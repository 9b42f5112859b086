"""One meaning of a value, whichever reader or callable it comes from."""

from __future__ import annotations

import datetime
import json
import math
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from support import errors_of, write_job
from tunesmith.checks.job import check
from tunesmith.data.values import Labels, Refused, image, is_empty, label_name, meaning, messages, number, text
from tunesmith.tasks.parts.number_cells import spread
from tunesmith.tasks.parts.scales import scale_of


class Kind(str, Enum):
    GOOD = "good"


ONES = [
    1,
    1.0,
    "1",
    np.int8(1),
    np.int64(1),
    np.uint16(1),
    np.float16(1),
    np.float32(1),
    np.float64(1),
    np.array(1),
    torch.tensor(1),
    torch.tensor(1.0),
    torch.tensor(1.0, dtype=torch.bfloat16),
    torch.tensor(1, dtype=torch.uint8),
    Decimal("1"),
    Decimal("1.00"),
    b"1",
    np.str_("1"),
    np.bytes_(b"1"),
]
MISSING = [None, float("nan"), np.nan, np.float32("nan"), torch.tensor(float("nan")), pd.NA, pd.NaT, Decimal("nan")]
MISSING += [np.datetime64("NaT")]


@pytest.mark.parametrize("value", ONES, ids=lambda value: f"{type(value).__module__}.{type(value).__name__}")
def test_one_is_one_label_whatever_its_type(value: Any) -> None:
    assert label_name(Labels()(value)) == "1"


@pytest.mark.parametrize("value", MISSING, ids=repr)
@pytest.mark.parametrize("holds", ["text", "label", "number"])
def test_what_is_missing_is_empty_whatever_its_type(value: Any, holds: str) -> None:
    assert is_empty(meaning(holds)(value))


@pytest.mark.parametrize("value", [None, float("nan"), pd.NA, pd.NaT], ids=repr)
@pytest.mark.parametrize("holds", ["messages", "image"])
def test_a_missing_conversation_or_image_is_empty(value: Any, holds: str) -> None:
    assert is_empty(meaning(holds)(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (0.0, "0.0"),
        (False, "False"),
        ("", ""),
        ("0", "0"),
        (np.float32(0.1), "0.1"),
        (np.float16(0.1), "0.1"),
        (torch.tensor(0.1), "0.1"),
        (0.1, "0.1"),
        (np.True_, "True"),
        (b"good film", "good film"),
        (bytearray("gut – ja", "utf-8"), "gut – ja"),
        (Kind.GOOD, "good"),
        (Decimal("2.50"), "2.5"),
        (datetime.date(2026, 11, 30), "2026-11-30"),
        (pd.Timestamp("2026-11-30 10:00"), "2026-11-30 10:00:00"),
        (np.datetime64("2026-11-30T10:00:00.000000000"), "2026-11-30T10:00:00.000000000"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (type("Key", (UUID,), {})(int=1), "00000000-0000-0000-0000-000000000001"),
        (Path("a/b"), "a/b"),
    ],
    ids=repr,
)
def test_a_cell_as_text(value: Any, expected: str) -> None:
    assert text(value) == expected
    assert type(text(value)) is str


@pytest.mark.parametrize(
    ("value", "phrase"),
    [
        (["good"], "is a list, not a text"),
        (("good",), "is a list, not a text"),
        ({"a": 1}, "is a mapping, not a text"),
        ({"good"}, "is a set, not a text"),
        (np.array(["a"]), "is an array of shape (1,), not a text"),
        (torch.ones(2, 3), "is an array of shape (2, 3), not a text"),
        (object(), "is an object, not a text"),
        (b"\xb1\xa8", "holds bytes that are no UTF-8 text (0xB1)"),
    ],
)
def test_what_is_no_text_is_refused_with_what_it_is(value: Any, phrase: str) -> None:
    with pytest.raises(Refused) as caught:
        text(value)
    assert str(caught.value) == phrase


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_value(value: float) -> None:
    assert number(value) == value
    assert text(value) == str(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_of_numpy_keep_their_value(value: float) -> None:
    assert number(np.float64(value)) == value
    assert float(text(np.float64(value)) or "") == value


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_float32_is_exact_as_a_number_and_short_as_a_label(value: float) -> None:
    found = np.float32(value)
    assert number(found) == float(found)
    if not float(found).is_integer():
        assert label_name(Labels()(found)) == str(float(str(found)))


def test_several_labels_come_as_a_list_from_every_container() -> None:
    for value in (["b", "a"], ("b", "a"), np.array(["b", "a"]), pd.Series(["b", "a"])):
        assert Labels()(value) == ["b", "a"]
    assert Labels()({"b", "a"}) == ["a", "b"]
    assert Labels()(torch.tensor([1, 0])) == Labels()(np.array([1.0, 0.0])) == [1, 0]


def test_truth_values_among_numbers_are_refused_as_labels() -> None:
    meets = Labels()
    assert [label_name(meets(value)) for value in (True, np.False_, torch.tensor(True))] == ["True", "False", "True"]
    with pytest.raises(Refused, match="is 1 where rows before it hold truth values"):
        meets(1)
    mixed = Labels()
    mixed(0)
    with pytest.raises(Refused, match="is True where rows before it hold numbers"):
        mixed(True)


def test_images_of_the_datasets_library_are_their_bytes_or_their_path() -> None:
    assert image({"bytes": b"x", "path": "a.png"}) == b"x"
    assert image({"bytes": None, "path": "a.png"}) == "a.png"
    assert image(Path("a.png")) == "a.png"
    assert image({"bytes": None, "path": None}) is None
    picture = Image.new("RGB", (2, 3))
    assert image(picture) is picture
    with pytest.raises(Refused, match="mapping without bytes or path"):
        image({"url": "https://example.org"})


def test_channels_of_torch_come_first_and_those_of_numpy_last() -> None:
    pixels = np.arange(2 * 5 * 3, dtype=np.uint8).reshape(2, 5, 3)
    assert np.array_equal(image(torch.from_numpy(pixels).permute(2, 0, 1)), pixels)
    assert np.array_equal(image(pixels), pixels)
    assert image(torch.zeros(1, 28, 28)).shape == (28, 28, 1)


def test_messages_of_arrays_are_lists() -> None:
    cell = np.array([{"role": "user", "content": "hi", "tags": np.array(["a"])}], dtype=object)
    assert messages(cell) == [{"role": "user", "content": "hi", "tags": ["a"]}]
    assert messages('[{"role": "user"}]') == '[{"role": "user"}]'


def checked(folder: Path, task: str, data: str) -> dict[str, Any]:
    return check(write_job(folder, f"{data}, validation: 20%", task=task))


def test_the_number_zero_is_an_answer_and_false_and_lists_are_what_they_are(tmp_path: Path) -> None:
    from tunesmith.catalog import Catalog
    from tunesmith.data.load import load_data
    from tunesmith.job.load import load_job

    rows = [{"prompt": f"is {number} odd?", "response": answer} for number, answer in enumerate([0, 1, 0.5, False] * 5)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = checked(tmp_path, "causal-lm", "train: a.jsonl")
    assert errors_of(found) == []
    data = load_data(load_job(tmp_path / "a.job.yaml", Catalog()).job, Catalog())
    assert data.validation
    answers = [*data.train.columns["response"], *data.validation.columns["response"]]
    assert sorted(answers) == ["0"] * 5 + ["0.5"] * 5 + ["1"] * 5 + ["False"] * 5


def test_lists_and_bytes_in_a_text_column_are_reported_with_row_and_column(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"body": [b"good film", b"\xff\xfe bad", b"fine"] * 8, "label": ["a", "b", "c"] * 8}),
        tmp_path / "a.parquet",
    )
    found = checked(tmp_path, "text-classification", "train: a.parquet")
    assert {(problem.code, str(problem.place)) for problem in errors_of(found)} == {
        ("data.wrong-value", f"{tmp_path / 'a.parquet'}:{line}") for line in range(2, 25, 3)
    }
    assert "the text (column body) holds bytes that are no UTF-8 text (0xFF)" in found["problems"][0].message
    (tmp_path / "a.jsonl").write_text('{"text": ["a", "b"], "label": 1}\n' + '{"text": "a", "label": 1}\n' * 9)
    problems = checked(tmp_path, "text-classification", "train: a.jsonl")["problems"]
    assert ("data.wrong-value", 1) in {(problem.code, problem.place.line) for problem in problems}


@pytest.mark.parametrize("rows", [3, 7, 30, 1000])
@pytest.mark.parametrize("value", [0.1, 1234.567, 1e8 + 0.1, -7.3e-200])
def test_a_column_of_one_value_is_not_blown_up_by_what_its_mean_rounds_to(value: float, rows: int) -> None:
    assert spread([[value]] * rows) == ([value], [1.0])
    assert scale_of([np.full((2, 2), value)] * rows, "standard") == (value, 1.0)


def test_the_spread_of_numbers_near_the_largest_is_a_number() -> None:
    means, deviations = spread([[1e300, 1e308], [-1e300, 1e308], [3e300, 1e307]])
    assert means == pytest.approx([1e300, 7e307])
    assert deviations == pytest.approx([1e300 * math.sqrt(8 / 3), 1e307 * math.sqrt(18)])


@pytest.mark.parametrize("holds", ["text", "messages", "label"])
def test_half_a_character_is_refused_from_wherever_it_comes(holds: str) -> None:
    for cell in ("a \ud83d b", [{"role": "user", "content": "\udfff"}] if holds == "messages" else "\udc00"):
        with pytest.raises(Refused, match="half of an escaped character"):
            meaning(holds)(cell)
    assert meaning(holds)("a 😀 b") == "a 😀 b"
