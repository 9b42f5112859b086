"""Whatever a client sends, a real server answers with LSP's codes and a message, and goes on."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
import subprocess

import psutil
import pytest

from server_client import RefusedError, Server, eventually, serving
from tunesmith.protocol.table import REQUESTS
from tunesmith.python_process import module_command

PARSE, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS = -32700, -32600, -32601, -32602
NOT_INITIALIZED, FAILED = -32002, -32803
MEGABYTE = 1 << 20

JUNK = [
    None,
    True,
    -1,
    10**30,
    1e308,
    "",
    "a\0b",
    "\ud800",
    "../../../etc/passwd",
    "file:///%00",
    "file://[",
    "untitled:Untitled-1",
    "x" * 100_000,
    [],
    [[[]]],
    {},
    {"": {"": None}},
    {"uri": 5},
]
POSITIONS = [
    {"line": -1, "character": -1},
    {"line": 2**31, "character": 2**31},
    {"line": 10**30, "character": 0},
    {"line": 0.5, "character": "x"},
    {},
    None,
]
ASKED_OF_TEXTS = [
    "completion",
    "hover",
    "definition",
    "codeAction",
    "codeLens",
    "documentSymbol",
    "foldingRange",
    "formatting",
    "semanticTokens/full",
    "inlayHint",
]


def said_about(server, number):
    """The error of an answer, checked to be one that a client can use; None where the request worked."""
    found = eventually(lambda: server.answers.get(number))
    if "error" not in found:
        return None
    error = found["error"]
    assert error["code"] in (INVALID_REQUEST, NO_METHOD, INVALID_PARAMS, FAILED), error
    assert len(error["message"]) > 10, error
    return error


def fields_of(request):
    """The names of a request's parameters on the wire."""
    words = [field.name.split("_") for field in dataclasses.fields(request.params)]
    return [first + "".join(word.title() for word in rest) for first, *rest in words]


def test_every_request_of_ours_refuses_wrong_types_and_says_which_field(tmp_path):
    # `environment` and `estimate` with good parameters start processes; here none of them is good
    with serving(tmp_path) as server:
        for request in REQUESTS:
            numbers = [server.begin(request.name, junk) for junk in (5, "text", [1], [[]])]
            wrong = {"not": ["what", "it", "takes"]}
            numbers += [server.begin(request.name, {field: wrong}) for field in fields_of(request)]
            for number in numbers:
                error = said_about(server, number)
                assert error is not None, (request.name, server.answers[number])
                assert error["code"] == INVALID_PARAMS, (request.name, error)


@pytest.mark.parametrize("method", [request.name for request in REQUESTS if not request.slow])
def test_strange_values_of_the_right_type_get_an_answer_and_never_an_internal_error(tmp_path, method):
    request = next(each for each in REQUESTS if each.name == method)
    texts = [junk for junk in JUNK if isinstance(junk, str)]
    with serving(tmp_path) as server:
        numbers = []
        for text in texts:
            for_one = [dict.fromkeys((field, "job", "run", "path"), text) for field in fields_of(request)]
            numbers += [server.begin(method, params) for params in for_one]
            numbers.append(server.begin(method, dict.fromkeys(fields_of(request), text)))
        for number in numbers:
            said_about(server, number)


