"""The README says only what is there: its commands, its job, its links."""

import argparse
import csv
import importlib
import re
import shlex
from pathlib import Path

import pytest

from support import tunesmith
from tunesmith.cli import commands, main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("README.md")])


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def typed(program):
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith(program + " ")]


def test_readme_begins_with_one_command_for_the_main_job_and_one_for_the_tests():
    top = "\n".join(README.splitlines()[:20])
    assert re.findall(r"^python3 (tools/\w+\.py)$", top, re.MULTILINE) == ["tools/demo.py", "tools/test.py"]
    assert all((ROOT / "tools" / name).is_file() for name in ("demo.py", "test.py"))


@pytest.mark.parametrize("words", typed("tunesmith"), ids=" ".join)
def test_each_command_line_in_the_readme_is_one_that_the_program_takes(words):
    assert words[0] in commands()
    parser = argparse.ArgumentParser(exit_on_error=False)
    importlib.import_module(f"tunesmith.cli.{words[0]}").configure(parser)
    parser.parse_args(words[1:])


def test_readme_table_has_every_command_and_no_other():
    table = README.split("## Commands")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = [
        quoted.removeprefix("tunesmith ").split()[0] for cell in cells for quoted in re.findall(r"`([^`]+)`", cell)
    ]
    assert sorted(named) == commands()


def write_messages(file):
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(["message", "category"])
        writer.writerows([f"message {row} on {row % 3}", ("order", "parcel", "bill")[row % 3]] for row in range(60))


def test_the_commands_for_your_own_data_work_one_after_the_other(tmp_path):
    section = README.split("## Your own data")[1].split("\n## ")[0]
    commands = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)[0].splitlines()
    write_messages(tmp_path / "messages.csv")
    folder = tmp_path
    for line in commands:
        words = shlex.split(line)
        if words[0] == "cd":
            folder = folder / words[1]
        elif words[0] == "tunesmith":
            done = tunesmith(*words[1:], cwd=folder, timeout_s=600)
            assert done.returncode == 0, (line, done.stdout, done.stderr)
    assert "parcel" in done.stdout


def test_job_of_the_readme_is_a_good_job(tmp_path, monkeypatch, capsys):
    (job,) = blocks("yaml")
    (tmp_path / "data").mkdir()
    write_messages(tmp_path / "data" / "messages.csv")
    (tmp_path / "messages.job.yaml").write_text(job, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    status = main(["check", "messages.job.yaml"])
    told = "".join(capsys.readouterr())
    assert (status, "error[" in told, "warning[" in told) == (0, False, False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [target for target in targets if target and not (page.parent / target).exists()] == []


def test_index_of_the_docs_lists_every_page():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"]({page})" not in index} == set()
