"""Through every door, in the folder of somebody else: nothing of it runs but the callables that a trusted job names."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from server_client import RefusedError, eventually, serving
from support import tunesmith
from traps import Traps
from tunesmith.cli import commands
from tunesmith.python_process import code_command
from tunesmith.runs.folder import all_runs, runs_root
from tunesmith.runs.launch import prepare
from tunesmith.server import methods
from tunesmith.trust import NO_CODE

CLEAN = """task: text-classification
model: {scratch: {layers: 1, width: 16, heads: 2, vocabulary: 300}}
data: {train: rows.csv, text: text, label: label, validation: 20%}
training: {max_steps: 2, batch_size: 8}
"""
CODE = CLEAN.replace("train: rows.csv", "train: 'own:rows'")
NAMED = ("model=own:rows", "training.loss=own:rows", "training.optimizer=own:rows")
"""Other keys of a job that can name code."""
INNOCENT = "import torch\n\n\ndef train(model, batches):\n    for batch in batches:\n        model(batch).backward()\n"

# What a user types in the project. `resume` starts the same worker as `run`, and `pause` asks what `stop` asks; `serve`
# has tests of its own; `demo` writes a project of its own, and starts these commands in it.
TYPED = [
    ["check", "clean.job.yaml"],
    ["estimate", "clean.job.yaml", "--json"],
    ["schema"],
    ["explain", "rank"],
    ["runs"],
    ["show", "RUN"],
    ["log", "RUN"],
    ["compare", "RUN", "RUN"],
    ["keep", "RUN", "2"],
    ["predict", "RUN", "some words"],
    ["report", "RUN", "--again"],
    ["export", "RUN", "--to", "OUT/exported"],
    ["replay", "RUN", "--step", "2"],
    ["queue"],
    ["inspect", "innocent.py"],
    ["doctor"],
    ["new", "OUT/new", "--task", "regression"],
    ["run", "clean.job.yaml", "--in-process"],
    ["resume", "RUN"],
    ["stop", "OTHER"],
    ["delete", "OTHER"],
]
ELSEWHERE = {"demo", "pause", "serve"}
MAY_FAIL = {"resume", "stop", "doctor", "new", "compare"}


@pytest.fixture(scope="module")
def traps(tmp_path_factory):
    """The project, with a finished run of a job without code."""
    folder = tmp_path_factory.mktemp("somebody")
    traps = Traps(folder / "project", folder / "snapped.txt")
    traps.set_everything()
    lines = [f"{word} number {number},{word}" for number in range(30) for word in ("good", "bad")]
    (traps.folder / "rows.csv").write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (traps.folder / "clean.job.yaml").write_text(CLEAN, encoding="utf-8")
    (traps.folder / "code.job.yaml").write_text(CODE, encoding="utf-8")
    own = [f"dict(text='{line.split(',')[0]}', label='{line.split(',')[1]}')" for line in lines]
    (traps.folder / "own.py").write_text(
        f"{traps.note('own.py')}\ndef rows():\n    return [{', '.join(own)}]\n", encoding="utf-8"
    )
    (traps.folder / "innocent.py").write_text(INNOCENT, encoding="utf-8")
    done = tunesmith("run", "clean.job.yaml", cwd=traps.folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return traps


def the_run(traps):
    return all_runs(runs_root(traps.folder))[0]


def test_a_run_of_a_job_without_code_runs_nothing_of_the_project_and_keeps_no_secret(traps):
    assert traps.snapped() == []
    environment = the_run(traps).path / "environment.json"
    assert stat.S_IMODE(environment.stat().st_mode) == 0o600
    kept = json.loads(environment.read_text(encoding="utf-8"))["git"]
    assert kept is None or list(kept) == ["commit"]


def test_every_command_is_typed_here():
    assert {words[0] for words in TYPED} | ELSEWHERE == set(commands())


def test_no_command_runs_anything_of_the_project(traps, tmp_path):
    """All in one process, so that torch is imported once; how a process begins, test_python_process.py tells."""
    run, other = the_run(traps), prepare(traps.folder / "clean.job.yaml", name="other")[0]
    places = {"RUN": run.id, "OTHER": other.id}
    typed = [[places.get(word, word.replace("OUT", str(tmp_path))) for word in words] for words in TYPED]
    program = f"""
