"""Workbooks of Excel and OpenDocument as tables."""

from __future__ import annotations

import datetime
import sys
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import write_job
from tunesmith.catalog import Catalog
from tunesmith.checks.job import check
from tunesmith.data.limits import USUAL
from tunesmith.data.read_options import ReadOptions
from tunesmith.data.table import Table, open_table
from tunesmith.errors import TunesmithError


def write(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def table(path: Path, **options: Any) -> Table:
    return open_table(str(path), path.parent, Catalog(), options=ReadOptions(**options))


def rows(opened: Table) -> list[tuple[int, Any]]:
    return [(record.line, record.values or record.bad) for record in opened.records(opened.header)]


def test_cells_keep_their_kind_and_rows_their_number(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.xlsx",
        {
            "Reviews": [
                [],
                ["text", "stars", "seen", "", "ok"],
                ["gut – 好", 5, datetime.datetime(2026, 1, 2, 3, 4), None, True],
                [],
                ["007", 2.5, datetime.date(2026, 1, 2), "no name", False],
            ]
        },
    )
    opened = table(path)
    assert opened.header == ("text", "stars", "seen", "ok")
    assert rows(opened) == [
        (3, {"text": "gut – 好", "stars": 5, "seen": datetime.datetime(2026, 1, 2, 3, 4), "ok": True}),
        (5, {"text": "007", "stars": 2.5, "seen": datetime.date(2026, 1, 2), "ok": False}),
    ]
    assert type(rows(opened)[0][1]["stars"]) is int


def test_the_header_row_and_the_sheet_can_be_chosen(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.xlsx",
        {
            "2025": [["Our reviews"], ["text", "label"], ["a", "x"]],
            "2026": [["text", "label"], ["b", "y"]],
            "empty": [],
        },
    )
    assert rows(table(path, header_row=2)) == [(3, {"text": "a", "label": "x"})]
    for sheet in ("2026", "2"):
        assert rows(table(path, sheet=sheet)) == [(2, {"text": "b", "label": "y"})]
    assert [problem.found for problem in table(path).notes] == ["2025, 2026"]
    assert table(path, sheet="2025").notes == ()
    with pytest.raises(TunesmithError) as caught:
        table(path, sheet="2062")
    assert (caught.value.code, caught.value.problem.allowed) == ("data.no-sheet", ("2025", "2026", "empty"))
    assert caught.value.problem.hint == "did you mean 2026?"


def test_a_table_that_does_not_begin_in_the_corner_keeps_its_row_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cell, value in {"C4": "text", "D4": "label", "C5": "a", "D5": "x", "C9": "b", "D9": "y"}.items():
        book.active[cell] = value
    book.save(tmp_path / "a.xlsx")
    assert rows(table(tmp_path / "a.xlsx")) == [(5, {"text": "a", "label": "x"}), (9, {"text": "b", "label": "y"})]


def test_a_formula_whose_value_was_never_saved_is_reported(tmp_path: Path) -> None:
    """openpyxl writes formulas without values, as other programs do that do not calculate."""
    path = write(tmp_path / "a.xlsx", {"S": [["text", "label"], ["a", "x"], ["b", "=A2&1"], ["c", "y"]]})
    assert [line for line, found in rows(table(path)) if isinstance(found, str)] == [3]
    assert "cell B3 holds a formula whose value was never saved" in rows(table(path))[1][1]


CELL = st.one_of(
    st.none(),
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff_"), max_size=6
    ),
    st.integers(-(10**9), 10**9),
    st.floats(-1e9, 1e9).map(lambda value: round(value, 3)),
    st.booleans(),
    st.datetimes(datetime.datetime(1950, 1, 1), datetime.datetime(2090, 1, 1)).map(
        lambda when: when.replace(microsecond=0)
    ),
)


