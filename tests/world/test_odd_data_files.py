"""Data that is no file is named at once: a pipe would be waited on for ever, a device read without end."""

from __future__ import annotations

import os

import pytest

from odd_files import bound_socket, circle, device, pipe
from support import write_job
from tunesmith.cli import main

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes and devices among its files")


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize(
    ("make", "code"),
    [
        (pipe, "data.not-a-file"),
        (device, "data.not-a-file"),
        (bound_socket, "data.not-a-file"),
        (circle, "data.missing-file"),
    ],
)
def test_check_names_data_that_is_no_file(make, code, ending, tmp_path, capsys):
    make(tmp_path / f"rows.{ending}")
    job = write_job(tmp_path, f"train: rows.{ending}, text: a, label: b", model="all-MiniLM-L6-v2")
    assert main(["check", str(job)]) == 2
    told = capsys.readouterr()
    assert code in told.out + told.err
