"""What any client may rely on, and what no client can break."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from server_client import RefusedError, Server, eventually, serving
from support import write_digits_job
from tunesmith.protocol.codec import decode
from tunesmith.protocol.session import ServerInfo
from tunesmith.protocol.table import REQUESTS
from tunesmith.python_process import code_command, module_command

ROOT = Path(__file__).parents[2]


def write_rows_job(folder, label="good"):
    """A job whose rows come from the project's own code, cheap to import."""
    folder.mkdir(exist_ok=True)
    rows = f"[{{'text': f'word {{n}}', 'label': ['{label}', 'other'][n % 2]}} for n in range(40)]"
    (folder / "rows.py").write_text(f"def read():\n    return {rows}\n")
    job = folder / "rows.job.yaml"
    job.write_text(
        "task: text-classification\nmodel: {scratch: {name: small}}\n"
        "data: {train: 'rows:read', text: text, label: label}\n"
    )
    return job


def refusal(server, method, params=None):
    with pytest.raises(RefusedError) as caught:
        server.ask(method, params)
    return caught.value


def test_the_handshake_tells_versions_trust_and_every_method(tmp_path):
    with serving(tmp_path, begin=False) as server:
        found = server.initialize(tmp_path, trusted=True, protocolVersion=1)
        info = decode(ServerInfo, found["capabilities"]["experimental"]["tunesmith"])
        assert info.protocol_version == 1
        assert info.trusted and info.off == ()
        assert set(info.methods) == {request.name for request in REQUESTS}
        assert info.pid == server.process.pid
        assert Path(info.log).exists()


def test_another_version_is_refused_with_the_side_to_update(tmp_path):
    with serving(tmp_path, begin=False) as server:
        with pytest.raises(RefusedError) as caught:
            server.initialize(tmp_path, protocolVersion=99)
        assert caught.value.code == "protocol.version-mismatch"
        assert "update the runtime" in str(caught.value)
        server.initialize(tmp_path, protocolVersion=1)


def test_requests_out_of_order_get_the_codes_of_lsp(tmp_path):
    with serving(tmp_path, begin=False) as server:
        assert refusal(server, "tunesmith/runs").number == -32002
        server.initialize(tmp_path)
        with pytest.raises(RefusedError) as caught:
            server.initialize(tmp_path)
        assert caught.value.number == -32600
        assert refusal(server, "tunesmith/nothing").number == -32601
        assert refusal(server, "textDocument/nothing").number == -32601
        wrong = refusal(server, "tunesmith/runs", {"limit": "many"})
        assert wrong.number == -32602
        assert wrong.data["problems"][0]["key"] == "params.limit"
        server.ask("shutdown")
        assert refusal(server, "tunesmith/runs").number == -32600
        server.tell("exit")
        assert server.wait() == 0
        server.end = lambda: 0
        server.process.poll = lambda: None


