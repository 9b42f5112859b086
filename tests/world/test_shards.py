"""A table in several files is read as one, in natural order; images and damaged images in tables and folders."""

from __future__ import annotations

import json
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pictures import image_job, picture
from support import errors_of, write_job
from tunesmith.catalog import Catalog
from tunesmith.checks.job import check
from tunesmith.checks.usable_rows import with_usable_rows
from tunesmith.data.load import load_data
from tunesmith.data.table import open_table
from tunesmith.errors import TunesmithError
from tunesmith.job.load import load_job


def shard(folder: Path, name: str, first: int, count: int = 10) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    numbers = range(first, first + count)
    rows = {"text": [f"message {number}" for number in numbers], "label": ["ab"[number % 2] for number in numbers]}
    path = folder / name
    if path.suffix == ".parquet":
        pq.write_table(pa.table(rows), path)
    elif path.suffix == ".csv":
        lines = [",".join(row) for row in zip(*rows.values(), strict=True)]
        path.write_text("text,label\n" + "\n".join(lines) + "\n")
    else:
        each = [dict(zip(rows, row, strict=True)) for row in zip(*rows.values(), strict=True)]
        path.write_text("".join(json.dumps(row) + "\n" for row in each))
    return path


def texts(source: str, folder: Path) -> list[str]:
    table = open_table(source, folder, Catalog())
    return [(record.values or {})["text"] for record in table.records(["text"])]


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_a_folder_of_tables_is_one_table_in_natural_order(tmp_path: Path, ending: str) -> None:
    for number in (10, 2, 1):
        shard(tmp_path / "data", f"part-{number}.{ending}", number * 100)
    (tmp_path / "data" / "README.md").write_text("words")
    expected = [f"message {first + number}" for first in (100, 200, 1000) for number in range(10)]
    assert texts("data", tmp_path) == texts(f"data/part-*.{ending}", tmp_path) == expected
    job = write_job(tmp_path, "train: data, validation: 20%")
    data = load_data(load_job(job, Catalog()).job, Catalog())
    assert len(data.train) + len(data.validation or ()) == 30
    assert {str(data.train.place(row).file) for row in range(len(data.train))} == {
        str(tmp_path / "data" / f"part-{number}.{ending}") for number in (1, 2, 10)
    }
    before = data.fingerprint["train"]
    shard(tmp_path / "data", f"part-2.{ending}", 300)
    assert load_data(load_job(job, Catalog()).job, Catalog()).fingerprint["train"] != before


def test_pictures_that_a_folder_of_tables_names_are_part_of_its_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "tables").mkdir()
    for number in range(12):
        (tmp_path / "photos" / f"{number}.png").write_bytes(picture(number))
    for name, numbers in (("a.csv", range(6)), ("b.csv", range(6, 12))):
        lines = [f"../photos/{number}.png,{'ab'[number % 2]}" for number in numbers]
        (tmp_path / "tables" / name).write_text("image,label\n" + "\n".join(lines) + "\n")
    job = load_job(image_job(tmp_path, "train: tables"), Catalog()).job
    before = load_data(job, Catalog()).fingerprint["train"]
    assert load_data(job, Catalog()).fingerprint["train"] == before
    (tmp_path / "photos" / "3.png").write_bytes(picture(13))
    assert load_data(job, Catalog()).fingerprint["train"] != before


def test_what_the_datasets_library_saves_is_read(tmp_path: Path) -> None:
    rows = [{"text": f"message {number}", "label": number % 2} for number in range(20)]
    datasets.Dataset.from_list(rows).save_to_disk(tmp_path / "saved", num_shards=2)
    assert texts("saved", tmp_path) == [row["text"] for row in rows]


def test_files_of_several_parts_are_not_read_as_one_table(tmp_path: Path) -> None:
    for name in ("train-00000-of-00002.parquet", "train-00001-of-00002.parquet", "test-00000-of-00001.parquet"):
        shard(tmp_path / "data", name, 0)
    with pytest.raises(TunesmithError) as caught:
        open_table("data", tmp_path, Catalog())
    assert (caught.value.code, caught.value.problem.found) == ("data.several-splits", "test, train")
    assert "`train: data/train*.parquet`" in caught.value.problem.hint
    assert len(texts("data/train*.parquet", tmp_path)) == 20


def test_folders_whose_format_is_not_known_are_refused(tmp_path: Path) -> None:
    shard(tmp_path / "mixed", "a.csv", 0)
    shard(tmp_path / "mixed", "b.parquet", 0)
    shard(tmp_path / "differ", "a.csv", 0)
    (tmp_path / "differ" / "b.csv").write_text("text,category\nx,y\n")
    for source, code in (
        ("mixed", "data.mixed-folder"),
        ("differ", "data.shards-differ"),
        ("none-*.csv", "data.missing-file"),
    ):
        with pytest.raises(TunesmithError) as caught:
            open_table(source, tmp_path, Catalog())
        assert caught.value.code == code


def kept_and_skipped(job: Path) -> tuple[int, list[str]]:
    """What a run uses and leaves out."""
    catalog = Catalog()
    loaded = load_job(job, catalog).job
    data, facts = with_usable_rows(loaded, load_data(loaded, catalog), catalog)
    task = catalog.tasks[loaded.task].call("build", loaded, facts)
    parts = [rows for rows in (data.train, data.validation) if rows is not None]
    for rows in parts:
        task.pixels.encode(rows, None) if facts.values["size_given"] else None
    return sum(map(len, parts)), [Path(str(problem.place.file)).name for problem in data.skipped]


def test_images_of_the_datasets_library_are_read_as_the_bytes_they_hold(tmp_path: Path) -> None:
    images = [picture(number) for number in range(20)]
    labels = [number % 2 for number in range(20)]
    cells = [{"bytes": content, "path": f"{number}.png"} for number, content in enumerate(images)]
    pq.write_table(pa.table({"image": cells, "label": labels}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"image": images, "label": labels}), tmp_path / "b.parquet")
    answers = [check(image_job(tmp_path, f"train: {name}.parquet")) for name in "ab"]
    assert answers[0]["rows"] == answers[1]["rows"] == {"train": 16, "validation": 4, "test": None}
    assert errors_of(answers[0]) == []


def test_check_and_run_skip_the_same_broken_images(tmp_path: Path) -> None:
    for number in range(30):
        folder = tmp_path / "photos" / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:02}.jpg").write_bytes(picture(number, "JPEG"))
    cut = tmp_path / "photos" / "a" / "00.jpg"  # the very first one
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 2 // 3])
    (tmp_path / "photos" / "a" / "02.jpg").write_bytes(b"no image")
    (tmp_path / "photos" / "b" / "03.jpg").write_bytes(picture(3)[:200])
    job = image_job(tmp_path, "train: photos, bad_rows: skip")
    answer = check(job)
    assert answer["skipped"] == 3
    assert errors_of(answer) == []
    kept, skipped = kept_and_skipped(job)
    assert (kept, sorted(skipped)) == (27, ["00.jpg", "02.jpg", "03.jpg"])
    assert sum(answer["rows"][part] for part in ("train", "validation")) == kept
    told = errors_of(check(image_job(tmp_path, "train: photos")))
    assert sorted({Path(str(problem.place.file)).name for problem in told}) == ["00.jpg", "02.jpg", "03.jpg"]
