"""The quick reader of plain jobs says exactly what the YAML library says, places included."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor_texts import BROKEN, JOBS, written
from tunesmith.job.document import read_document
from tunesmith.job.plain import read_plain

FILE = Path("x.job.yaml")
JOB = """\
# a job
task: text-classification   # what

model: all-MiniLM-L6-v2
data:
  # the rows
  train: data/a-b.csv
  text: [first, 'second one', "third"]
  label: 2026-01-31
  validation: 10%
method: {lora: {rank: 8, alpha: 1.6e1, target_modules: []}}
training:
    optimizer:
        adamw: {weight_decay: 0.01}
    learning_rate: 2e-4
    loss: shop.losses:own
    compile: true
    ema: null
  # the end
list:
  - a
  - 7
  - {b: no}
seed: 0x1F
url: http://x.y/#z
"""
PIECES = [
    *(
        "task",
        "data",
        "a.b",
        "train",
        "x y",
        "1",
        "1e-3",
        "0o7",
        "1_000",
        ".5",
        "-5",
        "- 1",
        "10%",
        "true",
        "No",
        "null",
    ),
    *("~", "''", "'a b'", '"c"', "p.m:f", "2026-01-31", "é漢😀", "{", "}", "[", "]", ", ", ",", ": ", ":", "#", " # c"),
    *("=", "<<", "{a: 1}", "[1, b]", "\n", "\n", "\n  ", "\n    ", "\n- ", "\n  - ", " "),
]
SCALARS = [
    *("true", "tRue", "TRUE", "yes", "No", "on", "y", "null", "NULL", "nULL", "nan", "inf", ".nan", "-.inf", ".INF"),
    *("0", "-0", "+1", "007", "08", "1e5", "1E+5", "5e-5", "1.", ".5", "-.5", "1.5e3", "1_000", "1e", "0x1F", "0b1"),
    *("0o7", "1:30", "1:30:00.5", "2026-11-30", "2026-11-30 14:05:00", "10%", "200 steps", "-", "--", "-a", "1.2.3"),
    *("9" * 25, "1e400", "~", "~/data", "./data", "=", "e5", "f", "\u0664", "\uff11"),
]


def read(text):
    return read_plain(text, FILE)


def same(one, other):
    """Equal, where NaN equals NaN and 1 does not equal True."""
    return repr(one) == repr(other)


def test_a_usual_job_is_read_quickly_and_alike():
    assert read(JOB) is not None
    assert same(read(JOB), read_document(JOB, FILE))


@pytest.mark.parametrize(
    "text",
    ["", "a: 1\na: 2", "a:\n", "a: |\n  x\n", "a: b\n  c\n", "a: &x 1", "a: {b: 1", "a: [1\n]", "\ta: 1", "a: b: c"],
)
def test_what_is_not_plain_is_left_to_the_library(text):
    assert read(text) is None


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | BROKEN)
def test_any_text_is_read_alike(text):
    found = read(text)
    assert found is None or same(found, read_document(text, FILE))


@settings(max_examples=150, deadline=None)
@given(JOBS, st.booleans(), st.sampled_from([80, 4096]), st.sampled_from([2, 4]))
def test_any_layout_is_read_alike(job, flow, width, indent):
    text = written(job, flow=flow, width=width, indent=indent)
    found = read(text)
    assert found is None or same(found, read_document(text, FILE))


KEYS = st.sampled_from(["a", "b_c", "d-e", "f.g", "h"])
WORDS = st.sampled_from(
    ["1", "-1", "x", "x y", "1e3", "a:b", "'q'", '"q"', "{}", "[]", "{a: 1, b: x y}", "[1, 'b', {c: 2}]"]
)
LINES = st.lists(
    st.tuples(st.sampled_from([0, 2, 4]), KEYS, WORDS | st.just(""), st.sampled_from(["", "  # c", " "])), max_size=8
)


@settings(max_examples=300, deadline=None)
@given(LINES)
def test_lines_of_keys_are_read_alike(lines):
    text = "".join(f"{' ' * indent}{key}: {word}{ending}\n" for indent, key, word, ending in lines)
    found = read(text)
    assert found is None or same(found, read_document(text, FILE))


@settings(max_examples=300, deadline=None)
@given(st.text("0123456789_.+-:~=<abefilnorstuxyENTZ% ", min_size=1, max_size=7) | st.sampled_from(SCALARS))
def test_any_plain_value_means_what_the_library_makes_of_it(value):
    for text in (f"a: {value}\n", f"a: [b, {value}]\n"):
        found = read(text)
        assert found is None or same(found, read_document(text, FILE))
