"""Every key of the schema and every member of the catalog completes, explains itself and is told when misspelt."""

import json

import pytest

from editor_marks import CATALOG, HOME, completion, offered
from tunesmith.errors import InvalidJob
from tunesmith.job import schema
from tunesmith.job.load import parse_job
from tunesmith.server.editor.hover import hover
from tunesmith.server.editor.scan import scan

KINDS = {choice.kind: dotted for dotted, choice in schema.choices().items()}
KEYS = [f"{section}.{key}" if section else key for section, keys in schema.SECTIONS.items() for key in keys]
MEMBERS = [(kind, name) for kind in KINDS for name in getattr(CATALOG, kind)]
OPTIONS = [
    (kind, name, option)
    for kind, name in MEMBERS
    if kind != "tasks"
    for option in getattr(CATALOG, kind)[name].member.options
]
TASK_KEYS = [
    (name, key) for name, entry in CATALOG.tasks.items() for key in (*entry.member.columns, *entry.member.options)
]


def nested(dotted, inside, *, flow):
    """`inside` as the value of a dotted key, in block or flow style."""
    keys = dotted.split(".") if dotted else []
    if flow:
        return "".join(f"{key}: {{" for key in keys) + inside
    return "".join(f"{'  ' * depth}{key}:\n" for depth, key in enumerate(keys)) + "  " * len(keys) + inside


def told(text, offset):
    found = hover(scan(text), offset, CATALOG, HOME)
    assert found is not None, text
    return found.words


@pytest.mark.parametrize("flow", [False, True], ids=["block", "flow"])
@pytest.mark.parametrize("dotted", KEYS)
def test_every_key_completes_and_explains_itself(dotted, flow):
    above, _, key = dotted.rpartition(".")
    if dotted != "training.why":
        assert key in offered(nested(above, key[:1] + "|", flow=flow and bool(above)))
    text = nested(above, f"{key}: x", flow=flow and bool(above))
    option = schema.SECTIONS[above][key]
    words = told(text, text.index(f"{key}: x"))
    assert option.help in words and option.advice in words


@pytest.mark.parametrize(("task", "key"), TASK_KEYS)
def test_every_column_and_option_of_a_task_completes_and_explains_itself(task, key):
    assert key in offered(f"task: {task}\ndata: {{|}}")
    text = f"task: {task}\ndata: {{{key}: x}}"
    member = CATALOG.tasks[task].member
    expected = member.columns[key].help if key in member.columns else member.options[key].help
    assert expected in told(text, text.index(f"{key}: x"))


@pytest.mark.parametrize(("kind", "name"), MEMBERS)
def test_every_member_completes_and_explains_itself(kind, name):
    dotted = KINDS[kind]
    member = getattr(CATALOG, kind)[name].member
    labels = offered(nested(dotted, "|", flow=False).replace(":\n" + "  " * len(dotted.split(".")) + "|", ": |"))
    assert {name, f"{{{name}: …}}"} & set(labels)
    text = nested(dotted.rpartition(".")[0], f"{dotted.split('.')[-1]}: {name}", flow=False)
    assert member.help in told(text, text.rindex(name))
    if kind != "tasks":
        assert name in offered(nested(dotted, name[:1] + "|", flow=True))
        text = nested(dotted, name + ": {}", flow=True)
        assert member.help in told(text, text.rindex(name))


@pytest.mark.parametrize(("kind", "name", "option"), OPTIONS)
def test_every_option_of_a_member_completes_and_explains_itself(kind, name, option):
    for flow in (False, True):
        assert option in offered(nested(f"{KINDS[kind]}.{name}", option[:2] + "|", flow=flow))
    text = nested(f"{KINDS[kind]}.{name}", f"{option}: x", flow=True)
    described = getattr(CATALOG, kind)[name].member.options[option]
    words = told(text, text.rindex(f"{option}: x"))
    assert described.help in words and described.advice in words


@pytest.mark.parametrize("dotted", [key for key in KEYS if key not in ("data.train", "training.why", "folder")])
def test_every_value_that_is_offered_is_allowed(dotted):
    """A job with the offered value in place has no complaint about that key."""
    above, _, key = dotted.rpartition(".")
    for task in CATALOG.tasks:
        base = {"task": task, "model": "all-MiniLM-L6-v2", "data": {"train": "a.csv"}}
        text = json.dumps(base).replace("{", "{\n", 1)
        before = text[:-1] + (", " + json.dumps(above) + ": {" if above else ", ") + json.dumps(key) + ": "
        if above == "data":
            before = text[:-2] + ", " + json.dumps(key) + ": "
        if key in ("task", "model"):
            before = json.dumps({each: value for each, value in base.items() if each != key})[:-1] + f', "{key}": '
        found = completion(before + "|")
        for item in found.items if found else ():
            if item.snippet:
                continue
            closing = "}" * (before.count("{") - before.count("}"))
            assert complaints(f"{before}{item.text}{closing}", dotted) == [], item.label


def complaints(text, dotted):
    try:
        parse_job(text, HOME / "x.job.yaml", HOME, CATALOG)
    except InvalidJob as error:
        unfit = {"job.frozen-untrained-weights", "job.model-does-not-fit"}
        return [str(each) for each in error.problems if each.place.key == dotted and each.code not in unfit]
    return []


@pytest.mark.parametrize(
    ("text", "key", "explained"),
    [
        ("training: {learning_rate: 1e-5}", "learning_rate", "**learning rate**: How far each step"),
        ("training: {precision: bf16}", "precision", "**precision of numbers**: "),
        ("method: {lora: {rank: 8}}", "rank", "**rank**: How thin"),
        ("seed: 3", "seed", "**seed**: "),
    ],
)
def test_a_key_is_explained_with_the_word_of_the_glossary(text, key, explained):
    assert explained in told(text, text.index(key))
