"""Outline, folding, formatting, colours and definitions of job files."""

import itertools
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from editor_marks import CATALOG, HOME, marked
from editor_texts import BROKEN, JOBS, written
from tunesmith.server.editor.edits import Edit, applied, difference, remove, set_value
from tunesmith.server.editor.formatting import format_edits, formatted
from tunesmith.server.editor.outline import folds, symbols
from tunesmith.server.editor.places import target_at
from tunesmith.server.editor.scan import scan
from tunesmith.server.editor.semantic_tokens import tokens
from tunesmith.server.editor.shape import View

UNEVEN = """\
# what it learns
task:   text-classification   # the task


model : all-MiniLM-L6-v2
data:
      # the rows
      train:  a.csv
      text: [ a,b ,  c ]
      label: c
method: { lora:  {rank: 8 , alpha: 16} }
training:
   optimizer:
       adamw:
          beta1: 0.9
   # the end of training
evaluation: {metric: f1_macro,
      patience: 3}
why: |
     kept   as it is
       deeper
"""
EVEN = """\
# what it learns
task: text-classification  # the task

model: all-MiniLM-L6-v2
data:
  # the rows
  train: a.csv
  text: [a, b, c]
  label: c
method: {lora: {rank: 8, alpha: 16}}
training:
  optimizer:
    adamw:
      beta1: 0.9
  # the end of training
evaluation: {metric: f1_macro,
      patience: 3}
why: |
     kept   as it is
       deeper
"""


def test_formatting_evens_out_and_keeps_comments():
    assert formatted(UNEVEN) == EVEN
    assert formatted(EVEN) == EVEN
    assert applied(UNEVEN, format_edits(UNEVEN)) == EVEN
    assert format_edits(EVEN) == []


def test_formatting_leaves_a_broken_job_alone():
    for text in ("training: {epochs: 3", "a:\n\tb: 1\n", "a: 1\n b: 2\n", "", "   \n"):
        assert formatted(text) == text


def test_formatting_keeps_windows_line_ends():
    assert formatted("a:   1\r\nb:\r\n     c: 2\r\n") == "a: 1\r\nb:\r\n  c: 2\r\n"


@settings(max_examples=60, deadline=None)
@given(JOBS, st.booleans(), st.sampled_from([20, 80]), st.sampled_from([2, 3, 4]))
def test_formatting_changes_no_value_and_is_done_after_one_time(job, flow, width, indent):
    text = written(job, flow=flow, width=width, indent=indent)
    after = formatted(text)
    assert YAML(typ="safe", pure=True).load(after) == YAML(typ="safe", pure=True).load(text)
    assert formatted(after) == after


