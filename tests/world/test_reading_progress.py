"""How far the reading of a source has come: rows, and the share of the file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from tunesmith.catalog import Catalog
from tunesmith.checks.job import check
from tunesmith.data.load import load_data
from tunesmith.data.time_left import TimeLeft
from tunesmith.job.load import read_job

ROWS = 6000
TABLE = pd.DataFrame({"text": [f"text {n} " + "word " * 40 for n in range(ROWS)], "label": ["a", "b"] * (ROWS // 2)})


def written(folder: Path, kind: str) -> str:
    path = folder / f"rows.{kind}"
    if kind == "csv":
        TABLE.to_csv(path, index=False)
    elif kind == "tsv":
        TABLE.to_csv(path, index=False, sep="\t")
    elif kind == "jsonl":
        TABLE.to_json(path, orient="records", lines=True)
    elif kind == "parquet":
        TABLE.to_parquet(path)
    elif kind == "feather":
        TABLE.to_feather(path, chunksize=1000)
    elif kind == "arrow":
        table = pa.Table.from_pandas(TABLE)
        with pa.ipc.new_stream(path, table.schema) as file:
            file.write_table(table, max_chunksize=1000)
    else:
        for place in range(3):
            TABLE[place * 2000 : place * 2000 + 2000].to_csv(folder / f"part-{place}.csv", index=False)
        return "part-*.csv"
    return path.name


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet", "feather", "arrow", "shards"])
def test_rows_and_the_share_of_the_file_are_reported_while_it_is_read(tmp_path: Path, kind: str) -> None:
    file, catalog = tmp_path / "a.job.yaml", Catalog()
    train = json.dumps(written(tmp_path, kind))
    file.write_text(
        "task: text-classification\nmodel: scratch\n"
        f"data: {{train: {train}, validation: none, text: text, label: label}}\n"
    )
    job = read_job(file.read_text(), file, tmp_path, catalog).job
    assert job is not None
    messages: list[str] = []
    load_data(job, catalog, fingerprinted=False, on_progress=messages.append)
    found = [re.fullmatch(r"reading rows: ([\d,]+) \((\d+)%\) of train", message) for message in messages]
    assert all(found), messages
    rows = [int(match[1].replace(",", "")) for match in found if match]
    shares = [int(match[2]) for match in found if match]
    assert rows[-1] == ROWS
    assert shares[-1] >= 99  # behind the rows, a stream of arrow has its end
    assert shares == sorted(shares)
    for row, share in zip(rows, shares, strict=True):  # by its block, the buffer of a text file and a batch ahead
        assert share >= 100 * row // ROWS - 2
        assert share <= 100 * row / ROWS + 35


def test_rows_that_are_looked_at_are_reported_part_by_part(tmp_path: Path) -> None:
    file = tmp_path / "a.job.yaml"
    train = written(tmp_path, "csv")
    file.write_text(
        "task: text-classification\nmodel: scratch\n"
        f"data: {{train: {train}, validation: 20%, text: text, label: label}}\n"
    )
    messages: list[str] = []
    check(file, on_progress=messages.append)
    assert messages.index("dividing 6,000 rows: train, validation") > 0
    assert messages[-1] == "comparing rows with each other"
    assert [message for message in messages if message.startswith("looking at rows: ")] == [
        "looking at rows: 4,096 of 4,800 (85%) of train",
        "looking at rows: 4,800 of 4,800 (100%) of train",
        "looking at rows: 1,200 of 1,200 (100%) of validation",
    ]


def test_the_time_left_goes_by_the_work_of_this_process_alone() -> None:
    now = 100.0
    left = TimeLeft(lambda: now)
    said = []
    # half was there before; then much of it in 20 seconds, and little in 180
    for seconds, share in ((0, 0.5), (4, 0.52), (20, 0.58), (200, 0.7), (900, 0.99), (910, 1.0)):
        now = 100.0 + seconds
        said.append(left(share))
    assert said == ["", "", ", about 2 min left", ", about 5 min left", ", about 20 s left", ""]


def test_the_time_left_of_hours_and_where_nothing_moves() -> None:
    now = 0.0
    left = TimeLeft(lambda: now)
    assert left(0.0) == ""
    now = 60.0
    assert left(0.0) == ""
    assert left(0.01) == ", about 1 h 39 min left"