@given(cells=st.lists(st.tuples(CELL, CELL), max_size=6))
@settings(deadline=None, max_examples=40)
def test_cells_are_what_openpyxl_reads(cells: list[tuple[Any, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "a.xlsx", {"S": [["a", "b"], *map(list, cells)]})
        expected = []
        for line, row in enumerate(openpyxl.load_workbook(path)["S"].iter_rows(min_row=2, max_col=2), start=2):
            values = [cell.value for cell in row]
            if not any(isinstance(value, str) and value.startswith("=") for value in values):
                expected.append((line, ["" if value is None else value for value in values]))
        found = [(line, list(row.values())) for line, row in rows(table(path)) if not isinstance(row, str)]
    kept = [(line, values) for line, values in expected if any(value != "" for value in values)]
    lines = {line for line, _ in found}
    assert [line for line, _ in kept if line not in lines] == []
    for (_, values), (_, others) in zip([item for item in kept if item[0] in lines], found, strict=True):
        for value, other in zip(values, others, strict=True):
            if isinstance(value, datetime.datetime) and not isinstance(other, datetime.datetime):
                assert (value.date(), value.time()) == (other, datetime.time())
            else:
                assert value == other


CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="S">{rows}</table:table></office:spreadsheet></office:body>
</office:document-content>"""


MANIFEST = """<?xml version="1.0"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"""


def ods(path: Path, lines: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", MANIFEST)
        packed.writestr("content.xml", CONTENT.format(rows=lines))
    return path


def cell(value: Any, repeated: str = "") -> str:
    if isinstance(value, str):
        return f'<table:table-cell {repeated} office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    return f'<table:table-cell {repeated} office:value-type="float" office:value="{value}"/>'


def line(*cells: str, repeated: str = "") -> str:
    return f"<table:table-row {repeated}>{''.join(cells)}</table:table-row>"


def test_opendocument_is_read_with_its_repeated_cells(tmp_path: Path) -> None:
    nothing = '<table:table-cell table:number-columns-repeated="16384"/>'
    many = line(nothing, repeated='table:number-rows-repeated="1048000"')
    twice = cell("b", 'table:number-columns-repeated="2"')
    path = ods(tmp_path / "a.ods", line(cell("text"), cell("n")) + line(cell("好"), cell(1)) + line(twice) + many)
    assert rows(table(path)) == [(2, {"text": "好", "n": 1}), (3, {"text": "b", "n": "b"})]


def test_workbooks_that_unpack_to_too_much_are_refused_before_they_are_read(tmp_path: Path) -> None:
    far = tmp_path / "far.xlsx"
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "text", "label"
    book.save(far)
    wide = ods(
        tmp_path / "wide.ods",
        line(cell("x", 'table:number-columns-repeated="16384"'), repeated='table:number-rows-repeated="1048576"'),
    )
    for path in (far, wide):
        with pytest.raises(TunesmithError) as caught:
            table(path)
        assert caught.value.code == "data.too-large"
        assert "17,179,869,184 cells" in caught.value.problem.message
        assert "limits: high" in caught.value.problem.hint
    large = tmp_path / "large.xlsx"
    with zipfile.ZipFile(large, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/sharedStrings.xml", "w") as file:
        file.write(b" " * (8 << 20))
    with pytest.raises(TunesmithError) as caught:
        table(large, limits=replace(USUAL, unpacked=4 << 20))
    assert "unpacks to 8 MB, more than 4 MB" in caught.value.problem.message


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 damaged", b"text,label\na,b\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"]
)
@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_damaged_workbooks_are_one_named_error(tmp_path: Path, content: bytes, ending: str) -> None:
    (tmp_path / f"a.{ending}").write_bytes(content)
    with pytest.raises(TunesmithError) as caught:
        table(tmp_path / f"a.{ending}")
    assert caught.value.code == "data.unreadable"


def test_a_workbook_with_half_a_sheet_is_the_same_error(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.xlsx", {"S": [["text"], ["a"]]})
    with zipfile.ZipFile(whole) as packed, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as cut:
        for entry in packed.infolist():
            content = packed.read(entry)
            cut.writestr(entry.filename, content[: len(content) // 2] if "worksheets" in entry.filename else content)
    with pytest.raises(TunesmithError) as caught:
        table(tmp_path / "a.xlsx")
    assert caught.value.code == "data.unreadable"


def test_without_the_library_the_error_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.xlsx", {"S": [["text"], ["a"]]})
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(TunesmithError) as caught:
        table(path)
    assert (caught.value.code, caught.value.problem.hint) == ("env.missing-extra", "pip install 'tunesmith[tables]'")


def test_check_reads_a_workbook_and_names_the_row_of_a_bad_cell(tmp_path: Path) -> None:
    content = [["text", "label"], *[[f"message {n}", n % 2] for n in range(18)], ["no label", None]]
    write(tmp_path / "a.xlsx", {"Data": content, "Notes": [["x"], ["y"]]})
    problems = check(write_job(tmp_path, "train: a.xlsx, validation: 20%"))["problems"]
    assert [(problem.code, problem.place.line) for problem in problems[:1]] == [("data.empty-value", 20)]
    found = check(write_job(tmp_path, "train: a.xlsx, validation: 20%, bad_rows: skip, sheet: Data"))
    assert [row["label"] for row in found["labels"]] == ["0", "1"]
    assert found["skipped"] == 1
