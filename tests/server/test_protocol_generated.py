"""What is generated from the protocol is what would be generated now, and both sides judge alike."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tunesmith.protocol import problems
from tunesmith.protocol.codec import InvalidParams, decode, encode
from tunesmith.protocol.method import Request
from tunesmith.protocol.table import AREAS, BY_NAME, METHODS

ROOT = Path(__file__).parents[2]
SAMPLES = json.loads((ROOT / "tests/server/samples/protocol.json").read_bytes())
MESSAGES = {name: item for area in (problems, *AREAS) for name, item in vars(area).items() if isinstance(item, type)}


def test_nothing_generated_is_stale():
    command = [sys.executable, "tools/generate_protocol.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), "run tools/generate_protocol.py: " + done.stdout + done.stderr


def judged(sample):
    try:
        decode(MESSAGES[sample["message"]], sample["value"])
    except InvalidParams as error:
        return str(error)
    return ""


def test_every_sample_is_judged_as_it_says():
    different = [(sample["message"], sample["why"]) for sample in SAMPLES if (judged(sample) == "") != sample["valid"]]
    assert different == []


def test_there_are_good_and_bad_samples_of_every_message():
    good = {sample["message"] for sample in SAMPLES if sample["valid"]}
    bad = {sample["message"] for sample in SAMPLES if not sample["valid"]}
    assert good == bad
    assert {item.params.__name__ for item in METHODS} <= good


def test_a_message_survives_the_way_there_and_back():
    for sample in SAMPLES:
        if sample["valid"]:
            kind = MESSAGES[sample["message"]]
            read = decode(kind, sample["value"])
            again = decode(kind, json.loads(json.dumps(encode(read), allow_nan=False)))
            assert repr(again) == repr(read)


def test_a_refusal_names_the_field():
    with pytest.raises(InvalidParams) as caught:
        decode(BY_NAME["tunesmith/compare"].params, {"runs": ["a", 7]})
    assert caught.value.problem.place.key == "params.runs[1]"
    assert caught.value.problem.found == "7"


def test_every_method_is_named_once_and_says_what_it_is_for():
    assert len(BY_NAME) == len(METHODS)
    for method in METHODS:
        assert method.name.startswith("tunesmith/")
        assert method.purpose.endswith(".")
        assert isinstance(method, Request) == (method.direction == "to server")


def test_every_error_that_a_method_names_is_documented():
    pages = [ROOT / "docs" / "errors.md", *(ROOT / "docs" / "errors.d").glob("*.md")]
    known = set(re.findall(r"^## (\S+)$", "\n".join(page.read_text("utf-8") for page in pages), re.MULTILINE))
    named = {code for method in METHODS if isinstance(method, Request) for code in method.errors}
    assert named - known == set()


def test_every_method_is_asked_for_by_a_test_of_the_real_server():
    text = "\n".join(page.read_text("utf-8") for page in (ROOT / "tests/server").glob("test_server_*.py"))
    assert [method.name for method in METHODS if f'"{method.name}"' not in text] == []
