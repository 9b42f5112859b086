"""No Python process of ours finds a module in the working folder, or where a relative PYTHONPATH points."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from traps import Traps
from tunesmith import python_process
from tunesmith.python_process import (
    PROJECT_PATH,
    code_command,
    leave_project_out,
    module_command,
    script_command,
    without_project,
)

ROOT = Path(__file__).parents[2]
VERSION = ("tunesmith", "--version")
IMPORTS = "import json, random, queue, types, logging, numpy, tunesmith.cli; print('good')"
OLDER = (sys.executable, "-c")  # what a Python without `-P` is given


@pytest.fixture(scope="module")
def traps(tmp_path_factory):
    folder = tmp_path_factory.mktemp("traps")
    traps = Traps(folder / "project", folder / "snapped.txt")
    traps.set_modules(traps.folder)
    return traps


@pytest.fixture(scope="module")
def early_names(tmp_path_factory):
    """What Python imports on its way to the first line of a module."""
    folder = tmp_path_factory.mktemp("early")
    (folder / "first.py").write_text("import sys; print(*sys.modules)", encoding="utf-8")
    names = tuple(run_in(folder, (sys.executable, "-m", "first")).stdout.split())
    assert "argparse" not in names
    return names


def run_in(folder: Path, command, **environment: str) -> subprocess.CompletedProcess[str]:
    cleaned = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", PROJECT_PATH)}
    return subprocess.run(
        command, cwd=folder, env={**cleaned, **environment}, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    "command",
    [
        module_command(*VERSION),
        (*OLDER, python_process._MODULE, *VERSION),
        code_command(IMPORTS),
        (*OLDER, f"{python_process._CODE}\n{IMPORTS}"),
        (str(Path(sys.executable).with_name("tunesmith")), "--version"),
    ],
    ids=["module", "module before 3.11", "code", "code before 3.11", "command"],
)
def test_a_module_of_the_working_folder_takes_the_place_of_no_other(command, traps):
    done = run_in(traps.folder, command)
    assert done.returncode == 0, done.stderr
    assert traps.snapped() == []


def test_a_typed_python_dash_m_is_safe_from_its_first_line_on(traps, early_names):
    """Before that, Python imports what it needs to find us: there the command is the door, as docs/trust.md says."""
    folder = traps.folder.parent / "typed"
    traps.set_modules(folder, but=("tunesmith", *early_names))
    done = run_in(folder, (sys.executable, "-m", *VERSION))
    assert done.returncode == 0, done.stderr
    assert traps.snapped() == []


def test_a_script_of_ours_imports_nothing_that_lies_beside_it(traps):
    (traps.folder / "ours.py").write_text(IMPORTS, encoding="utf-8")
    done = run_in(traps.folder, script_command("ours.py"))
    assert done.stdout == "good\n", done.stderr
    assert traps.snapped() == []


def test_a_module_gets_its_arguments_and_its_name():
    program = "import sys, runpy; print(__name__)"
    for command in (module_command("json.tool", "--help"), (*OLDER, python_process._MODULE, "json.tool", "--help")):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert "usage:" in done.stdout
    assert subprocess.run(code_command(program), capture_output=True, text=True, check=True).stdout == "__main__\n"


@pytest.mark.parametrize("written", ["", ".", "src", os.pathsep + "/somewhere", "{folder}"])
def test_a_python_path_into_the_working_folder_is_left_out_for_all_later_processes(written, tmp_path):
    given = {"PYTHONPATH": written.format(folder=tmp_path), "OTHER": "stays"}
    cleaned = without_project(given, str(tmp_path))
    kept = [entry for entry in cleaned.get("PYTHONPATH", "").split(os.pathsep) if entry]
    assert kept == (["/somewhere"] if "/somewhere" in written else [])
    assert cleaned["OTHER"] == "stays"
    if written not in ("", "{folder}"):
        assert PROJECT_PATH in cleaned
    assert without_project(cleaned, str(tmp_path)) == cleaned


def test_what_the_user_names_in_full_stays_and_so_does_tunesmith(tmp_path):
    runtime = str(ROOT / "runtime")
    assert without_project({"PYTHONPATH": "/my/library"}, str(tmp_path)) == {"PYTHONPATH": "/my/library"}
    assert without_project({"PYTHONPATH": runtime}, runtime) == {"PYTHONPATH": runtime}
    assert without_project({"PYTHONPATH": "runtime"}, str(ROOT)) == {"PYTHONPATH": runtime}


def test_the_command_works_with_a_relative_python_path_and_hands_none_on(traps, early_names):
    """As far as it can: Python itself looks for its codecs there, before any line of ours."""
    traps.set_modules(
        traps.folder.parent / "library", but=(*early_names, "tunesmith", "sitecustomize", "usercustomize")
    )
    program = f"""
import sys, tunesmith.__main__ as door
sys.argv = ["tunesmith", "--version"]
try: door.main()
except SystemExit: pass
import os, subprocess, random, json, queue
from tunesmith.python_process import code_command
print(os.environ.get("PYTHONPATH"), os.environ[{PROJECT_PATH!r}])
subprocess.run(code_command("import random, json, queue"), check=True)
"""
    (traps.folder.parent / "start.py").write_text(program, encoding="utf-8")
    done = run_in(traps.folder.parent, (sys.executable, "start.py"), PYTHONPATH="library")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"None {traps.folder.parent / 'library'}"
    assert traps.snapped() == []


def test_the_path_of_a_process_is_cleaned_before_the_standard_library_only(tmp_path, monkeypatch):
    library = str(Path(os.__file__).parent)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["src", "/elsewhere"]))
    monkeypatch.setenv(PROJECT_PATH, "")
    src = str(tmp_path / "src")
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), src, "/elsewhere", library, str(tmp_path), src])
    leave_project_out()
    assert sys.path == ["/elsewhere", library, str(tmp_path), src]
    assert os.environ["PYTHONPATH"] == "/elsewhere"
    assert os.environ[PROJECT_PATH] == src


def test_no_other_file_builds_the_command_line_of_a_python_process():
    """Whoever starts `sys.executable` by hand forgets the flags one day."""
    offenders = [
        f"{source.name}:{node.lineno}"
        for source in (ROOT / "runtime" / "tunesmith").rglob("*.py")
        if source.name != "python_process.py"
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.List | ast.Tuple)
        and any(isinstance(part, ast.Attribute) and part.attr == "executable" for part in node.elts[:1])
    ]
    assert offenders == []
