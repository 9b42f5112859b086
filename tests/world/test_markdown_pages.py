"""Names, labels and texts on a page of Markdown (report.md, the card of an export) are text, whatever they hold."""

from __future__ import annotations

import html
import json
import re

import pytest
from markdown_it import MarkdownIt
from ruamel.yaml import YAML

from tunesmith import guarded
from tunesmith.explain.markdown import code, escape, front_matter, table
from tunesmith.explain.page import report_page
from tunesmith.judged import MarkedText, Table, Texts
from tunesmith.runs.folder import create_run, runs_root
from tunesmith.use.card import model_card

HOSTILE = [
    "<img src=http://evil/x.png onerror=alert(1)>",
    "<script>alert(1)</script>",
    "[click](http://evil)",
    "![x](http://evil)",
    "`code` ``more``",
    "a | b | c",
    "# heading",
    "*bold* _it_ ~~gone~~",
    "&lt;b&gt; &amp;",
    "http://evil www.evil.org @someone",
    "\\",
    "$x^2$",
    "<!-- comment",
]


def rendered(page: str) -> str:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(page)


def words(page: str) -> str:
    """What a reader sees."""
    return html.unescape(re.sub(r"</?(p|td|th|tr|table|thead|tbody|code|h[1-6]|ul|li|pre|strong)\b[^>]*>", "", page))


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_is_read_as_it_was_written(text):
    assert words(rendered(escape(text))).strip() == text


@pytest.mark.parametrize("text", [*HOSTILE, "```", "a`"])
def test_code_is_read_as_it_was_written(text):
    page = rendered(code(text))
    assert "<code>" in page
    assert words(page).strip() == text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_stays_one_cell(text):
    page = rendered(table(["label", "rows"], [[text, 3], ["good", 4]]))
    assert page.count("<td") == 4
    assert text in words(page)


def test_a_line_end_in_a_label_ends_no_line():
    assert "\n" not in escape("a\n# b\x1b[31m")
    assert "\x1b" not in escape("a\x1b[31m")


@pytest.mark.parametrize("text", [*HOSTILE, 'a"\nlicense: mit', "- x", "null", "x: y", "é中"])
def test_front_matter_gives_back_what_was_put_in(text):
    block = front_matter({"base_model": text, "tags": ["tunesmith"]})
    assert YAML(typ="safe", pure=True).load(block.strip("-")) == {"base_model": text, "tags": ["tunesmith"]}


@pytest.mark.parametrize("text", HOSTILE)
def test_the_card_and_the_report_show_hostile_labels_as_text(text, tmp_path):
    named = json.dumps(f"{text.replace('/', '')}.csv")
    job = f"task: text-classification\nmodel: all-MiniLM-L6-v2\ndata: {{train: {named}, text: t, label: l}}\n"
    run = create_run(runs_root(tmp_path), job, name=text)
    facts = {"labels": [text, "good"], "counts": [1, 2], "values": {"target": "class"}}
    guarded.write_guarded(run.path / "facts.json", facts)
    guarded.write_guarded(run.path / "environment.json", {"data": {"train": text}, "device": text, "torch": text})
    summary = {"headline": text, "warnings": [text], "metrics": {text: 0.5}, "rows": 3}
    guarded.write_guarded(run.report_folder / "metrics.json", summary)
    whole = {**summary, "task": text, "model": text, "method": text, "words": [text], "files": [text], "notes": [text]}
    row = {"file": text, "line": 1, "row": 1, "expected": text, "predicted": {"label": text}, "loss": 1.0}
    blocks = [
        Table(name="table", title=text, header=[text, text], rows=[[text, text]]),
        Texts(name="texts", title=text, says=text, header=[text], rows=[[MarkedText(text=text)]]),
    ]
    report = report_page(whole, blocks, [{**row, "values": {"text": text}}])
    for page in (model_card(run), report):
        body = rendered(page.partition("---\n\n")[2] if page.startswith("---") else page)
        assert not re.search(r"<(img|script|a|em|del|!--)\b", body), body
        assert text in words(body)