def test_lsp_requests_with_strange_documents_and_places_get_an_answer(tmp_path):
    uri = (tmp_path / "a.job.yaml").as_uri()
    span = [{"start": one, "end": other} for one, other in itertools.product(POSITIONS, repeat=2)]
    with serving(tmp_path) as server:
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": "task: text-classification\nmodel: x\n"}
        server.tell("textDocument/didOpen", {"textDocument": document})
        numbers = []
        for method in ASKED_OF_TEXTS:
            numbers += [server.begin(f"textDocument/{method}", junk) for junk in JUNK]
            numbers += [server.begin(f"textDocument/{method}", {"textDocument": junk}) for junk in JUNK]
            for place in POSITIONS:
                params = {"textDocument": {"uri": uri}, "position": place, "range": {"start": place, "end": place}}
                numbers.append(server.begin(f"textDocument/{method}", {**params, "context": {"diagnostics": []}}))
        for ends in span:
            params = {"textDocument": {"uri": uri}, "range": ends, "context": {"diagnostics": []}}
            numbers.append(server.begin("textDocument/inlayHint", params))
        numbers += [server.begin("workspace/executeCommand", junk) for junk in JUNK]
        numbers += [server.begin("completionItem/resolve", junk) for junk in JUNK]
        for number in numbers:
            said_about(server, number)


def test_strange_edits_never_stop_the_help_for_the_text(tmp_path):
    uri = (tmp_path / "a.job.yaml").as_uri()
    with serving(tmp_path, quiet=False) as server:
        for junk in JUNK:
            server.tell("textDocument/didOpen", junk)
            server.tell(
                "textDocument/didOpen", {"textDocument": {"uri": junk, "languageId": "", "version": 1, "text": ""}}
            )
            server.tell("textDocument/didChange", {"textDocument": {"uri": uri, "version": 1}, "contentChanges": junk})
            server.tell("textDocument/didClose", {"textDocument": {"uri": junk}})
            server.tell("$/cancelRequest", junk)
            server.tell("$/cancelRequest", {"id": junk})
            server.tell("window/workDoneProgress/cancel", {"token": junk})
            server.tell("workspace/didChangeConfiguration", junk)
            server.tell("workspace/didChangeWorkspaceFolders", junk)
            server.tell("$/setTrace", {"value": junk})
            server.tell("tunesmith/runs", junk)
            server.tell("initialized", junk)
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": ""}
        server.tell("textDocument/didOpen", {"textDocument": document})
        for number, (start, end) in enumerate(itertools.product(POSITIONS[:3], repeat=2), start=2):
            change = {"range": {"start": start, "end": end}, "text": "x: 1\n\U0001f600\ud800"}
            identity = {"uri": uri, "version": number}
            server.tell("textDocument/didChange", {"textDocument": identity, "contentChanges": [change]})
        identity = {"uri": uri, "version": 99}
        server.tell("textDocument/didChange", {"textDocument": identity, "contentChanges": [{"text": "task: \n"}]})
        place = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 6}}
        labels = [item["label"] for item in server.ask("textDocument/completion", place)["items"]]
        assert "text-classification" in labels
        assert [line for line in server.complaints if "Traceback" in line] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", PARSE),
        (b"\xff\xfe\xfd", PARSE),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tunesmith/runs"', PARSE),
        (b"[" * 200_000, PARSE),
        (b'{"a":' * 200_000 + b"1" + b"}" * 200_000, PARSE),
        (b'{"jsonrpc": "2.0", "id": 1' + b"0" * 20_000 + b', "method": "tunesmith/runs"}', PARSE),
        (b"null", INVALID_REQUEST),
        (b'[{"jsonrpc": "2.0", "id": 1, "method": "tunesmith/runs"}]', INVALID_REQUEST),
        (b'{"id": null, "method": "tunesmith/runs"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": {}, "method": "tunesmith/runs"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "tunesmith/runs"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": true, "method": "tunesmith/runs"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": null, "method": 7}', INVALID_REQUEST),
    ],
)
def test_a_body_that_is_no_request_is_answered_to_nobody_and_the_next_one_is_read(tmp_path, body, code):
    with serving(tmp_path) as server:
        server.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        error = eventually(lambda: server.answers.get(None))["error"]
        assert error["code"] == code
        assert len(error["message"]) > 10
        assert server.ask("tunesmith/runs")["runs"] == []


