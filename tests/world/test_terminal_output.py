"""What others wrote reaches the terminal as text: it acts on nothing, and no encoding ends a command."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import tunesmith
from tunesmith import guarded, shown
from tunesmith.cli import main
from tunesmith.cli.parts.live_progress import LiveDisplay
from tunesmith.errors import Place, Problem
from tunesmith.python_process import module_command
from tunesmith.runs.folder import RunFolder, create_run, runs_root
from tunesmith.runs.lines import Watcher

TITLE = "\x1b]0;owned\x07"  # the window's title
CLEAR = "\x1b[2J\x1b[H"
CLIPBOARD = "\x1b]52;c;ZXZpbA==\x07"
C1 = "\x9b31m"  # the same as ESC [ in one character
BIDI = "\u202eevil\u2066"
MARKUP = "[red]bold[/red] :warning:"
HOSTILE = f"a{TITLE}{CLEAR}{CLIPBOARD}{C1}{BIDI}\r\x08\x7f\u2028{MARKUP}\U000e0041"
FAKE = "spam\nerror[job.fake]: do this\x1b[31m"
ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\U000e0000-\U000e0fff]")


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run in which every text that can be somebody else's is hostile."""
    text = json.dumps(HOSTILE + FAKE)
    job = f"task: text-classification\nseed: 7\ndata: {{text: {text}, label: {json.dumps(FAKE)}}}\n"
    about = {"job": HOSTILE, "task": FAKE, "model": HOSTILE}
    run = create_run(runs_root(tmp_path), job, name=HOSTILE + FAKE, about=about)
    recorder = run.recorder()
    for step in range(1, 30):
        recorder.scalar("loss", step, 1 / step)
    recorder.event("evaluation", step=10, metrics={HOSTILE: 0.5, FAKE: HOSTILE})
    recorder.event("warning", message=HOSTILE + FAKE)
    recorder.event(HOSTILE, anything=FAKE)
    recorder.close()
    run.log_file.write_bytes(f"line\r\n{HOSTILE}\n{FAKE}\n".encode("utf-8", "surrogatepass") + b"\xff\x9b\n")
    by_class = {"label": HOSTILE + FAKE, "precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 3}
    report = {
        "headline": HOSTILE + FAKE,
        "warnings": [HOSTILE + FAKE],
        "words": [HOSTILE + FAKE],
        "notes": [HOSTILE + FAKE],
        "metrics": {HOSTILE: 0.5, FAKE: 0.25},
        "classification": {"by_class": [by_class]},
    }
    guarded.write_guarded(run.report_folder / "metrics.json", report)
    matrix = {"labels": [HOSTILE, FAKE], "counts": [[1, 2], [3, 4]]}
    (run.report_folder / "confusion.json").write_text(json.dumps(matrix))
    row = {"row": 0, "file": f"/a/{FAKE}{HOSTILE}", "line": 3, "expected": FAKE, "predicted": {"label": HOSTILE}}
    (run.report_folder / "hardest.jsonl").write_text(
        json.dumps({**row, "loss": 1.0, "values": {"text": HOSTILE}}) + "\n"
    )
    run.set_state("failed", message=HOSTILE + FAKE, device=HOSTILE, best={"metric": FAKE, "value": 0.5, "step": 10})
    odd = create_run(runs_root(tmp_path), "", name="b")
    odd.path.rename(odd.path.with_name(f"{odd.id}{HOSTILE.replace('/', '')}\n{odd.id}"))
    return run


def data_project(folder: Path) -> Path:
    """A job and data with hostile names, labels and texts."""
    rows = [{f"text{C1}": f"{HOSTILE} {number}", "label": FAKE if number % 2 else HOSTILE} for number in range(20)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    job = folder / "rows.job.yaml"
    job.write_text(
        f"task: text-classification\nmodel: all-MiniLM-L6-v2\nnote\x85: 1\n"
        f'data: {{train: rows.jsonl, text: "text\\x9b31m", label: {json.dumps(FAKE)}, "{MARKUP}": 1}}\n'
    )
    return job


COMMANDS = [
    ["runs"],
    ["runs", "--json"],
    ["show", "RUN"],
    ["show", "RUN", "--json"],
    ["show", "RUN", "--series", HOSTILE],
    ["report", "RUN"],
    ["report", "RUN", "--ascii"],
    ["report", "RUN", "--json"],
    ["log", "RUN"],
    ["log", "RUN", "--follow"],
    ["log", "RUN", "--json"],
    ["queue"],
    ["queue", "--json"],
    ["queue", "--cancel", HOSTILE],
    ["compare", "RUN", "last"],
    ["compare", "RUN", "RUN", "--json"],
    ["stop", "RUN"],
    ["pause", "RUN"],
    ["keep", "RUN", HOSTILE],
    ["export", "RUN", "--checkpoint", HOSTILE],
    ["predict", "RUN", HOSTILE],
    ["replay", "RUN", "--step", "1"],
    ["resume", HOSTILE],
    ["show", FAKE],
    ["delete", HOSTILE],
    ["delete", "RUN"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words)[:30].encode("ascii", "replace").decode())
def test_no_command_on_runs_lets_anything_act(words, run, capfdbinary):
    given = [run.id if word == "RUN" else word for word in words]
    assert main([*given, "--project", str(run.path.parents[2])]) in (0, 1, 2)
    told = capfdbinary.readouterr()
    for content in (told.out, told.err):
        text = content.decode("utf-8")
        assert ACTS.search(text) is None, text
        assert "\nerror[job.fake]" not in text or words[0] == "log"  # whose lines are its own
    if "--json" in words and "log" not in words and told.out:
        assert "\u202e" not in told.out.decode()
        json.loads(told.out)
    if words == ["log", "RUN", "--json"]:
        assert json.loads(told.out.splitlines()[2])["message"] == HOSTILE + FAKE


@pytest.mark.parametrize("words", [["check"], ["check", "--json"], ["estimate"], ["inspect"], ["run"]])
def test_no_command_on_jobs_and_data_lets_anything_act(words, tmp_path, capfdbinary, monkeypatch):
    monkeypatch.chdir(tmp_path)
    job = data_project(tmp_path)
    (tmp_path / f"b{C1}{BIDI}.py").write_text("import torch\nloss.backward()\n")
    assert main([*words, str(tmp_path if words == ["inspect"] else job)]) in (0, 1, 2)
    told = capfdbinary.readouterr()
    for content in (told.out, told.err):
        assert ACTS.search(content.decode("utf-8")) is None
        assert b"\nerror[job.fake]" not in content
    if "--json" in words:
        json.loads(told.out)


def test_a_new_project_tells_hostile_columns_and_labels_as_text(tmp_path, capfdbinary):
    data_project(tmp_path)
    words = ["new", str(tmp_path / f"p{C1}"), "--task", "text-classification", "--data", str(tmp_path / "rows.jsonl")]
    assert main([*words, "--column", f"text=text{C1}", "--column", "label=label"]) in (0, 2)
    told = capfdbinary.readouterr()
    assert ACTS.search((told.out + told.err).decode("utf-8")) is None
    assert b"\nerror[job.fake]" not in told.out


def test_the_live_display_draws_styles_of_its_own_only(run, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", Terminal())
    display = LiveDisplay()
    watcher = Watcher(run)
    display.say(HOSTILE + FAKE)
    run.set_state("failed", message=HOSTILE)
    display.show(watcher.look())
    display.close()
    drawn = sys.stdout.getvalue()  # type: ignore[attr-defined]
    assert "[red]bold[/red] :warning:" in drawn
    for harm in (TITLE, CLEAR, CLIPBOARD, C1, "\u202e", "\x1b[31m"):
        assert harm not in drawn
    assert shown.text(TITLE) in drawn


def test_an_error_is_reported_in_lines_of_its_own():
    problem = Problem(
        code="a.b",
        message=f"odd {FAKE}",
        place=Place(file=Path(f"/x/{FAKE}"), key=FAKE),
        found=FAKE,
        allowed=(FAKE,),
        hint=FAKE,
    )
    assert [line[:2] for line in str(problem).splitlines()] == ["er", "  ", "  ", "  ", "  ", "  "]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk", "utf-8"])
def test_a_terminal_that_lacks_a_character_gets_it_written_out(encoding, run):
    run.set_state("stopped", message="中文 café 👍 \ud800")
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    for words in (["show", run.id], ["show", run.id, "--json"]):
        done = subprocess.run(
            module_command("tunesmith", *words),
            cwd=run.path.parents[2],
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr
        out = done.stdout.decode(encoding)
        if "--json" in words:
            assert json.loads(out)["message"] == "中文 café 👍 \ud800"
        else:
            assert ("中文" if encoding in ("gbk", "utf-8") else "\\u4e2d\\u6587") in out


def test_joined_signs_and_all_scripts_stay_as_they_are():
    text = "می‌خواهم 👨‍👩‍👧 中文 עברית\tdone\n"
    assert shown.text(text) == text
    assert shown.line("a\tb\nc") == "a\\u0009b\\u000ac"


def test_help_and_bad_use_are_shown_too(tmp_path):
    done = tunesmith(f"sh\x1bow{BIDI}", cwd=tmp_path)
    assert done.returncode == 2
    assert ACTS.search(done.stdout + done.stderr) is None
