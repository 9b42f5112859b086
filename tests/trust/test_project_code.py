"""Code that a job names is found in the project, whatever is installed; a project's files take no library's place."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import tunesmith, write_digits_job
from traps import Traps
from tunesmith.errors import TunesmithError
from tunesmith.python_process import PROJECT_PATH, code_command
from tunesmith.runs.queue import UNTRUSTED
from tunesmith.trust import forget_projects, import_callable


@pytest.fixture(autouse=True)
def nothing_stays(tmp_path):
    yield
    forget_projects()
    for name, module in list(sys.modules.items()):  # the libraries that the tests wrote
        if str(getattr(module, "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]
    importlib.invalidate_caches()


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A folder of installed packages with names that users like, too."""
    folder = tmp_path / "site-packages"
    for name in ("utils", "data", "datasets"):
        for loaded in [each for each in sys.modules if each.partition(".")[0] == name]:  # by other tests
            monkeypatch.delitem(sys.modules, loaded)
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("def rows(): return 'installed'\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", ["utils", "data", "datasets"])
def test_the_module_that_a_job_names_is_the_projects_own(name, project, installed):
    (project / f"{name}.py").write_text("def rows(): return 'own'\n", encoding="utf-8")
    assert import_callable(f"{name}:rows", project)() == "own"


def test_the_projects_code_imports_its_own_modules_first(project, installed):
    (project / "utils.py").write_text("def rows(): return 'own'\n", encoding="utf-8")
    (project / "net.py").write_text("from utils import rows\nimport data\n", encoding="utf-8")
    assert import_callable("net:rows", project)() == "own"
    assert import_callable("net:data.rows", project)() == "installed"


def test_a_package_that_imports_one_of_that_name_gets_the_installed_one(project, installed):
    """Libraries look for what they can work with, such as pandas, whenever it may be of use."""
    (installed / "library.py").write_text("def rows():\n    import utils\n    return utils.rows()\n", encoding="utf-8")
    (project / "utils.py").write_text("def rows(): return 'own'\n", encoding="utf-8")
    (project / "net.py").write_text("from library import rows\n", encoding="utf-8")
    assert import_callable("net:rows", project)() == "installed"


ABSENT = "readline" if sys.platform == "win32" else "winreg"
"""Of the standard library, on other systems."""


@pytest.mark.parametrize("name", ["optional.py", "optional/__init__.py", "optional/runs.txt", f"{ABSENT}.py"])
def test_a_library_that_asks_for_a_missing_package_is_not_shown_the_projects(name, project, installed):
    asked = Path(name).parts[0].removesuffix(".py")
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text("", encoding="utf-8")
    text = f"import importlib.util\ndef rows(): return importlib.util.find_spec({asked!r})\n"
    (installed / "library.py").write_text(text, encoding="utf-8")
    (project / "net.py").write_text("from library import rows\n", encoding="utf-8")
    (project / "mine.py").write_text(text, encoding="utf-8")
    assert import_callable("net:rows", project)() is None
    assert (import_callable("mine:rows", project)() is None) == (asked == ABSENT)


def test_a_library_that_imports_what_it_was_given_finds_the_projects(project, installed):
    """As what restores objects from a file does, or makes them from names in a configuration."""
    text = "import importlib\ndef made(name): return importlib.import_module(name).rows()\n"
    (installed / "library.py").write_text(text, encoding="utf-8")
    (project / "own_rows.py").write_text("def rows(): return 'own'\n", encoding="utf-8")
    (project / "net.py").write_text("import library\ndef rows(): return library.made('own_rows')\n", encoding="utf-8")
    assert import_callable("net:rows", project)() == "own"


def test_a_folder_of_data_is_no_package_but_one_with_the_named_module_is(project, installed):
    (project / "data").mkdir()
    (project / "data" / "rows.csv").write_text("a\n1\n", encoding="utf-8")
    (project / "net.py").write_text("from data import rows\n", encoding="utf-8")
    assert import_callable("net:rows", project)() == "installed"
    forget_projects()
    del sys.modules["data"]
    (project / "data" / "load.py").write_text("def rows(): return 'own'\n", encoding="utf-8")
    assert import_callable("data.load:rows", project)() == "own"


def test_the_standard_library_and_what_we_need_keep_their_names(project):
    """`random` is imported already, `wave` and `peft` are not: it makes no difference."""
    for name in ("random", "wave", "torch", "narwhals", "mpl_toolkits", "winreg", "msvcrt"):
        (project / f"{name}.py").write_text("raise ValueError('the project file was run')\n", encoding="utf-8")
    text = "import random, wave, torch, narwhals, mpl_toolkits\ntry: import msvcrt, winreg\nexcept ImportError: pass\n"
    (project / "net.py").write_text(text, encoding="utf-8")
    assert import_callable("net:torch.nn.Linear", project).__module__ == "torch.nn.modules.linear"


