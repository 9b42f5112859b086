"""What a workbook's packed files declare, before a library unpacks them: sizes, area, formulas."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from tunesmith.data.limits import Limits, most_unpacked
from tunesmith.data.lines import too_large

BLOCK = 1 << 20
OVERLAP = 4096
"""Characters that are looked at again with the next block: a cell's beginning may stand in the one before."""

DAMAGED = (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, NotImplementedError)
"""What is raised where the packed files are not what they say."""

_CELL = re.compile(rb'<c(?: [^>]*?)?\br="([A-Z]{1,3})(\d{1,7})"')
_ANY_CELL = re.compile(rb"<c[ />]")
_UNSAVED = re.compile(rb'<c [^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*>\s*<f[^>]*>[^<]*</f>\s*(?:<v\s*/>|<v></v>)?\s*</c>')
_SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}sheet"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def unsaved_cells(path: Path, limits: Limits) -> dict[str, set[str]]:
    """By sheet name, the cells (`E2`) whose formula was written without its value; none for what is not zipped.

    The workbook is read block by block, before a library takes it into memory as a whole. Raises data.too-large where
    it unpacks to more than the limit or spans more cells, and DAMAGED.
    """
    unsaved: dict[str, set[str]] = {}
    if not zipfile.is_zipfile(path):
        return unsaved
    with zipfile.ZipFile(path) as packed:
        total = sum(entry.file_size for entry in packed.infolist())
        most = most_unpacked(limits, path.stat().st_size)
        if most is not None and total > most:
            raise too_large(path, f"the workbook unpacks to {total >> 20:,} MB, more than {most >> 20:,} MB")
        names = _sheet_names(packed)
        for entry in packed.infolist():
            blocks = _blocks(packed, entry)  # all of it: the checksum tells where a size was a lie
            if entry.filename.startswith("xl/worksheets/"):
                unsaved[names.get(entry.filename, "")] = _look_at_sheet(path, blocks, limits)
            elif entry.filename == "content.xml":
                _look_at_content(path, blocks, limits)
            else:
                for _ in blocks:
                    pass
    return unsaved


def _blocks(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with packed.open(entry) as file:
        while block := file.read(BLOCK):
            yield block


def _look_at_sheet(path: Path, blocks: Iterator[bytes], limits: Limits) -> set[str]:
    rows = columns = count = 0
    unsaved: set[str] = set()
    left = b""
    for block in blocks:
        count += len(_ANY_CELL.findall(block))
        text = left + block
        for column, row in set(_CELL.findall(text)):
            rows, columns = max(rows, int(row)), max(columns, _number(column))
        unsaved.update(found.decode() for found in _UNSAVED.findall(text))
        _within(path, max(count, rows * columns), limits)
        left = text[-OVERLAP:]
    return unsaved


def _number(column: bytes) -> int:
    found = 0
    for sign in column:
        found = found * 26 + sign - 64
    return found


def _look_at_content(path: Path, blocks: Iterator[bytes], limits: Limits) -> None:
    """OpenDocument: a row and a cell may say that they are repeated."""
    at = {"row": 0, "column": 0, "repeat": 1, "width": 0}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "table:table-row":
            at.update(column=0, width=0, repeat=int(attributes.get("table:number-rows-repeated", 1)))
        elif name in ("table:table-cell", "table:covered-table-cell"):
            at["column"] += int(attributes.get("table:number-columns-repeated", 1))
            if "office:value-type" in attributes:
                at["width"] = at["column"]

    def end(name: str) -> None:
        if name == "table:table":
            at.update(row=0)
        if name == "table:table-row":
            at["row"] += at["repeat"]
            if at["width"]:
                _within(path, at["row"] * at["width"], limits)

    parser: Any = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    for block in blocks:
        parser.Parse(block, False)  # noqa: FBT003 - expat's own


def _within(path: Path, cells: int, limits: Limits) -> None:
    if limits.cells is not None and cells > limits.cells:
        raise too_large(path, f"a sheet spans {cells:,} cells, more than {limits.cells:,}")


def _sheet_names(packed: zipfile.ZipFile) -> dict[str, str]:
    """Names of sheets by their file."""
    try:
        book = ElementTree.fromstring(packed.read("xl/workbook.xml"))
        links = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {link.get("Id"): (link.get("Target") or "") for link in links}
    found = {}
    for sheet in book.iter(_SHEETS):
        target = targets.get(sheet.get(_ID), "")
        file = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        found[file] = sheet.get("name") or ""
    return found
