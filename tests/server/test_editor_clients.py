"""Job files in editors that can do little, and findings that go with their cause; a real server, over the wire."""

import subprocess
import sys

import pytest

from editor_job import GOOD, Job, write_project
from server_client import Server, eventually, serving
from support import wait_until


@pytest.fixture
def project(tmp_path):
    return write_project(tmp_path)


CAUSES = {
    "job.patience-too-long": ("evaluation: {patience: 3}\n", "evaluation: {patience: 1}\n"),
    "job.warmup-ignored": ("training: {warmup: 0.1, schedule: one-cycle}\n", "training: {schedule: one-cycle}\n"),
    "job.no-validation": ("  validation: none\n", "  validation: 10%\n"),
    "data.imbalance": ("", "  imbalance: weighted-loss\n"),
    "data.missing-column": ("  max_length: 64\n", ""),
}


@pytest.mark.parametrize("code", CAUSES)
def test_a_finding_goes_when_its_cause_goes(project, code):
    bad, good = (GOOD + text for text in CAUSES[code])
    if code == "data.missing-column":
        bad = bad.replace("text: message", "text: mesage")
    with serving(project, trusted=True) as client:
        job = Job(client, project, bad)
        eventually(lambda: code in (job.codes() or ()))
        eventually(lambda: len(job.diagnostics()) > 1)  # the data was looked at
        job.write(good)

        def warned():
            return [each["code"] for each in job.diagnostics()[-1]["diagnostics"] if each["severity"] < 3]

        eventually(lambda: job.diagnostics() and code not in warned())
        eventually(lambda: any("rows" in hint for hint in job.hints()))  # the data was looked at again
        assert code not in warned()


def test_a_client_that_says_nothing_of_itself_gets_plain_answers(project):
    with serving(project, trusted=True, capabilities={}) as client:
        job = Job(client, project, GOOD.replace("text: message", "text: mesage") + "evaluation: {patience: 3}\n")
        eventually(lambda: "data.missing-column" in (job.codes() or ()))
        assert all("codeDescription" not in each for each in job.diagnostics()[-1]["diagnostics"])
        assert job.actions(4, 10) == []
        hover = job.ask("hover", 0, 1)["contents"]
        assert hover["kind"] == "plaintext" and "```" not in hover["value"] and "**" not in hover["value"]
        item = next(each for each in job.ask("completion", 0, 8)["items"] if each["label"] == "regression")
        assert item["documentation"]["kind"] == "plaintext" and "insertTextMode" not in item
        symbols = job.ask("documentSymbol")
        assert {"name", "kind", "location"} <= set(symbols[0]) and "children" not in symbols[0]
        assert ("text", "data") in [(each["name"], each.get("containerName")) for each in symbols]


def test_edits_go_without_versions_to_a_client_that_knows_none(project):
    literals = {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}}}
    with serving(project, trusted=True, capabilities={"textDocument": literals}) as client:
        job = Job(client, project, GOOD.replace("text: message", "text: mesage"))
        eventually(lambda: "data.missing-column" in (job.codes() or ()))
        [edit] = [each["edit"] for each in job.actions(4, 10) if each["title"] == "Change to `message`"]
        assert edit["changes"][job.uri][0]["newText"] == "message" and "documentChanges" not in edit


def test_an_empty_table_of_options_is_no_options(tmp_path):
    server = Server(cwd=tmp_path)
    params = {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": {}, "initializationOptions": []}
    assert server.ask("initialize", params)["capabilities"]
    assert server.end() == 0


@pytest.mark.parametrize("depth", [400, 500, 5000])
def test_a_request_nested_too_deeply_gets_an_answer_too(tmp_path, depth):
    with serving(tmp_path) as client:
        body = '{"jsonrpc":"2.0","id":9,"method":"completionItem/resolve","params":{"label":"a","data":%s}}'
        body = (body % ("[" * depth + "]" * depth)).encode()
        client.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        answered = wait_until(lambda: client.answers.get(9) or client.answers.get(None))
        assert "result" in answered or "error" in answered


def test_the_server_ends_with_the_process_that_started_it(tmp_path):
    """Though its pipes are held open by another process."""
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    server = Server(cwd=tmp_path)
    server.ask("initialize", {"processId": parent.pid, "rootUri": tmp_path.as_uri(), "capabilities": {}})
    parent.communicate(b"\n")
    assert server.wait(60) == 1