@pytest.mark.parametrize("name", ["random", "wave", "narwhals", "winreg"])
def test_a_job_that_names_a_file_with_such_a_name_is_told_to_rename_it(name, project):
    (project / f"{name}.py").write_text("def rows(): return 'own'\n", encoding="utf-8")
    with pytest.raises(TunesmithError) as raised:
        import_callable(f"{name}:rows", project)
    problem = raised.value.problems[0]
    assert (problem.code, problem.found) == ("job.module-name-taken", name)
    assert f"{name}.py" in problem.message
    assert f"my_{name}" in problem.hint


def test_a_callable_of_an_installed_package_needs_no_file_of_the_project(project):
    (project / "torch.py").write_text("raise ImportError('the project file was run')\n", encoding="utf-8")
    assert import_callable("torch.nn:MSELoss", project).__name__ == "MSELoss"


def test_code_that_meant_its_own_file_is_told_which_to_rename(project):
    (project / "narwhals.py").write_text("LABELS = 3\n", encoding="utf-8")
    (project / "net.py").write_text("from narwhals import LABELS\n", encoding="utf-8")
    with pytest.raises(TunesmithError) as raised:
        import_callable("net:LABELS", project)
    problem = raised.value.problems[0]
    assert problem.code == "job.cannot-import"
    assert problem.hint == "narwhals is the name of an installed package; rename the project's narwhals.py"


def test_a_relative_python_path_holds_for_the_projects_code(project, monkeypatch):
    (project / "src").mkdir()
    (project / "src" / "shop.py").write_text("def rows(): return 'own'\n", encoding="utf-8")
    monkeypatch.setenv(PROJECT_PATH, str(project / "src"))
    assert import_callable("shop:rows", project)() == "own"


def test_a_worker_of_an_untrusted_project_imports_nothing_whatever_it_is_asked(project, monkeypatch):
    """Between the look at the job and its training, a file that stood in for a callable may have gone."""
    (project / "mine.py").write_text("raise ValueError('the project file was run')\n", encoding="utf-8")
    monkeypatch.setattr("os.environ", {**os.environ, **UNTRUSTED})
    with pytest.raises(TunesmithError) as raised:
        import_callable("mine:rows", project, trusted=True)
    assert raised.value.code == "job.untrusted"


def test_the_newest_project_is_looked_into_first_and_all_can_be_forgotten(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.py").write_text(f"def rows(): return {name!r}\n", encoding="utf-8")
    path, finders = list(sys.path), list(sys.meta_path)
    assert import_callable("mine:rows", tmp_path / "a")() == "a"
    del sys.modules["mine"]
    assert import_callable("mine:rows", tmp_path / "b")() == "b"
    forget_projects()
    assert (sys.path, sys.meta_path) == (path, finders)
    assert not {str(tmp_path / name) for name in ("a", "b")} & sys.path_importer_cache.keys()
    assert "mine" not in sys.modules


def test_a_module_of_a_forgotten_project_is_not_in_the_way_of_the_next_ones(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.py").write_text(f"def rows(): return {name!r}\n", encoding="utf-8")
    assert import_callable("mine:rows", tmp_path / "a")() == "a"
    forget_projects()
    assert import_callable("mine:rows", tmp_path / "b")() == "b"


def test_processes_that_the_projects_code_starts_find_it_too(project):
    """Data loaders on macOS and Windows begin with the parent's import path."""
    (project / "mine.py").write_text("def rows(): return 'own'\n", encoding="utf-8")
    import_callable("mine:rows", project)
    code = f"import sys; sys.path = {sys.path!r}; import mine; print(mine.rows())"
    assert subprocess.run(code_command(code), capture_output=True, text=True, check=True).stdout == "own\n"


def test_a_job_with_code_trains_among_files_named_like_every_module_there_is(tmp_path):
    traps = Traps(tmp_path / "project", tmp_path / "snapped.txt")
    traps.set_modules(traps.folder)
    write_digits_job(traps.folder, "training: {epochs: 1}")
    done = tunesmith("run", "digits.job.yaml", cwd=traps.folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert traps.snapped() == []


def test_two_projects_in_one_process_each_get_their_own_module_of_a_name(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name / "nets").mkdir(parents=True)
        (tmp_path / name / "nets" / "__init__.py").write_text("", encoding="utf-8")
        (tmp_path / name / "nets" / "small.py").write_text(f"def who(): return {name!r}\n", encoding="utf-8")
    for name in ("first", "second", "first"):
        assert import_callable("nets.small:who", tmp_path / name)() == name
