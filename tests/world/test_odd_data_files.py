"""Data that is no file is named at once: a pipe would be waited on for ever, a device read without end."""

from __future__ import annotations

import os
import socket

import pytest

from tunesmith.cli import main

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes and devices among its files")


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: os.mkfifo(path), "data.not-a-file"),
        (lambda path: path.symlink_to("/dev/zero"), "data.not-a-file"),
        (lambda path: path.symlink_to(path), "data.missing-file"),
    ],
    ids=["pipe", "device", "circle"],
)
def test_check_names_data_that_is_no_file(make, code, ending, tmp_path, capsys):
    make(tmp_path / f"rows.{ending}")
    job = tmp_path / "rows.job.yaml"
    job.write_text(
        f"task: text-classification\nmodel: all-MiniLM-L6-v2\ndata: {{train: rows.{ending}, text: a, label: b}}\n"
    )
    assert main(["check", str(job)]) == 2
    told = capsys.readouterr()
    assert code in told.out + told.err


def test_a_socket_is_no_data_either(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("rows.csv")
    (tmp_path / "rows.job.yaml").write_text(
        "task: text-classification\nmodel: all-MiniLM-L6-v2\ndata: {train: rows.csv, text: a, label: b}\n"
    )
    assert main(["check", "rows.job.yaml"]) == 2
    told = capsys.readouterr()
    assert "data.not-a-file" in told.out + told.err
