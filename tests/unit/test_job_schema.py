"""One schema: every key has help and advice, and stands in the reference page and in the JSON Schema."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from tunesmith.catalog import Catalog
from tunesmith.cli import main
from tunesmith.job import schema
from tunesmith.job.json_schema import json_schema
from tunesmith.job.reading import default
from tunesmith.job.reference import reference
from tunesmith.options import REQUIRED

CATALOG = Catalog()
ROOT = Path(__file__).parents[2]
KEYS = [(section, key) for section, keys in schema.SECTIONS.items() for key in keys]


@pytest.mark.parametrize(("section", "key"), KEYS)
def test_every_key_is_described_and_its_default_is_allowed(section, key):
    option = schema.SECTIONS[section][key]
    assert option.help.endswith(".")
    assert option.advice.endswith(".")
    if option.default is not REQUIRED:
        value = default(option)
        assert value is None or option.parse(option.default) == value


@pytest.mark.parametrize(("section", "key"), KEYS)
def test_every_key_stands_in_page_and_json_schema(section, key):
    page = (ROOT / "docs" / "job.md").read_text("utf-8")
    assert f"### `{section + '.' if section else ''}{key}`\n" in page
    properties = json_schema(CATALOG)["properties"]
    found = properties[section]["properties"][key] if section else properties[key]
    assert schema.SECTIONS[section][key].help in found["description"]


def test_the_reference_pages_are_up_to_date():
    docs = ROOT / "docs"
    pages = {file.relative_to(docs).as_posix(): file.read_text("utf-8") for file in docs.glob("job/*.md")}
    pages["job.md"] = (docs / "job.md").read_text("utf-8")
    assert pages == reference(CATALOG), "run `python -m tunesmith.job.reference`"


def test_the_page_of_what_every_job_has_is_the_same_whatever_tasks_there_are():
    fewer = Catalog()
    names = list(fewer.tasks._entries)
    del fewer.tasks._entries[names[0]]
    assert reference(fewer)["job.md"] == reference(CATALOG)["job.md"]
    assert reference(fewer).keys() == reference(CATALOG).keys() - {f"job/{names[0]}.md"}


def test_no_task_hides_a_key_that_every_job_has():
    for entry in CATALOG.tasks.values():
        own = [*entry.member.columns, *entry.member.options]
        assert len(set(own)) == len(own)
        assert not set(own) & set(schema.DATA)


def test_every_error_code_of_this_part_is_documented():
    package = ROOT / "runtime" / "tunesmith"
    sources = [*(package / "job").glob("*.py"), package / "trust.py"]
    used = {code for path in sources for code in re.findall(r'"(job\.[a-z]+(?:-[a-z]+)+)"', path.read_text("utf-8"))}
    pages = [*(ROOT / "docs").glob("errors*.md"), *(ROOT / "docs" / "errors.d").glob("*.md")]
    told = {
        code for page in pages for code in re.findall(r"^## `?(job\.[a-z-]+)", page.read_text("utf-8"), re.MULTILINE)
    }
    assert len(used) > 15
    assert used <= told


VALID = {
    "task": "text-classification",
    "model": "all-MiniLM-L6-v2",
    "data": {"train": "a.csv", "text": "message", "validation": "10%"},
    "method": {"lora": {"rank": 8}},
    "training": {"learning_rate": "2e-4", "schedule": {"linear": {"warmup": "10%"}}, "loss": {"my.mod:f": {"x": 1}}},
    "evaluation": {"every": "200 steps"},
}
INVALID = [
    {"task": "nothing"},
    {"method": {"lora": {"rang": 8}}},
    {"method": {"lora": {}, "full": {}}},
    {"data": {"train": "a.csv", "tekst": "message"}},
    {"data": {"text": "message"}},
    {"training": {"epochs": 0}},
    {"training": {"loss": "nothing"}},
    {"evaluation": {"every": "often"}},
    {"extra": 1},
]


def test_the_json_schema_judges_like_we_do():
    judge = jsonschema.Draft202012Validator(json_schema(CATALOG))
    judge.check_schema(judge.schema)
    assert list(judge.iter_errors(VALID)) == []
    for wrong in INVALID:
        assert list(judge.iter_errors({**VALID, **wrong})), wrong


def test_the_json_schema_has_the_form_of_its_draft():
    made = json_schema(CATALOG)
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(made["required"]) == {"task", "model", "data"}
    named = {branch["if"]["properties"]["task"]["const"] for branch in made["allOf"]}
    assert named == set(CATALOG.tasks)
    methods = made["properties"]["method"]["anyOf"]
    assert "rank" in methods[1]["properties"]["lora"]["properties"]
    assert made["properties"]["training"]["properties"]["epochs"]["default"] == 3.0


def test_patterns_are_ones_that_javascript_knows_too():
    patterns = re.findall(r'"pattern": "((?:[^"\\\\]|\\\\.)*)"', json.dumps(json_schema(CATALOG)))
    assert len(patterns) > 10
    for pattern in patterns:
        assert not re.search(r"\(\?[^:=!]", pattern), f"{pattern} uses what only Python has"


def test_the_command_prints_the_json_schema(capsys):
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema(CATALOG)
