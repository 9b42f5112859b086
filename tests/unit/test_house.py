"""The rules of the house that no linter knows: every error is documented, nothing heavy is imported early."""

import ast
import importlib
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tunesmith.catalog import Catalog
from tunesmith.cli import commands

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "runtime" / "tunesmith").rglob("*.py"))
CODE = re.compile(r"[a-z]+\.[a-z]+(?:-[a-z]+)*")
HYPHENATED = re.compile(r"(job|data|run|env|task|model|method|use|demo|new|catalog|train)\.[a-z]+(-[a-z]+)+")
HEAVY = {"torch", "transformers", "peft", "sklearn", "matplotlib", "pyarrow", "onnx"}


def documented():
    pages = [ROOT / "docs" / "errors.md", *(ROOT / "docs" / "errors.d").glob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages if page.exists())
    return Counter(re.findall(r"^## ([a-z]+\.\S+)$", text, re.MULTILINE))


def texts(node):
    return [item.value for item in ast.walk(node) if isinstance(item, ast.Constant) and isinstance(item.value, str)]


def raised():
    """Codes that stand as `code=...` or first in an error's call, and every hyphenated text that looks like one."""
    found = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "code":
                found |= {text for text in texts(node.value) if CODE.fullmatch(text)}
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Error") and node.args:
                found |= {text for text in texts(node.args[0]) if CODE.fullmatch(text)}
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and HYPHENATED.fullmatch(node.value):
                found.add(node.value)
    return found


def test_every_error_code_has_exactly_one_entry():
    assert raised() - set(documented()) == set()
    assert [code for code, times in documented().items() if times > 1] == []


def test_every_documented_error_code_is_one_that_can_come():
    everything = {text for source in SOURCES for text in texts(ast.parse(source.read_text(encoding="utf-8")))}
    assert set(documented()) - everything == set()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(ROOT / "runtime/tunesmith")))
def test_no_file_grows_without_end(source):  # 150 lines are usual; at 400 ask what two ideas live there
    assert len(source.read_text(encoding="utf-8").splitlines()) <= 600


def _loaded_by(program):
    script = f"{program}\nimport sys; print('loaded', *sorted(set(sys.modules) & {HEAVY!r}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1].split()[1:]


def test_help_of_every_command_loads_nothing_heavy():
    program = "\n".join(
        [
            "from tunesmith.cli import main",
            f"for words in [['--help'], *([name, '--help'] for name in {commands()!r})]:",
            "    try: main(words)",
            "    except SystemExit as end: assert end.code == 0, words",
        ]
    )
    assert _loaded_by(program) == []


def test_members_of_the_catalog_load_nothing_heavy():
    program = "\n".join(
        [
            "from tunesmith.catalog import Catalog",
            "for folder in vars(Catalog()).values():",
            "    for entry in folder.values(): assert entry.member.help, entry.name",
        ]
    )
    assert _loaded_by(program) == []


@pytest.mark.parametrize("kind", sorted(vars(Catalog())))
def test_members_are_named_like_their_files_and_say_what_they_are(kind):
    for name, entry in getattr(Catalog(), kind).items():
        assert entry.member.name == name
        assert entry.member.help.endswith(".")
        for option in entry.member.options.values():
            assert option.help


def test_no_file_is_hidden_by_an_underscore():
    """What members or commands share is in the `parts/` of their folder; see catalog.py."""
    assert [source.name for source in SOURCES if re.match(r"_[^_]", source.name)] == []


@pytest.mark.parametrize("name", commands())
def test_every_command_says_what_it_does(name):
    module = importlib.import_module(f"tunesmith.cli.{name}")
    assert module.HELP
    assert callable(module.run)


def test_tests_do_not_sleep():
    """`wait_until` in support.py may, between two looks, and crash tests, to kill at a random instant."""
    calls = re.compile(r"^\s*(?:time\.)?sleep\(", re.MULTILINE)
    files = [file for part in ("unit", "engine", "e2e", "ecosystem") for file in (ROOT / "tests" / part).rglob("*.py")]
    assert [file.name for file in files if calls.search(file.read_text(encoding="utf-8"))] == []


def test_nothing_that_runs_names_a_host():
    files = [ROOT / "pyproject.toml", *(ROOT / "tools").glob("*.py"), *(ROOT / ".ci").iterdir()]
    assert [file.name for file in files if "://" in file.read_text(encoding="utf-8")] == []


def imported_by(source):
    """Modules that a file imports, also within functions and for types alone."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
    return found


def test_no_modules_import_each_other_however_far_around():
    """Between packages import-linter sees to it. For types as well: what two modules both name is in a third."""
    runtime = ROOT / "runtime"
    dotted = {".".join(source.relative_to(runtime).with_suffix("").parts): source for source in SOURCES}
    names = {name.removesuffix(".__init__"): source for name, source in dotted.items()}
    left = {name: (imported_by(source) & names.keys()) - {name} for name, source in names.items()}
    size = 0
    while size != len(left):  # what imports none of the others, or what none of them imports, is in no circle
        size, needed = len(left), set().union(*left.values())
        left = {name: needs & left.keys() for name, needs in left.items() if name in needed and needs & left.keys()}
    assert sorted(left) == []


def test_the_architecture_page_has_the_layers_in_their_order():
    contract = re.search(r"^layers = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M | re.S)
    layers = [re.findall(r"\w+", line) for line in contract[1].splitlines() if line.strip()]
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("| packages |")[2].partition("\n\n")[0]
    shown = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in table.splitlines()[2:]]
    assert [sorted(row) for row in shown] == [sorted(layer) for layer in reversed(layers)]


NAMES_A_TASK = {"tasks", "templates", "demo", "protocol", "languages"}
"""Folders whose files may name a task: its own, a job that shows one, examples of messages, translations."""


def test_no_task_is_named_outside_of_its_own_files():
    names = [name for name in Catalog().tasks if "-" in name]  # regression is also a word
    shows_a_job = ROOT / "runtime" / "tunesmith" / "job" / "reference.py"
    kotlin = (path for path in (ROOT / "plugin").rglob("*.kt") if "/src/main/" in path.as_posix())
    sources = [*SOURCES, *(path for path in kotlin if not path.name.startswith("Generated"))]
    found = [
        f"{source.relative_to(ROOT)}: {name}"
        for source in sources
        if not NAMES_A_TASK & set(source.relative_to(ROOT).parts) and source != shows_a_job
        for name in names
        if re.search(rf"[\"'`]{name}[\"'`]|tasks\.{name.replace('-', '_')}\b", source.read_text(encoding="utf-8"))
    ]
    assert found == []
