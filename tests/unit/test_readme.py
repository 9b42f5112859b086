"""README and docs say only what is there: commands, jobs, links; and both languages say the same."""

import argparse
import csv
import importlib
import json
import re
import shlex
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from support import tunesmith
from tunesmith.catalog import Catalog
from tunesmith.cli import commands, main
from tunesmith.job.load import parse_job

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [*sorted(ROOT.glob("*.md")), *DOCS, *sorted((ROOT / "tests").rglob("README.md"))]
CHINESE = {
    **{page.name.replace(".zh-CN", ""): page for page in ROOT.glob("*.zh-CN.md")},
    **{f"docs/{page.relative_to(ROOT / 'docs' / 'zh-CN')}": page for page in (ROOT / "docs" / "zh-CN").rglob("*.md")},
}
"""Each page in Chinese, by the path of the English one."""


PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")


def blocks(language, page=README):
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def typed(page):
    lines = [line for block in blocks("sh", page) for line in block.splitlines()]
    commands = [part.strip() for line in lines for part in line.split(" && ")]
    return [shlex.split(each)[1:] for each in commands if each.startswith("tunesmith ")]


def test_readme_begins_with_one_command_for_the_main_job_and_one_for_the_tests():
    top = "\n".join(README.splitlines()[:20])
    assert re.findall(r"^python3 (tools/\w+\.py)$", top, re.MULTILINE) == ["tools/demo.py", "tools/test.py"]
    assert all((ROOT / "tools" / name).is_file() for name in ("demo.py", "test.py"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_command_line_is_one_that_the_program_takes(page):
    for words in typed(page.read_text(encoding="utf-8")):
        assert words[0] in commands(), words
        parser = argparse.ArgumentParser(exit_on_error=False)
        importlib.import_module(f"tunesmith.cli.{words[0]}").configure(parser)
        parser.parse_args(words[1:])


def test_table_of_commands_has_every_command_and_no_other():
    table = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
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
    commands = [part for line in blocks("sh", section)[0].splitlines() for part in line.split(" && ")]
    write_messages(tmp_path / "messages.csv")
    assert blocks("csv", section)[0].splitlines()[0] == (tmp_path / "messages.csv").read_text().splitlines()[0]
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


@pytest.mark.parametrize("name", CHINESE)
def test_a_page_in_chinese_has_the_headings_blocks_and_pictures_of_the_english_one(name):
    here, there = (page.read_text(encoding="utf-8") for page in (ROOT / name, CHINESE[name]))
    for pattern in (r"^#+ ", r"^\|", r"^- ", r"^    .*"):
        marks, foreign = (re.findall(pattern, page, re.MULTILINE) for page in (here, there))
        assert marks == foreign, pattern
    comment = re.compile(r" +#.*")
    for language in ("sh", "yaml", "csv"):
        assert [comment.sub("", block) for block in blocks(language, here)] == [
            comment.sub("", block) for block in blocks(language, there)
        ]
    assert [Path(target).name for target in PICTURE.findall(here)] == [
        Path(target).name for target in PICTURE.findall(there)
    ]
    numbers, foreign = (sorted(re.findall(r"\d+\.\d+", page)) for page in (here, there))
    assert numbers == foreign
    assert len(re.findall(r"[\u4e00-\u9fff]", there)) > len(there) / 5


def test_each_of_the_many_questions_has_a_command_that_shows_the_answer():
    questions = (ROOT / "docs" / "faq.md").read_text(encoding="utf-8").split("\n### ")[1:]
    assert len(questions) >= 30
    assert [question.splitlines()[0] for question in questions if not blocks("sh", question)] == []


@pytest.mark.parametrize("block", blocks("yaml", (ROOT / "docs" / "faq.md").read_text(encoding="utf-8")))
def test_jobs_of_the_questions_have_only_keys_and_values_that_there_are(block, tmp_path):
    job = YAML(typ="safe").load(blocks("yaml")[0])
    for key, value in YAML(typ="safe").load(block).items():
        job[key] = {**job[key], **value} if key in ("data", "training") else value
    file = tmp_path / "a.job.yaml"
    parse_job(json.dumps(job), file, tmp_path, Catalog())


def test_index_of_the_docs_lists_every_page():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"]({page})" not in index} == set()
