"""Each format from outside: a file in, records with their lines out."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tunesmith.catalog import Catalog
from tunesmith.data.read_options import ReadOptions
from tunesmith.data.rows import Record
from tunesmith.errors import TunesmithError

READERS = Catalog().readers
UTF_8 = ReadOptions(encoding="utf-8")

MB = 1 << 20
LINE_END = re.compile(r"\r\n|\r|\n")
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\0")
FIELD = st.text(st.one_of(st.sampled_from('",;\t\n\r ab'), CHARACTERS), max_size=8)


def read(name: str, path: Path, **options: object) -> list[Record]:
    return list(READERS[name].call("read", path, **options))


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("name", ["csv", "tsv"])
@pytest.mark.parametrize("size", [1, 2, 3, 64])
def test_what_is_wrong_with_a_record_hangs_on_no_other(
    name: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tunesmith.data.readers.parts import delimited

    monkeypatch.setattr(delimited, "FIRST_ROWS", size)
    monkeypatch.setattr(delimited, "MOST_ROWS", size)
    mark = "," if name == "csv" else "\t"
    good = [f"text {number}{mark}label" for number in range(20)]
    lines = [*good[:5], f"one{mark}two{mark}three", "", *good[5:9], b"caf\xe9", "alone", f'"a\nb"{mark}c', *good[9:]]
    content = f"text{mark}label\n".encode()
    content += b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)
    found = read(name, file(tmp_path, f"x.{name}", content), columns=["label"], options=UTF_8)
    assert [record.line for record in found] == [*range(2, 8), *range(9, 16), *range(17, 28)]
    bad = {record.line: record.bad for record in found if record.values is None}
    assert list(bad) == [7, 13, 14]
    assert bad[7] == "has 3 fields where the header has 2"
    assert "byte 0xE9 is not UTF-8" in bad[13]
    assert all(record.values == {"label": "c" if record.line == 15 else "label"} for record in found if record.values)


@given(
    rows=st.lists(st.lists(FIELD, min_size=1, max_size=4), max_size=8),
    end=st.sampled_from(["\n", "\r\n"]),
    blank=st.integers(0, 2),
)
@settings(deadline=None)
def test_csv_records_have_the_line_they_begin_on(rows: list[list[str]], end: str, blank: int) -> None:
    text, expected = f"a,b{end}", []
    for row in rows:
        text += end * blank
        buffer = io.StringIO()
        csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator=end).writerow(row)
        expected.append((1 + len(LINE_END.findall(text)), row))
        text += buffer.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        records = read("csv", file(Path(folder), "x.csv", text))
    assert [record.line for record in records] == [line for line, _ in expected]
    for record, (_, row) in zip(records, expected, strict=True):
        if len(row) == 2:
            assert record.values == {"a": row[0], "b": row[1]}
        else:
            assert record.values is None
            assert f"{len(row)} fields where the header has 2" in record.bad


@given(rows=st.lists(st.tuples(FIELD, FIELD), max_size=8))
@settings(deadline=None)
def test_tsv_reads_back_what_a_spreadsheet_writes(rows: list[tuple[str, str]]) -> None:
    text = "a\tb\r\n"
    buffer = io.StringIO()
    csv.writer(buffer, "excel-tab", quoting=csv.QUOTE_ALL).writerows(rows)
    ambiguous = any("\t" in field and LINE_END.search(field) for row in rows for field in row)
    with tempfile.TemporaryDirectory() as folder:
        records = read("tsv", file(Path(folder), "x.tsv", text + buffer.getvalue()))
    if not ambiguous:
        assert [tuple((record.values or {}).values()) for record in records] == rows


def test_tsv_takes_a_quote_that_is_never_closed_as_a_character(tmp_path: Path) -> None:
    path = file(tmp_path, "x.tsv", 'text\tlabel\n"The best" film\t1\n"Oh no\t0\nfine\t1\n"two\nlines"\t0\nend"\t1\n')
    assert [(record.line, record.values) for record in read("tsv", path)] == [
        (2, {"text": '"The best" film', "label": "1"}),
        (3, {"text": '"Oh no', "label": "0"}),
        (4, {"text": "fine", "label": "1"}),
        (5, {"text": "two\nlines", "label": "0"}),
        (7, {"text": 'end"', "label": "1"}),
    ]


def test_tsv_does_not_swallow_whole_rows_between_two_stray_quotes(tmp_path: Path) -> None:
    path = file(tmp_path, "x.tsv", 'text\tlabel\n"oops\t1\nfoo\t2\nend"\t3\n')
    assert [record.values for record in read("tsv", path)] == [
        {"text": '"oops', "label": "1"},
        {"text": "foo", "label": "2"},
        {"text": 'end"', "label": "3"},
    ]


@pytest.mark.parametrize("mark", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["csv", "tsv", "jsonl"])
def test_byte_order_marks_are_no_part_of_the_first_name(tmp_path: Path, name: str, mark: str) -> None:
    text = {
        "csv": "text,label\r\n好,1\r\n",
        "tsv": "text\tlabel\r\n好\t1\r\n",
        "jsonl": '{"text": "好", "label": "1"}\n',
    }
    path = file(tmp_path, f"x.{name}", text[name].encode(mark))
    assert READERS[name].call("header", path) == ["text", "label"]
    assert [record.values for record in read(name, path)] == [{"text": "好", "label": "1"}]


def test_bytes_that_are_not_utf8_are_reported_with_their_line_and_the_rest_is_read(tmp_path: Path) -> None:
    content = b'text,label\ngood,1\n"two\nlines",2\ncaf\xe9,3\nfine,4\nnul\0,5\n'
    records = read("csv", file(tmp_path, "x.csv", content))
    assert [(record.line, record.values is not None) for record in records] == [
        (2, True), (3, True), (5, False), (6, True), (7, False),
    ]  # fmt: skip
    assert "0xE9 is not UTF-8" in records[2].bad
    assert "NUL" in records[4].bad
    assert [
        bool(record.bad)
        for record in read("jsonl", file(tmp_path, "x.jsonl", b'{"a": 1}\n{"a": "\xe9"}\n'), options=UTF_8)
    ] == [
        False,
        True,
    ]


def test_csv_tells_unclosed_quotes_and_text_after_one(tmp_path: Path) -> None:
    records = read("csv", file(tmp_path, "x.csv", 'a,b\n"x" y,1\nok,2\n"open,3\nmore,4\n'))
    assert [(record.line, record.values) for record in records] == [
        (2, None),
        (3, {"a": "ok", "b": "2"}),
        (4, None),
    ]
    assert "text follows a closing quote" in records[0].bad
    assert "never closed (lines 4 to 5)" in records[2].bad


def test_csv_with_semicolons_and_very_long_fields(tmp_path: Path) -> None:
    long = "x" * 500_000
    records = read("csv", file(tmp_path, "x.csv", f"text;label\n{long};1,5\n"))
    assert records[0].values == {"text": long, "label": "1,5"}


def test_a_quoted_field_beyond_16_mb_is_read_where_the_job_raises_the_limits(tmp_path: Path) -> None:
    line = "x" * MB + "\n"
    path = file(tmp_path, "x.csv", f'text\n"{line * 17}"\n')
    code = (
        "import sys; from pathlib import Path; from tunesmith.catalog import Catalog;"
        "from tunesmith.data.limits import LIMITS; from tunesmith.data.read_options import ReadOptions;"
        "options = ReadOptions(limits=LIMITS[sys.argv[2]]);"
        "found = list(Catalog().readers['csv'].call('read', Path(sys.argv[1]), options=options));"
        "print([record.bad or len(record.values['text']) for record in found])"
    )

    def said(limits: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code, str(path), limits], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert said("high") == f"[{17 * (MB + 1)}]"
    assert "never closed" in said("usual")


def test_jsonl_keeps_nested_values_and_tells_what_is_no_object(tmp_path: Path) -> None:
    chat = {"messages": [{"role": "user", "content": "hi\n"}]}
    lines = [json.dumps(chat), "", "[1]", '"text"', '{"messages": ', '{"messages": "\\ud83d"}', '{"other": 1}']
    lines.append("[" * 100_000)
    path = file(tmp_path, "x.jsonl", "\n".join(lines))
    assert READERS["jsonl"].call("header", path) == ["messages", "other"]
    records = read("jsonl", path, columns=["messages"])
    assert [record.line for record in records] == [1, 3, 4, 5, 6, 7, 8]
    assert records[0].values == chat
    assert [record.bad[:9] for record in records[1:5]] == ["is a JSON", "is a JSON", "is not JS", "holds hal"]
    assert records[5].values == {"messages": None}
    assert records[6].bad


def test_a_json_list_is_refused_with_the_command_that_converts_it(tmp_path: Path) -> None:
    for content in ('[\n{"a": 1}\n]', '[{"a": 1}]'):
        with pytest.raises(TunesmithError) as caught:
            read("jsonl", file(tmp_path, "x.json", content))
        assert caught.value.code == "data.unreadable"
        assert "jq" in caught.value.problem.hint


TABLE = pa.table({"text": ["a", None, "c"], "label": [1, 2, 3], "nested": [[{"role": "u"}], [], None]})


@pytest.mark.parametrize("form", ["parquet", "file", "stream", "feather"])
def test_tables_of_arrow_are_read_in_every_form(tmp_path: Path, form: str) -> None:
    path = tmp_path / ("x.parquet" if form == "parquet" else "x.arrow")
    if form == "parquet":
        pa.parquet.write_table(TABLE, path, row_group_size=2)
    elif form == "feather":
        pa.feather.write_feather(TABLE, path)
    else:
        new = pa.ipc.new_file if form == "file" else pa.ipc.new_stream
        with new(str(path), TABLE.schema) as writer:
            writer.write_table(TABLE, max_chunksize=2)
    name = "parquet" if form == "parquet" else "arrow"
    assert READERS[name].call("header", path) == ["text", "label", "nested"]
    records = read(name, path, columns=["nested", "label"])
    assert [record.line for record in records] == [1, 2, 3]
    assert [record.values for record in records] == [
        {"nested": [{"role": "u"}], "label": 1},
        {"nested": [], "label": 2},
        {"nested": None, "label": 3},
    ]


@pytest.mark.parametrize("name", ["parquet", "arrow"])
def test_damaged_tables_are_an_error_of_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"x.{name}"
    pa.parquet.write_table(TABLE, path) if name == "parquet" else pa.feather.write_feather(TABLE, path)
    for content in (b"", b"no table", path.read_bytes()[:-100]):
        path.write_bytes(content)
        with pytest.raises(TunesmithError) as caught:
            read(name, path)
        assert caught.value.code == "data.unreadable"


def test_image_folder_takes_classes_from_subfolders_and_tells_what_is_no_image(tmp_path: Path) -> None:
    for name in (
        "cat/1.png",
        "cat/deep/2.JPG",
        "dog/3.jpeg",
        "dog/notes.txt",
        "dog/.DS_Store",
        "cat/Thumbs.db",
        "4.png",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "dog" / "empty.png").touch()
    records = read("image-folder", tmp_path)
    good = [record.values for record in records if record.values]
    assert good == [
        {"image": str(tmp_path / "cat/1.png"), "label": "cat"},
        {"image": str(tmp_path / "cat/deep/2.JPG"), "label": "cat"},
        {"image": str(tmp_path / "dog/3.jpeg"), "label": "dog"},
    ]
    assert sorted(record.bad.split()[0] for record in records if record.bad) == [
        "4.png",
        "dog/empty.png",
        "dog/notes.txt",
    ]


def test_rows_from_code_and_what_goes_wrong_there(tmp_path: Path) -> None:
    (tmp_path / "tunesmith_made_rows.py").write_text(
        "def good():\n    yield {'text': 'a', 'label': 1}\n    yield 3\n    yield {'text': 'b'}\n"
        "def breaks():\n    yield {'text': 'a'}\n    raise ValueError('no more')\n"
        "here = [{'text': 'x'}]\n"
    )

    def rows(callable_name: str, **options: object) -> list[Record]:
        name = f"tunesmith_made_rows:{callable_name}"
        return list(READERS["python"].call("read", name, folder=tmp_path, **options))

    assert [record.values for record in rows("good", columns=["text", "label"])] == [
        {"text": "a", "label": 1}, None, {"text": "b", "label": None},
    ]  # fmt: skip
    assert rows("here") == [Record(1, {"text": "x"})]
    assert READERS["python"].call("header", "tunesmith_made_rows:good", folder=tmp_path) == ["text", "label"]
    with pytest.raises(TunesmithError, match="after 1 rows: ValueError: no more"):
        rows("breaks")
    with pytest.raises(TunesmithError) as caught:
        rows("good", trusted=False)
    assert caught.value.code == "job.untrusted"


def test_without_pyarrow_the_error_names_the_command_that_installs_it(tmp_path: Path) -> None:
    path = file(tmp_path, "x.parquet", b"")
    program = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from pathlib import Path\nfrom tunesmith.data.readers import parquet\n"
        f"parquet.header(Path({str(path)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "pip install 'tunesmith[tables]'" in done.stderr


@given(content=st.binary(max_size=200), name=st.sampled_from(["csv", "tsv", "jsonl", "parquet", "arrow"]))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_content_breaks_a_reader(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = file(Path(folder), f"x.{name}", content)
        try:
            lines = [record.line for record in read(name, path)]
        except (TunesmithError, UnicodeError):  # UnicodeError: told as data.unreadable by what opens the reader
            return
    assert lines == sorted(lines)
