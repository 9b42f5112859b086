"""The tolerant reader of job files: the same tree as YAML's where the text is YAML, and some tree where it is not."""

from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from editor_marks import CATALOG, HOME
from editor_texts import BROKEN, JOBS, written
from tunesmith.server.editor.completion import complete
from tunesmith.server.editor.hover import hover
from tunesmith.server.editor.scan import scan
from tunesmith.server.editor.tree import line_starts


def shape(value):
    """Keys and lists of a scanned tree. A text in a line of its own may also be half a key: it has no colon."""
    if value.kind == "mapping" and any(entry.colon is not None for entry in value.entries):
        return {entry.key: shape(entry.value) for entry in value.entries}
    if value.kind == "list":
        return [shape(item) for item in value.items]
    return {} if value.kind == "mapping" and not value.entries else None


def expected(node):
    if node.id == "mapping":
        return {key.value: expected(child) for key, child in node.value}
    return [expected(child) for child in node.value] if node.id == "sequence" else None


@settings(max_examples=150, deadline=None)
@given(JOBS, st.booleans(), st.sampled_from([20, 80, 4096]), st.sampled_from([2, 3, 4]))
def test_a_valid_job_has_the_keys_that_yaml_reads(job, flow, width, indent):
    text = written(job, flow=flow, width=width, indent=indent)
    assert shape(scan(text).root) == expected(YAML(pure=True).compose(text)), text


@settings(max_examples=150, deadline=None)
@given(JOBS, st.sampled_from([2, 4]))
def test_places_hold_what_they_say(job, indent):
    text = written(job, flow=False, width=4096, indent=indent)
    tree = scan(text)
    for step in tree.steps():
        entry = step.entry
        assert text[entry.start : entry.end].strip("'\"") == entry.key
        assert entry.colon is not None and text[entry.colon] == ":"
        assert entry.end <= entry.value.start <= entry.value.end <= len(text)


@settings(max_examples=200, deadline=None)
@given(BROKEN, st.data())
def test_no_text_is_too_broken(text, data):
    tree = scan(text)
    spans = [(step.entry.start, step.entry.end) for step in tree.steps()]
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert tree.lines == line_starts(text)
    offset = data.draw(st.integers(0, len(text)))
    complete(text, offset, CATALOG, HOME)
    hover(tree, offset, CATALOG, HOME)


@settings(max_examples=150, deadline=None)
@given(BROKEN)
def test_a_broken_text_that_yaml_takes_has_the_same_top_level_keys(text):
    try:
        node = YAML(pure=True).compose(text)
    except (YAMLError, ValueError, AttributeError, NotImplementedError):
        return
    unusual = ("?", "&", "*", "!", "\ufeff", "\u2028", "---", "...", "%", "\\", "\x00", "\r")
    if node is None or node.id != "mapping" or any(each in text for each in unusual):
        return
    assert [entry.key for entry in scan(text).root.entries] == [key.value for key, _ in node.value]


def test_thousands_of_brackets_do_no_harm():
    for text in ("[" * 5000, "{a: " * 5000, "- " * 5000, "a:\n" * 2000, "".join(f"{' ' * n}a:\n" for n in range(1500))):
        tree = scan(text)
        complete(text, len(text), CATALOG, HOME)
        hover(tree, len(text) // 2, CATALOG, HOME)
