"""`tunesmith inspect` as a process: what it prints, what it changes, how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from support import tunesmith
from tunesmith.cli.inspect import run
from tunesmith.inspections.as_json import as_examined, inspect_text
from tunesmith.inspections.rules import target_of_wrong_type

BAD = """\
import torch

def train(model, loader, optimizer):
    for batch, target in loader:
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        optimizer.step()
"""


def test_findings_are_told_by_place_and_end_with_1(tmp_path):
    (tmp_path / "train.py").write_text(BAD, encoding="utf-8")
    (tmp_path / "good.py").write_text("import torch\n", encoding="utf-8")
    done = tunesmith("inspect", ".", cwd=tmp_path)
    assert done.returncode == 1
    first, fix, last = done.stdout.splitlines()
    assert first.startswith("train.py:7:9: warning[TS101] ")
    assert fix == "  fix: Add `optimizer.zero_grad()`"
    assert last == "1 finding in 2 files, 1 can be mended with --fix"


def test_good_code_ends_with_0(tmp_path):
    (tmp_path / "good.py").write_text("import torch\n", encoding="utf-8")
    done = tunesmith("inspect", "good.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "0 findings in 1 file\n")


def test_fix_mends_the_file_and_keeps_its_encoding_and_line_endings(tmp_path):
    file = tmp_path / "train.py"
    text = "# -*- coding: latin-1 -*-\n# Güte\n" + BAD
    file.write_bytes(text.replace("\n", "\r\n").encode("latin-1"))
    done = tunesmith("inspect", "train.py", "--fix", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "0 findings in 1 file, 1 mended\n")
    wanted = text + "        optimizer.zero_grad()\n"
    assert file.read_bytes() == wanted.replace("\n", "\r\n").encode("latin-1")


def test_unsafe_fixes_are_not_applied(tmp_path):
    file = tmp_path / "load.py"
    file.write_text("import torch\nstate = torch.load('x.pt', weights_only=False)\n", encoding="utf-8")
    before = file.read_bytes()
    done = tunesmith("inspect", "load.py", "--fix", cwd=tmp_path)
    assert done.returncode == 1
    assert "(only in the editor)" in done.stdout
    assert file.read_bytes() == before


def test_json_says_all_that_a_program_needs(tmp_path):
    (tmp_path / "train.py").write_text(BAD, encoding="utf-8")
    done = tunesmith("inspect", "train.py", "--json", cwd=tmp_path)
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["ok"], answer["files"], answer["fixed"]) == (1, False, 1, 0)
    (finding,) = answer["findings"]
    assert (finding["file"], finding["line"], finding["column"], finding["code"]) == ("train.py", 7, 9, "TS101")
    assert (finding["end_line"], finding["end_column"]) == (7, 25)
    assert finding["fixes"] == [{"title": "Add `optimizer.zero_grad()`", "is_safe": True}]


def test_what_cannot_be_read_is_told_and_hides_nothing_else(tmp_path):
    (tmp_path / "broken.py").write_text("import torch\ndef train(:\n", encoding="utf-8")
    (tmp_path / "bytes.py").write_bytes(b"import torch\nname = '\xff'\n")
    (tmp_path / "train.py").write_text(BAD, encoding="utf-8")
    done = tunesmith("inspect", ".", cwd=tmp_path)
    assert done.returncode == 1
    assert "error[inspect.not-python]: broken.py:2:" in done.stdout
    assert "error[inspect.unreadable]: bytes.py:" in done.stdout
    assert "train.py:7:9: warning[TS101]" in done.stdout


def test_missing_path_ends_with_2(tmp_path):
    done = tunesmith("inspect", "nowhere", cwd=tmp_path)
    assert done.returncode == 2
    assert "error[inspect.missing-path]: nowhere:" in done.stderr


def test_environments_and_hidden_folders_are_left_out(tmp_path):
    for folder in (".hidden", "venv", "node_modules"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "train.py").write_text(BAD, encoding="utf-8")
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    done = tunesmith("inspect", ".", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "0 findings in 0 files\n")


def test_nothing_heavy_is_loaded_and_nothing_of_the_code_is_run(tmp_path):
    (tmp_path / "train.py").write_text(BAD + "\nraise SystemExit('the code was run')\n", encoding="utf-8")
    (tmp_path / "torch.py").write_text("raise SystemExit('torch was imported')\n", encoding="utf-8")
    done = tunesmith("inspect", "train.py", cwd=tmp_path)
    assert "1 finding in 1 file" in done.stdout
    assert "SystemExit" not in done.stderr


@pytest.fixture
def broken_rule(monkeypatch):
    """The rule TS303 raises on every file."""

    def check(module):
        return iter([module.tree.body[1_000]])

    monkeypatch.setattr(target_of_wrong_type, "check", check)


def test_helper_of_the_editor_names_the_rule_that_raises_beside_the_findings(broken_rule):
    examined = as_examined(json.loads(json.dumps(inspect_text(BAD, "train.py"))))
    assert [each.code for each in examined.findings] == ["TS101"]
    (failure,) = examined.failures
    assert str(failure).startswith("the rule TS303 target-of-wrong-type failed on this file: IndexError: ")


@pytest.mark.parametrize("fix", [False, True])
def test_rule_that_raises_is_named_and_the_others_go_on(tmp_path, capsys, broken_rule, fix):
    (tmp_path / "train.py").write_text(BAD, encoding="utf-8")
    (tmp_path / "other.py").write_text(
        "import torch\nstate = torch.load('x.pt', weights_only=False)\n", encoding="utf-8"
    )
    status = run(SimpleNamespace(paths=[tmp_path], fix=fix, json=True))
    answer = json.loads(capsys.readouterr().out)
    assert status == 1
    assert [each["code"] for each in answer["findings"]] == (["TS601"] if fix else ["TS601", "TS101"])
    assert [each["code"] for each in answer["problems"]] == ["inspect.rule-failed"] * 2
    assert "TS303 target-of-wrong-type" in answer["problems"][0]["message"]
    assert "IndexError: list index out of range (test_inspections_cli.py:" in answer["problems"][0]["message"]


def test_command_loads_neither_the_server_nor_torch(tmp_path):
    (tmp_path / "train.py").write_text(BAD, encoding="utf-8")
    code = "import sys; from tunesmith.cli import main; main(['inspect', 'train.py']); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    loaded = done.stdout.splitlines()[-1].split()
    assert "tunesmith.inspections.engine" in loaded
    assert [each for each in loaded if each in ("torch", "pygls") or each.startswith("tunesmith.server")] == []