def test_a_server_finds_its_way_back_from_any_bytes(tmp_path):
    """Frames cut short swallow what follows them, as they must; then every further message is understood again."""
    randomly = random.Random(5)
    message = b'{"jsonrpc":"2.0","method":"$/nothing"}'
    good = b"Content-Length: %d\r\n\r\n%s" % (len(message), message)
    with serving(tmp_path) as server:
        for _ in range(60):
            made = bytearray(good * randomly.randint(1, 3))
            for _ in range(randomly.randint(1, 4)):
                at = randomly.randrange(len(made))
                kind = randomly.randrange(4)
                if kind == 0:
                    del made[at : at + randomly.randint(1, 20)]
                elif kind == 1:
                    made[at:at] = randomly.randbytes(randomly.randint(1, 20))
                elif kind == 2:
                    made[at] = randomly.randrange(256)
                else:
                    made[at:at] = b"\r\n\r\n"
            # a digit more in a length makes a frame of some thousand bytes, which these fill
            server.raw(bytes(made) + b"\r\n" + good * 400)
            assert server.ask("tunesmith/queue")["parallel"] == 1


def test_messages_that_are_too_large_cost_no_memory(tmp_path):
    with serving(tmp_path) as server:
        server.ask("tunesmith/runs")
        process = psutil.Process(server.process.pid)
        before = process.memory_info().rss
        for _ in range(3):
            server.answers.pop(None, None)
            server.raw(b"Content-Length: %d\r\n\r\n" % (100 * MEGABYTE))
            for _ in range(100):
                server.raw(b" " * MEGABYTE)
            assert eventually(lambda: server.answers.get(None))["error"]["code"] == INVALID_REQUEST
        assert server.ask("tunesmith/runs")["runs"] == []
        assert process.memory_info().rss - before < 32 * MEGABYTE


def test_a_text_of_many_megabytes_is_left_alone_and_its_memory_given_back(tmp_path):
    with serving(tmp_path) as server:
        server.ask("tunesmith/runs")
        process = psutil.Process(server.process.pid)
        before = process.memory_info().rss
        document = {"uri": (tmp_path / "a.job.yaml").as_uri(), "languageId": "yaml", "version": 1}
        for version in range(3):
            text = "a: 1\n" * (10 * MEGABYTE)
            server.tell("textDocument/didOpen", {"textDocument": {**document, "version": version, "text": text}})
            assert (
                server.ask("textDocument/hover", {"textDocument": document, "position": {"line": 0, "character": 0}})
                is None
            )
        assert process.memory_info().rss - before < 192 * MEGABYTE


def test_a_length_beyond_all_reason_is_told_and_ends_the_connection(tmp_path):
    server = Server(cwd=tmp_path)
    server.initialize(tmp_path)
    server.raw(b"Content-Length: %d\r\n\r\n" % 10**15)
    error = eventually(lambda: server.answers.get(None))["error"]
    assert error["code"] == INVALID_REQUEST
    assert "too large" in error["message"]
    assert server.wait() == 1
    assert server.complaints == []


@pytest.mark.parametrize(
    "cut",
    [
        b"Content-Le",
        b"Content-Length: 50\r\n",
        b"Content-Length: 50\r\n\r\n",
        b'Content-Length: 50\r\n\r\n{"jsonrpc": ',
    ],
    ids=["in a header", "between headers", "before the body", "in the body"],
)
def test_a_stream_that_ends_within_a_message_ends_the_server_and_its_helpers(tmp_path, cut):
    server = Server(cwd=tmp_path)
    server.initialize(tmp_path, trusted=True)
    server.ask("tunesmith/check", {"job": "nothing.job.yaml"})
    helpers = psutil.Process(server.process.pid).children(recursive=True)
    server.raw(cut)
    server.process.stdin.close()
    assert server.wait() == 1
    assert server.complaints == []
    eventually(lambda: not any(helper.is_running() for helper in helpers))