import json, sys, traceback
from tunesmith.cli import main
told = []
for words in {typed!r}:
    print("$", *words, file=sys.stderr)
    try:
        told.append(main(words))
    except SystemExit as end:
        told.append(end.code)
    except Exception:
        traceback.print_exc()
        told.append("traceback")
print("STATUS " + json.dumps(told))
"""
    done = subprocess.run(
        code_command(program), cwd=traps.folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    status = json.loads(done.stdout.rpartition("STATUS ")[2])
    wrong = [words for words, code in zip(TYPED, status, strict=True) if code != 0 and words[0] not in MAY_FAIL]
    assert wrong == [], done.stdout + done.stderr
    assert "traceback" not in status, done.stderr
    assert traps.snapped() == []


def asked(run: str, out: Path) -> dict[str, dict]:
    """A question for each method of the protocol."""
    job, of_run = {"job": "clean.job.yaml"}, {"run": run}
    return {
        "tunesmith/catalog": {},
        "tunesmith/jobSchema": {},
        "tunesmith/devices": {},
        "tunesmith/environment": {},
        "tunesmith/check": job,
        "tunesmith/estimate": {**job, "measure": False},
        "tunesmith/preview": {"path": "rows.csv"},
        "tunesmith/newProject": {"folder": str(out / "new"), "task": "regression"},
        "tunesmith/runs": {},
        "tunesmith/run": of_run,
        "tunesmith/events": of_run,
        "tunesmith/log": of_run,
        "tunesmith/series": of_run,
        "tunesmith/compare": {"runs": [run, run]},
        "tunesmith/keep": {**of_run, "step": 2},
        "tunesmith/subscribe": of_run,
        "tunesmith/unsubscribe": of_run,
        "tunesmith/predict": {**of_run, "texts": ["some words"]},
        "tunesmith/report": {**of_run, "again": True},
        "tunesmith/samples": of_run,
        "tunesmith/export": {**of_run, "to": str(out / "exported")},
        "tunesmith/replay": {**of_run, "step": 2},
        "tunesmith/queue": {"parallel": 1},
        "tunesmith/queueMove": {**of_run, "position": 1},
        "tunesmith/queueCancel": of_run,
        "tunesmith/command": {**of_run, "command": "resume"},
        "tunesmith/start": {**job, "mode": "now", "name": "started"},
        "tunesmith/delete": {"runs": ["started"]},
    }


NEED_TRUST = {"tunesmith/replay"}
NOT_FOR_A_FINISHED_RUN = {"tunesmith/queueMove", "tunesmith/queueCancel", "tunesmith/command"}


def test_no_question_to_an_untrusted_server_runs_anything_of_the_project(traps, tmp_path):
    questions = asked(the_run(traps).id, tmp_path)
    assert questions.keys() == set(methods.names()) - {"tunesmith/trust"}
    refused = {}
    with serving(traps.folder, trusted=False, quiet=False) as server:
        for method, params in questions.items():
            if method == "tunesmith/delete":
                params = {"runs": [finished(server, "started")["id"]]}
            try:
                server.ask(method, params)
            except RefusedError as error:
                refused[method] = error.code
        edit(server, traps.folder)
    assert refused.keys() == NOT_FOR_A_FINISHED_RUN | NEED_TRUST, refused
    assert traps.snapped() == []


def finished(server, name: str) -> dict:
    """The newest run, once it has ended."""
    look = lambda: server.ask("tunesmith/runs")["runs"][0]  # noqa: E731
    run = eventually(lambda: (now := look())["status"] in ("finished", "failed") and now)
    assert (run["name"], run["status"]) == (name, "finished"), Path(run["path"], "log.txt").read_text()
    return run


def edit(server, folder: Path) -> None:
    """Open a job and a Python file, and ask all that an editor asks about a place."""
    for name, language, place in (("code.job.yaml", "yaml", (2, 18)), ("innocent.py", "python", (4, 8))):
        text = (folder / name).read_text(encoding="utf-8").replace("'own:rows'", "compiled:tr")
        uri = (folder / name).as_uri()
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        server.tell("textDocument/didOpen", {"textDocument": document})
        here = {"line": place[0], "character": place[1]}
        at = {"textDocument": {"uri": uri}, "position": here}
        for method in ("completion", "hover", "definition", "documentHighlight"):
            with suppress(RefusedError):
                server.ask(f"textDocument/{method}", at)
        whole = {"textDocument": {"uri": uri}, "range": {"start": here, "end": here}}
        for method in ("codeLens", "inlayHint", "documentSymbol", "semanticTokens/full", "codeAction", "formatting"):
            with suppress(RefusedError):
                server.ask(
                    f"textDocument/{method}",
                    {**whole, "context": {"diagnostics": []}, "options": {"tabSize": 2, "insertSpaces": True}},
                )
        eventually(lambda uri=uri: any(it["uri"] == uri for it in server.heard("textDocument/publishDiagnostics")))


def test_an_untrusted_client_cannot_have_the_named_code_run(traps):
    job, variables = {"job": "code.job.yaml"}, {"PYTHONPATH": str(traps.folder), "PYTHONSTARTUP": "sitecustomize.py"}
    with serving(traps.folder, trusted=False, quiet=False) as server:
        prepared = server.ask("tunesmith/start", {"job": "clean.job.yaml", "mode": "prepare"})
        assert NO_CODE.items() <= prepared["environment"].items()
        told = server.ask("tunesmith/check", job)
        assert "job.untrusted" in json.dumps(told)
        for method, params in (
            ("tunesmith/start", job),
            ("tunesmith/start", {"job": "clean.job.yaml", "environment": variables}),
            ("tunesmith/estimate", {**job, "measure": True}),
            *(("tunesmith/estimate", {"job": "clean.job.yaml", "overrides": [named]}) for named in NAMED),
            ("tunesmith/preview", {"path": "own:rows"}),
        ):
            with pytest.raises(RefusedError):
                server.ask(method, params)
    assert traps.snapped() == []


def test_with_trust_the_named_code_runs_and_nothing_else(traps):
    job = {"job": "code.job.yaml"}
    with serving(traps.folder, trusted=True, quiet=False) as server:
        assert server.ask("tunesmith/check", job)["rows"]["train"] == 48
        assert traps.snapped() == ["own.py"]
        run = server.ask("tunesmith/start", {**job, "mode": "now"})["run"]["id"]
        finished(server, "code")
        server.ask("tunesmith/predict", {"run": run, "texts": ["some words"]})
    assert traps.snapped() == ["own.py"]


def test_a_queue_that_came_with_the_project_starts_nothing(traps):
    """Neither when it is listed nor when a server looks at it."""
    run = prepare(traps.folder / "code.job.yaml", name="waiting")[0]
    entry = {"run": run.id, "added": 4e9, "environment": {"PYTHONPATH": str(traps.folder)}}
    queue = traps.folder / ".tunesmith" / "queue.json"
    queue.write_text(json.dumps({"parallel": 4, "waiting": [entry]}), encoding="utf-8")
    assert tunesmith("queue", cwd=traps.folder).returncode == 0
    with serving(traps.folder, trusted=False, quiet=False) as server:
        server.ask("tunesmith/queue", {})
        server.ask("tunesmith/runs", {})
    assert run.state().status == "queued"
    assert traps.snapped() == []
    queue.unlink(missing_ok=True)
    shutil.rmtree(run.path)