@settings(max_examples=60, deadline=None)
@given(BROKEN)
def test_structure_is_read_of_any_text(text):
    tree = scan(text)
    view = View(tree=tree, catalog=CATALOG, home=HOME)
    formatted(text)
    for first, last, _ in folds(tree):
        assert 0 <= first < last < len(tree.lines)
    for symbol in symbols(tree):
        assert 0 <= symbol.start <= symbol.name_end <= symbol.end <= len(text)
    found = tokens(view)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(found))
    for start, end, _ in found:
        assert start < end and not set(text[start:end]) & set("\r\n")
    target_at(view, len(text) // 2)


@settings(max_examples=60, deadline=None)
@given(JOBS, st.booleans(), st.data())
def test_setting_and_removing_a_key_changes_that_key_alone(job, flow, data):
    text = written(job, flow=flow, width=4096, indent=2)
    key = data.draw(st.sampled_from(sorted(job)))
    tree = scan(text)
    load = YAML(typ="safe", pure=True).load
    edit = set_value(tree, (key,), "new")
    assert load(applied(text, [edit])) == {**load(text), key: "new"}
    added = set_value(tree, ("zz_added",), "new")
    assert load(applied(text, [added])) == {**load(text), "zz_added": "new"}
    taken = applied(text, [remove(tree, (key,))])
    assert (load(taken) or {}) == {other: value for other, value in load(text).items() if other != key}


@given(st.text(alphabet="ab\n", max_size=8), st.text(alphabet="ab\n", max_size=8))
def test_a_difference_leads_from_one_text_to_the_other(before, after):
    assert applied(before, [difference(before, after)]) == after
    assert difference(before, before) == Edit(start=len(before), end=len(before), text="")


def test_the_outline_is_nested_like_the_job():
    found = symbols(scan(EVEN))
    assert [symbol.name for symbol in found][:4] == ["task", "model", "data", "method"]
    assert [symbol.name for symbol in found[2].inside] == ["train", "text", "label"]
    assert found[3].inside[0].inside[1].name == "alpha" and found[3].inside[0].inside[1].detail == "16"
    assert EVEN[found[2].start : found[2].end].startswith("data:")


def test_sections_braces_texts_and_comments_fold():
    lines = EVEN.splitlines()
    found = {(lines[first], lines[last]) for first, last, _ in folds(scan(EVEN))}
    assert ("data:", "  label: c") in found
    assert ("training:", "      beta1: 0.9") in found
    assert ("evaluation: {metric: f1_macro,", "      patience: 3}") in found
    assert folds(scan("# a\n# b\n# c\nseed: 1\n\n# d\n")) == [(0, 2, True)]


def test_colours_tell_sections_members_callables_numbers_words():
    text = "method: lora\ntraining:\n  loss: a.b:c\n  epochs: 3\n  optimizer: auto\n"
    text += "  schedule: {linear: {warmup: 6%}}\n# end"
    view = View(tree=scan(text), catalog=CATALOG, home=HOME)
    assert {text[start:end]: colour for start, end, colour in tokens(view)} == {
        "method": "property",
        "lora": "class",
        "training": "namespace",
        "loss": "property",
        "a.b:c": "function",
        "epochs": "property",
        "3": "number",
        "optimizer": "property",
        "auto": "keyword",
        "schedule": "property",
        "linear": "class",
        "warmup": "property",
        "6%": "number",
        "# end": "comment",
    }


def target(text, folder):
    plain, offset = marked(text)
    return target_at(View(tree=scan(plain), catalog=CATALOG, home=folder), offset)


def test_definitions_lead_to_data_files_models_python_and_members(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n")
    (tmp_path / "bert").mkdir()
    (tmp_path / "bert" / "config.json").write_text("{}")
    assert target("data: {train: a|.csv}", tmp_path).file == tmp_path / "a.csv"
    assert target("data: {validation: a.csv|}", tmp_path).file == tmp_path / "a.csv"
    assert target("model: be|rt", tmp_path).file == tmp_path / "bert" / "config.json"
    assert target("training: {loss: shop.los|ses:own}", tmp_path).python == "shop.losses:own"
    assert target("training: {loss: {shop.los|ses:own: {}}}", tmp_path).python == "shop.losses:own"
    assert target("method: lo|ra", tmp_path).file.name == "lora.py"
    assert target("training: {loss: {fo|cal: {gamma: 1}}}", tmp_path).file.name == "focal.py"
    assert target("task: text-classification\ndata: {label: ag|e}", tmp_path).column == "age"
    (tmp_path / "~no-such-user.csv").write_text("x,y\n")
    assert target("data: {train: '~no-such|-user.csv'}", tmp_path).file == tmp_path / "~no-such-user.csv"
    for nothing in ("data: {train: no|ne.csv}", "seed: 4|2", "epo|chs: 3", "# x|"):
        assert target(nothing, tmp_path) is None


@pytest.mark.parametrize("text", ["- a: 1\n  b: 2\n", "x:\n- a\n-   b\n", dedent("a:\n    - b: 1\n      c: 2\n")])
def test_lists_are_laid_out_evenly(text):
    after = formatted(text)
    load = YAML(typ="safe", pure=True).load
    assert load(after) == load(text)