def test_before_initialize_nothing_is_done_and_everything_is_answered(tmp_path):
    server = Server(cwd=tmp_path)
    for method in ("tunesmith/runs", "textDocument/hover", "shutdown", "nothing/known", "$/unknown"):
        with pytest.raises(RefusedError) as caught:
            server.ask(method, {})
        assert caught.value.number == NOT_INITIALIZED
        assert "initialize" in str(caught.value)
    server.tell("textDocument/didOpen", {"textDocument": None})
    server.tell("initialized", {})
    server.initialize(tmp_path)
    assert server.ask("tunesmith/runs")["runs"] == []
    assert server.end() == 0
    assert server.complaints == []


def test_exit_without_initialize_and_without_shutdown_ends_at_once_with_1(tmp_path):
    for begin in (False, True):
        server = Server(cwd=tmp_path)
        if begin:
            server.initialize(tmp_path)
        server.tell("exit")
        assert server.wait() == 1
        assert server.complaints == []


def test_after_shutdown_every_request_is_refused_until_exit(tmp_path):
    server = Server(cwd=tmp_path)
    server.initialize(tmp_path)
    server.ask("shutdown")
    for method in ("tunesmith/runs", "shutdown", "initialize", "textDocument/hover"):
        with pytest.raises(RefusedError) as caught:
            server.ask(method, {})
        assert caught.value.number == INVALID_REQUEST
    server.tell("textDocument/didOpen", {"textDocument": None})
    server.tell("exit")
    assert server.wait() == 0
    assert server.complaints == []


def test_a_number_is_not_used_twice_at_a_time_and_texts_are_numbers_too(tmp_path):
    with serving(tmp_path) as server:
        server.send({"id": "a", "method": "tunesmith/check", "params": {"job": "none.job.yaml"}})
        server.send({"id": "a", "method": "tunesmith/runs", "params": {}})
        found = eventually(lambda: server.answers.get("a"))
        assert found["error"]["code"] in (INVALID_REQUEST, FAILED)
        server.send({"id": "", "method": "tunesmith/runs", "params": {}})
        assert eventually(lambda: server.answers.get(""))["result"]["runs"] == []


def test_answers_to_nothing_that_was_asked_are_passed_over(tmp_path):
    with serving(tmp_path, quiet=False) as server:
        for number in (1, "x", None, {}, 10**30):
            server.send({"id": number, "result": {"a": 1}})
            server.send({"id": number, "error": "no object"})
        server.send({"result": 5})
        assert server.ask("tunesmith/runs")["runs"] == []
        assert [line for line in server.complaints if "Traceback" in line] == []


def test_a_client_that_answers_our_questions_with_nonsense_is_served_all_the_same(tmp_path):
    (tmp_path / "slow.py").write_text("import time\nwhile True: time.sleep(0.01)\n")
    job = tmp_path / "slow.job.yaml"
    job.write_text("task: text-classification\nmodel: all-MiniLM-L6-v2\ndata: {train: 'slow:rows'}\n")
    with serving(tmp_path, quiet=False) as server:
        server.answer_requests = False
        for nonsense in ({"result": [5]}, {"error": None}, {"error": {"code": "x"}}, {}):
            server.asked.clear()
            number = server.begin("tunesmith/check", {"job": "slow.job.yaml"})
            question = eventually(lambda: server.asked)[0]
            server.send({"id": question["id"], **nonsense})
            server.tell("$/cancelRequest", {"id": number})
            with pytest.raises(RefusedError) as caught:
                server.answer(number)
            assert caught.value.number == -32800
        assert server.ask("tunesmith/runs")["runs"] == []
        assert [line for line in server.complaints if "Traceback" in line] == []


def test_a_terminal_without_a_client_gets_no_traceback(tmp_path):
    done = subprocess.run(
        module_command("tunesmith", "serve"), cwd=tmp_path, input=b"hello\n", capture_output=True, check=False
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    body = done.stdout.partition(b"\r\n\r\n")[2]
    assert json.loads(body)["error"]["code"] == PARSE
