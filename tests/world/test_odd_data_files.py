"""Data that is no file is named at once: a pipe would be waited on for ever, a device read without end."""

from __future__ import annotations

import os

import pytest

from odd_files import bound_socket, circle, device, pipe
from server_client import RefusedError, serving
from support import errors_of, write_job
from tunesmith.checks.job import check
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


LONG = "x" * 5000


@pytest.mark.parametrize("key", ["train", "validation", "test", "model", "a folder"])
def test_a_name_longer_than_any_is_one_named_error(key, tmp_path):
    (tmp_path / "a.csv").write_text("text,label\n" + "".join(f"text {row},{'ab'[row % 2]}\n" for row in range(60)))
    parts = {"train": "a.csv", "validation": "20%", "test": "20%", "model": "all-MiniLM-L6-v2"}
    parts |= {"train": LONG} if key == "a folder" else {key: LONG if key == "model" else f"{LONG}.csv"}
    data = ", ".join(f"{name}: {value}" for name, value in parts.items() if name != "model")
    job = write_job(tmp_path, data, model=parts["model"])
    assert "run.impossible-path" in [problem.code for problem in errors_of(check(job))]
    assert main(["run", str(job)]) in (1, 2)


def test_a_server_names_paths_that_cannot_be_followed(tmp_path):
    circle(tmp_path / "a.job.yaml")
    with serving(tmp_path) as server:
        assert server.ask("tunesmith/runs", {"job": str(tmp_path / "a.job.yaml")})["runs"] == []
        with pytest.raises(RefusedError) as caught:
            server.ask("tunesmith/preview", {"path": str(tmp_path / f"{LONG}.csv")})
        assert caught.value.code == "run.impossible-path"
