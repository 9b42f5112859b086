"""The demo's data: parsed, split the same way everywhere, and a clear word where there is no network."""

import os
import subprocess
import sys

import pytest

from tunesmith.catalog import Catalog
from tunesmith.demo.project import TRAIN_ROWS, VALIDATION_ROWS, split, write_project
from tunesmith.demo.reviews import Review, parse
from tunesmith.errors import TunesmithError
from tunesmith.job.load import load_job
from tunesmith.python_process import module_command


def made_reviews(count):
    return [Review(rating=(row % 9) - 4, text=f"sentence {row}, rated by a rule") for row in range(count)]


def test_lines_are_parsed_and_odd_ones_left_out():
    text = "1\t2.5\tA fine film\r\n\r\n2\t-0.6\tToo\x85tepid\r\nno tabs here\r\n3\t1\t \r\n"
    assert parse(text) == [Review(rating=2.5, text="A fine film"), Review(rating=-0.6, text="Too\x85tepid")]


def test_parts_share_no_sentence_and_leave_out_what_has_no_answer():
    found = made_reviews(11000)
    parts = split([*found, *found[:50]])
    assert (len(parts["train"]), len(parts["validation"])) == (TRAIN_ROWS, VALIDATION_ROWS)
    texts = [review.text for rows in parts.values() for review in rows]
    assert len(texts) == len(set(texts)) == sum(review.rating != 0 for review in found)


def test_split_does_not_depend_on_the_order_of_the_file():
    found = made_reviews(10000)
    assert split(found) == split(found[::-1])


def test_project_holds_a_good_job_and_a_second_demo_keeps_your_changes(tmp_path):
    project = write_project(tmp_path / "demo", made_reviews(11000))
    loaded = load_job(project.job, Catalog())
    assert loaded.warnings == ()
    project.job.write_text(project.job.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    assert write_project(tmp_path / "demo", made_reviews(11000)).rows == project.rows
    assert project.job.read_text(encoding="utf-8").endswith("# mine\n")
    assert 0.5 <= project.larger_share < 0.6


def test_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("ten years of work", encoding="utf-8")
    with pytest.raises(TunesmithError) as caught:
        write_project(tmp_path, made_reviews(10000))
    assert caught.value.code == "demo.folder-in-use"


def demo(tmp_path, **environment):
    return subprocess.run(
        module_command("tunesmith", "demo", "demo"),
        cwd=tmp_path,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="moves the cache folder by XDG_CACHE_HOME")
def test_without_a_network_the_demo_says_what_to_do(tmp_path):
    done = demo(tmp_path, PIP_NO_INDEX="1", PIP_FIND_LINKS="", UV_OFFLINE="1")
    assert done.returncode == 2
    assert "error[demo.cannot-download]" in done.stderr
    assert "pip download --no-deps" in done.stderr
    assert not (tmp_path / "demo").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="moves the cache folder by XDG_CACHE_HOME")
def test_damaged_download_is_thrown_away(tmp_path):
    archive = tmp_path / "cache" / "tunesmith" / "vaderSentiment-3.3.2.tar.gz"
    archive.parent.mkdir(parents=True)
    archive.write_bytes(b"half of a fi")
    done = demo(tmp_path)
    assert "error[demo.damaged-download]" in done.stderr
    assert not archive.exists()