def test_shutdown_in_one_breath_with_what_goes_before_is_answered(tmp_path):
    def framed(message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)

    for _ in range(3):
        server = Server(cwd=tmp_path)
        server.ask("initialize", {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": {}})
        asked = [{"id": f"r{number}", "method": "tunesmith/runs", "params": {}} for number in range(5)]
        told = [{"method": "initialized", "params": {}}] * 3
        last = [{"id": "end", "method": "shutdown"}, {"method": "exit"}]
        server.raw(b"".join(map(framed, [*asked, *told, *last])))
        assert server.answer("end") is None
        assert server.wait() == 0
        assert {message["id"] for message in asked} <= set(server.answers)
        assert server.complaints == []


def test_wrong_parameters_of_any_method_are_refused_with_the_field(tmp_path):
    samples = json.loads((ROOT / "tests/server/samples/protocol.json").read_bytes())
    methods = {}
    for request in REQUESTS:
        methods.setdefault(request.params.__name__, request.name)
    with serving(tmp_path) as server:
        wrong = [sample for sample in samples if not sample["valid"] and sample["message"] in methods]
        numbers = [server.begin(methods[sample["message"]], sample["value"]) for sample in wrong]
        for number, sample in zip(numbers, wrong, strict=True):
            with pytest.raises(RefusedError) as caught:
                server.answer(number)
            assert caught.value.number == -32602, (sample, str(caught.value))
            assert caught.value.data["problems"][0]["key"].startswith("params"), sample
        assert len(wrong) > len(methods)


def test_a_flood_of_requests_is_answered_or_told_that_the_server_is_busy(tmp_path):
    with serving(tmp_path) as server:
        numbers = [server.begin("tunesmith/runs") for _ in range(2000)]
        eventually(lambda: all(number in server.answers for number in numbers))
        errors = {
            server.answers[number]["error"]["data"]["code"] for number in numbers if "error" in server.answers[number]
        }
        assert errors <= {"server.busy"}
        assert server.ask("tunesmith/queue")["waiting"] == []


def test_exit_without_shutdown_is_status_1(tmp_path):
    server = Server(cwd=tmp_path)
    server.initialize(tmp_path)
    server.tell("exit")
    assert server.wait() == 1
    assert server.complaints == []


def test_a_client_that_goes_away_ends_the_server(tmp_path):
    server = Server(cwd=tmp_path)
    server.initialize(tmp_path)
    server.process.stdin.close()
    server.wait()
    assert server.complaints == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"Content-Length: 3\r\n\r\n{]}", -32700),
        (b"Content-Length: 2\r\n\r\n[]", -32600),
        (b"Content-Length: x\r\n\r\n", -32700),
        (b"GET / HTTP/1.1\r\nHost: me\r\n\r\n", -32700),
        (b"X" * 20_000 + b"\r\n\r\n", -32700),
        (b"Content-Length: 70000000\r\n\r\n" + b" " * 70_000_000, -32600),
    ],
    ids=["no JSON", "no object", "no length", "HTTP", "endless headers", "huge"],
)
def test_what_is_no_message_is_answered_and_the_next_message_is_read(tmp_path, data, code):
    with serving(tmp_path) as server:
        server.raw(data)
        assert eventually(lambda: server.answers.get(None))["error"]["code"] == code
        assert server.ask("tunesmith/runs")["runs"] == []


