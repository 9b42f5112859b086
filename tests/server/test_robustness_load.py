"""A real server under more than a person can do: edits by the thousand, requests cancelled at any point."""

from __future__ import annotations

import random

import psutil
import pytest

from server_client import RefusedError, Server, eventually, serving

MEGABYTE = 1 << 20
EDITS = 10_000
TEXT = "task: text-classification\nmodel: all-MiniLM-L6-v2\ndata:\n  train: rows.csv\ntraining:\n  epochs: 3\n"
CANCELLED = -32800
ASKED = [
    ("tunesmith/runs", {}),
    ("tunesmith/queue", {}),
    ("tunesmith/catalog", {}),
    ("tunesmith/check", {"job": "a.job.yaml"}),
    ("tunesmith/preview", {"path": "rows.csv"}),
    ("tunesmith/environment", {"diagnose": False}),
    ("tunesmith/devices", {}),
    ("tunesmith/jobSchema", {}),
    ("tunesmith/estimate", {"job": "a.job.yaml", "measure": False}),
    ("tunesmith/run", {"run": "last"}),
    ("textDocument/completion", None),
    ("textDocument/hover", None),
    ("textDocument/codeLens", None),
    ("textDocument/documentSymbol", None),
    ("nothing/known", {}),
]


def whole_tree_bytes(process):
    return sum(each.memory_info().rss for each in [process, *process.children(recursive=True)])


@pytest.fixture
def project(tmp_path):
    (tmp_path / "rows.csv").write_text("text,label\n" + "".join(f"good {n},a\nbad {n},b\n" for n in range(50)))
    (tmp_path / "a.job.yaml").write_text(TEXT)
    return tmp_path


def opened(server, folder):
    uri = (folder / "a.job.yaml").as_uri()
    server.tell(
        "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": TEXT}}
    )
    return uri


def test_ten_thousand_rapid_edits_end_in_the_findings_of_the_last_and_bounded_memory(project):
    with serving(project) as server:
        uri = opened(server, project)
        eventually(lambda: server.heard("textDocument/publishDiagnostics"))
        process = psutil.Process(server.process.pid)
        before = whole_tree_bytes(process)
        for version in range(2, EDITS + 2):
            # typing at the end and taking it back, over and over; the last edit leaves a mistake
            if version == EDITS + 1:
                edit = {"range": span(6, 0, 6, 1), "text": "sead: 7\n"}
            elif version % 2:
                edit = {"range": span(6, 0, 6, 1), "text": ""}
            else:
                edit = {"range": span(6, 0, 6, 0), "text": "s"}
            identity = {"uri": uri, "version": version}
            server.tell("textDocument/didChange", {"textDocument": identity, "contentChanges": [edit]})
            if version % 1000 == 0:
                server.begin("textDocument/completion", {"textDocument": {"uri": uri}, "position": at(6, 1)})
        symbols = server.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
        assert "sead" in str(symbols)
        last = eventually(
            lambda: [each for each in server.heard("textDocument/publishDiagnostics") if each["version"] == EDITS + 1]
        )
        assert "job.unknown-key" in [finding["code"] for finding in last[0]["diagnostics"]]
        told = server.heard("textDocument/publishDiagnostics")
        assert len(told) < EDITS / 2, "findings of texts that are gone are not worked out"
        assert [each["version"] for each in told] == sorted(each["version"] for each in told)
        assert process.memory_info().rss < before + 64 * MEGABYTE


def at(line, character):
    return {"line": line, "character": character}


def span(line, character, end_line, end_character):
    return {"start": at(line, character), "end": at(end_line, end_character)}


