"""Small files that unpack to more memory than there is: one named error, and memory stays bounded."""

from __future__ import annotations

import subprocess
import sys
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pictures import image_job, picture
from support import write_job

MB = 1 << 20

READ = """
import resource, sys
from pathlib import Path
from tunesmith.errors import TunesmithError
from tunesmith.checks.job import check
import pyarrow.parquet, PIL.Image  # before the limit: their libraries map much, and use little
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]) << 20,) * 2)
for job in sys.argv[2:]:
    found = check(Path(job))
    print(found["problems"][0])
"""


def told(*jobs: Path, memory_mb: int = 2560) -> str:
    """The first finding of `check` for each job, in a process that may not have more memory."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(memory_mb), *map(str, jobs)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def text_job(folder: Path, data: str) -> Path:
    return write_job(folder, f"train: {data}", name=f"{data}.job.yaml")


linux = pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory is Linux's")


@linux
def test_one_line_of_200_mb_and_a_header_of_a_million_columns(tmp_path: Path) -> None:
    for name, content in {"a.csv": b"name,", "a.tsv": b'x" \t', "a.jsonl": b"["}.items():
        with (tmp_path / name).open("wb") as file:
            block = content * (MB // len(content))
            for _ in range(200 if name == "a.csv" else 20):
                file.write(block)
    (tmp_path / "b.csv").write_text(",".join(f"c{number}" for number in range(1_000_000)) + "\n")
    out = told(*(text_job(tmp_path, name) for name in ("a.csv", "a.tsv", "a.jsonl", "b.csv")))
    assert out.count("error[data.too-large]") == out.count("limits: high") == 4
    assert out.count("a line is longer than 16 MB") == 3
    assert "the header has 1,000,000 columns, more than 100,000" in out


@linux
@pytest.mark.parametrize("stored", [True, False], ids=["as-dictionary", "as-text"])
def test_a_parquet_file_of_kilobytes_that_holds_gigabytes(tmp_path: Path, stored: bool) -> None:
    path = tmp_path / "a.parquet"
    values = pa.DictionaryArray.from_arrays(pa.array([0] * 2048, pa.int32()), pa.array(["x" * MB]))
    schema = pa.schema({"text": values.type, "label": pa.string()})
    with pq.ParquetWriter(path, schema, compression="zstd", store_schema=stored) as writer:
        writer.write_table(pa.table({"text": values, "label": ["a"] * 2048}))
    assert path.stat().st_size < MB
    out = told(text_job(tmp_path, "a.parquet"), memory_mb=4096)
    assert "error[data.too-large]" in out
    assert "unpack to more than 1,024 MB" in out


def png(path: Path, width: int, height: int) -> None:
    """A picture that claims its size, with hardly any pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


@linux
@pytest.mark.parametrize("bad_rows", ["error", "skip"])
def test_a_picture_of_50_000_by_50_000(tmp_path: Path, bad_rows: str) -> None:
    for number in range(12):
        folder = tmp_path / "photos" / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:02}.png").write_bytes(picture(number))
    png(tmp_path / "photos" / "a" / "00.png", 50_000, 50_000)
    out = told(image_job(tmp_path, f"train: photos, bad_rows: {bad_rows}"), memory_mb=4096)
    assert {"error": "50,000 by 50,000 pixels, more than 100,000,000", "skip": "1 bad row"}[bad_rows] in out