def test_nothing_heavy_is_imported_before_it_is_needed():
    program = (
        "import sys\n"
        "import tunesmith.cli.serve, tunesmith.server.serve, tunesmith.server.transport.stdio\n"
        "heavy = {'torch', 'numpy', 'jedi', 'sklearn', 'transformers', 'ruamel', 'psutil', 'rich'}\n"
        "print(*sorted(set(sys.modules) & heavy))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_an_idle_server_has_imported_nothing_heavy(tmp_path):
    with serving(tmp_path) as server:
        server.ask("tunesmith/runs")
        maps = Path(f"/proc/{server.process.pid}/maps")
        if not maps.exists():
            pytest.skip("only Linux tells what a process has mapped")
        mapped = maps.read_text()
        assert [name for name in ("torch", "numpy", "sklearn") if f"/{name}/" in mapped] == []


def test_stdout_belongs_to_the_protocol_alone(tmp_path):
    """A job whose model prints while it is checked harms nobody."""
    (tmp_path / "loud.py").write_text("print('I print when I am imported')\ndef rows():\n    return []\n")
    job = tmp_path / "loud.job.yaml"
    job.write_text("task: text-classification\nmodel: all-MiniLM-L6-v2\ndata: {train: 'loud:rows'}\n")
    with serving(tmp_path, quiet=False) as server:
        assert not server.ask("tunesmith/check", {"job": "loud.job.yaml"})["ok"]


def test_paths_stay_inside_the_workspace_unless_given_whole(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    job = write_rows_job(outside)
    (inside / "link").symlink_to(outside)
    (inside / "round.job.yaml").symlink_to("round.job.yaml")
    with serving(inside, trusted=False) as server:
        for text in ("../outside/rows.job.yaml", "link/rows.job.yaml", "a/../../outside/rows.job.yaml"):
            assert refusal(server, "tunesmith/check", {"job": text}).code == "server.outside-workspace"
            assert refusal(server, "tunesmith/run", {"run": text}).code == "server.outside-workspace"
        assert refusal(server, "tunesmith/check", {"job": "a\0b"}).number == -32602
        assert server.ask("tunesmith/check", {"job": "round.job.yaml"})["problems"][0]["code"] == "job.unreadable-file"
        assert server.ask("tunesmith/check", {"job": str(job)})["problems"] != []
        assert server.ask("tunesmith/trust", {"trusted": True})["trusted"]
        assert "problems" in server.ask("tunesmith/check", {"job": "link/rows.job.yaml"})


def test_an_untrusted_workspace_runs_no_code_until_the_client_says_so(tmp_path):
    write_rows_job(tmp_path)
    marker = tmp_path / "imported"
    code = tmp_path / "rows.py"
    code.write_text(f"open({str(marker)!r}, 'w')\n" + code.read_text())
    with serving(tmp_path, begin=False) as server:
        found = server.initialize(tmp_path)
        off = found["capabilities"]["experimental"]["tunesmith"]["off"]
        assert any("package.module:callable" in each["name"] and each["why"] for each in off)
        codes = {problem["code"] for problem in server.ask("tunesmith/check", {"job": "rows.job.yaml"})["problems"]}
        assert "job.untrusted" in codes
        assert refusal(server, "tunesmith/start", {"job": "rows.job.yaml"}).code == "job.untrusted"
        assert refusal(server, "tunesmith/estimate", {"job": "rows.job.yaml"}).code == "job.untrusted"
        assert server.ask("tunesmith/runs")["runs"] == []
        assert not marker.exists()
        assert server.ask("tunesmith/trust", {"trusted": True})["off"] == []
        assert server.ask("tunesmith/check", {"job": "rows.job.yaml"})["ok"]
        assert marker.exists()


def test_code_of_two_folders_is_not_mixed_up_and_edits_are_seen(tmp_path):
    for name in ("a", "b"):
        write_rows_job(tmp_path / name, label=name)
    with serving(tmp_path) as server:

        def labels(name):
            found = server.ask("tunesmith/check", {"job": f"{name}/rows.job.yaml"})
            return {label["label"] for label in found["labels"]}

        assert labels("a") == {"a", "other"}
        assert labels("b") == {"b", "other"}
        write_rows_job(tmp_path / "b", label="edited")
        assert labels("b") == {"edited", "other"}


def test_slow_work_shows_progress_and_can_be_cancelled_either_way(tmp_path):
    write_rows_job(tmp_path)
    (tmp_path / "rows.py").write_text("import time\nwhile True: time.sleep(0.01)\n")
    with serving(tmp_path) as server:
        params = {"job": "rows.job.yaml", "workDoneToken": "mine"}
        number = server.begin("tunesmith/check", params)
        kinds = lambda: [each["value"]["kind"] for each in server.heard("$/progress")]  # noqa: E731
        eventually(lambda: "report" in kinds())
        assert {each["token"] for each in server.heard("$/progress")} == {"mine"}
        server.tell("$/cancelRequest", {"id": number})
        with pytest.raises(RefusedError) as caught:
            server.answer(number)
        assert caught.value.number == -32800
        eventually(lambda: "end" in kinds())
        server.told.clear()
        number = server.begin("tunesmith/check", {"job": "rows.job.yaml"})
        token = eventually(lambda: server.heard("$/progress"))[0]["token"]
        assert server.asked[0]["method"] == "window/workDoneProgress/create"
        server.tell("window/workDoneProgress/cancel", {"token": token})
        with pytest.raises(RefusedError) as caught:
            server.answer(number)
        assert caught.value.number == -32800


def test_a_mistake_of_ours_names_the_log_that_has_the_traceback(tmp_path):
    code = """
from tunesmith.server.failures import failure
from tunesmith.server.logs import start_log
log = start_log(verbose=False)
try:
    1 / 0
except ZeroDivisionError as error:
    print(failure(error, doing="dividing", log_file=log))
"""
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(code_command(code), env=environment, capture_output=True, text=True, check=True)
    found = ast.literal_eval(done.stdout)
    assert (found["code"], found["data"]["code"]) == (-32603, "server.internal")
    log = Path(found["data"]["log"])
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")
    assert str(log) in found["message"]


def test_the_environment_and_the_catalog_are_told_whole(tmp_path):
    with serving(tmp_path) as server:
        environment = server.ask("tunesmith/environment", {"diagnose": False})
        assert environment["executable"] == sys.executable
        assert environment["devices"][-1]["name"] == "cpu"
        assert server.ask("tunesmith/devices")["machine"]["cores"] >= 1
        catalog = server.ask("tunesmith/catalog")
        huber = next(each for each in catalog["losses"] if each["name"] == "huber")
        assert huber["options"][0]["name"] == "delta"
        assert {"training.epochs", "seed"} <= {key["name"] for key in catalog["keys"]}
        splits = {each["name"]: each for each in catalog["splits"]}
        named = {
            name: [option["name"] for option in split["options"] if option["columns"]] for name, split in splits.items()
        }
        assert named == {"group": ["column"], "random": [], "stratified": [], "time": ["column"]}
        schema = server.ask("tunesmith/jobSchema")["schema"]
        printed = subprocess.run(module_command("tunesmith", "schema"), capture_output=True, check=True).stdout
        assert schema == json.loads(printed)


def test_a_wizard_can_look_at_data_and_make_a_project(tmp_path, library_csv):
    target = tmp_path / "made"
    with serving(tmp_path) as server:
        preview = server.ask("tunesmith/preview", {"path": str(library_csv), "rows": 3})
        assert preview["task"] == "text-classification"
        assert [column["kind"] for column in preview["columns"]] == ["text", "label"]
        assert preview["roles"]["label"] == ["subject"]
        assert {label["label"] for label in preview["labels"]} == {"text", "network"}
        assert len(preview["cells"]) == 3
        asked = {"folder": str(target), "task": preview["task"], "data": str(library_csv), "name": "library"}
        made = server.ask(
            "tunesmith/newProject",
            {
                **asked,
                "columns": {"text": ["doc"], "label": ["subject"]},
                "method": "{lora: {rank: 4}}",
                "split": '{"group": {"column": "doc"}}',
            },
        )
        assert made["job"] == str(target / "library.job.yaml")
        checked = server.ask("tunesmith/check", {"job": made["job"]})
        assert checked["ok"], checked["problems"]
        assert checked["job"]["method"]["lora"]["rank"] == 4
        assert checked["job"]["data"]["split"] == {"group": {"column": ["doc"]}}
        assert refusal(server, "tunesmith/newProject", asked).code == "new.folder-in-use"


def test_runs_wait_in_a_queue_that_can_be_reordered_and_cancelled_and_survives(tmp_path):
    write_digits_job(tmp_path, "training: {epochs: 5000, batch_size: 32}")
    with serving(tmp_path) as server:
        first, second, third = (
            server.ask("tunesmith/start", {"job": "digits.job.yaml", "name": name}) for name in ("a", "b", "c")
        )
        assert [each.get("position") for each in (first, second, third)] == [None, 1, 2]
        moved = server.ask("tunesmith/queueMove", {"run": third["run"]["id"], "position": 1})
        assert [each["run"] for each in moved["waiting"]] == [third["run"]["id"], second["run"]["id"]]
    with serving(tmp_path) as server:
        queue = server.ask("tunesmith/queue")
        assert [each["run"] for each in queue["waiting"]] == [third["run"]["id"], second["run"]["id"]]
        assert queue["running"] == [first["run"]["id"]]
        server.ask("tunesmith/queueCancel", {"run": second["run"]["id"]})
        server.ask("tunesmith/command", {"run": third["run"]["id"], "command": "stop"})
        assert server.ask("tunesmith/queue")["waiting"] == []
        server.ask("tunesmith/command", {"run": first["run"]["id"], "command": "kill"})
        states = lambda: {each["name"]: each["status"] for each in server.ask("tunesmith/runs")["runs"]}  # noqa: E731
        eventually(lambda: states() == {"a": "lost", "b": "stopped", "c": "stopped"})


def test_a_debugger_may_start_the_worker_itself(tmp_path):
    write_digits_job(tmp_path, "training: {max_steps: 5, batch_size: 32}")
    with serving(tmp_path) as server:
        prepared = server.ask("tunesmith/start", {"job": "digits.job.yaml", "mode": "prepare"})
        environment = {**os.environ, **prepared["environment"]}
        done = subprocess.run(prepared["command"], cwd=prepared["folder"], env=environment, check=False)
        assert done.returncode == 0
        run = server.ask("tunesmith/run", {"run": prepared["run"]["id"]})["run"]
        assert (run["status"], run["step"]) == ("finished", 5)