def test_requests_cancelled_at_any_point_get_one_answer_each_and_leave_nothing_behind(project):
    randomly = random.Random(3)
    with serving(project) as server:
        uri = opened(server, project)
        server.ask("tunesmith/runs")
        process = psutil.Process(server.process.pid)
        place = {"textDocument": {"uri": uri}, "position": at(5, 4)}
        asked = []
        for _ in range(400):
            method, params = randomly.choice(ASKED)
            number = server.begin(method, place if params is None else params)
            asked.append(number)
            if randomly.random() < 0.9:
                server.tell("$/cancelRequest", {"id": number if randomly.random() < 0.7 else randomly.choice(asked)})
            if randomly.random() < 0.1:
                server.tell("$/cancelRequest", {"id": randomly.choice([-1, 10**9, "x"])})
            if randomly.random() < 0.2:
                earlier = randomly.choice(asked)
                eventually(lambda earlier=earlier: earlier in server.answers or server.ended)
        for number in asked:
            found = eventually(lambda number=number: server.answers.get(number))
            if "error" in found:
                assert found["error"]["code"] in (CANCELLED, -32601, -32803), found
        assert len([number for number in server.answers if number in set(asked)]) == len(asked)
        # nothing of all that is still at work: requests of every kind are answered at once
        assert server.ask("tunesmith/check", {"job": "a.job.yaml"})["ok"] is True
        assert eventually(lambda: len(process.children(recursive=True)) <= 6)


def test_what_is_cancelled_before_it_is_asked_and_after_it_is_answered_changes_nothing(project):
    with serving(project) as server:
        server.tell("$/cancelRequest", {"id": 2})
        assert server.ask("tunesmith/runs")["runs"] == []
        assert server.ask("tunesmith/runs")["runs"] == []
        server.tell("$/cancelRequest", {"id": 2})
        assert server.ask("tunesmith/runs")["runs"] == []


def test_a_shutdown_in_the_middle_of_slow_work_answers_everything_and_ends_every_process(project):
    (project / "slow.py").write_text("import time\nwhile True: time.sleep(0.01)\n")
    (project / "slow.job.yaml").write_text(TEXT.replace("rows.csv", "slow:rows"))
    server = Server(cwd=project)
    server.initialize(project, trusted=True)
    process = psutil.Process(server.process.pid)
    numbers = [server.begin("tunesmith/check", {"job": "slow.job.yaml"}) for _ in range(20)]
    numbers.append(server.begin("tunesmith/estimate", {"job": "slow.job.yaml"}))
    children = eventually(lambda: process.children(recursive=True))
    assert server.end() == 0
    eventually(lambda: server.ended)
    for number in numbers:
        assert server.answers[number]["error"]["code"] in (CANCELLED, -32803), server.answers[number]
    eventually(lambda: not any(child.is_running() for child in children))


def is_estimate(process: psutil.Process) -> bool:
    try:
        return "tunesmith.estimate" in process.cmdline()
    except psutil.Error:
        return False  # it has just ended


def test_many_estimates_at_a_time_take_turns(project):
    with serving(project) as server:
        process = psutil.Process(server.process.pid)
        numbers = [server.begin("tunesmith/estimate", {"job": "a.job.yaml", "measure": False}) for _ in range(3)]
        most = 0
        while any(number not in server.answers for number in numbers):
            most = max(most, sum(is_estimate(child) for child in process.children()))
            assert most <= 2
        assert most > 0
        assert all("result" in server.answers[number] for number in numbers)


def test_more_requests_at_a_time_than_there_is_room_for_are_told_so(project):
    (project / "slow.py").write_text("import time\nwhile True: time.sleep(0.01)\n")
    (project / "slow.job.yaml").write_text(TEXT.replace("rows.csv", "slow:rows"))
    with serving(project) as server:
        numbers = [server.begin("tunesmith/check", {"job": "slow.job.yaml"}) for _ in range(400)]
        refused = eventually(lambda: [number for number in numbers if number in server.answers])
        assert server.answers[refused[0]]["error"]["data"]["code"] == "server.busy"
        for number in numbers:
            server.tell("$/cancelRequest", {"id": number})
        for number in numbers:
            with pytest.raises(RefusedError):
                server.answer(number)
        assert server.ask("tunesmith/runs")["runs"] == []
