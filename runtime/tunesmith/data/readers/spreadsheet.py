"""Spreadsheets: one sheet of a workbook, with the values that its formulas had when it was saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Any

from tunesmith.data.lines import too_large
from tunesmith.data.read_options import USUALLY, ReadOptions
from tunesmith.data.rows import Record
from tunesmith.errors import Place, Problem, TunesmithError, missing_extra, nearest
from tunesmith.members import Reader

MEMBER = Reader(
    name="spreadsheet",
    help="A sheet of an Excel or OpenDocument workbook: its first row that is not empty names the columns.",
    when="A table that people keep in a spreadsheet. `sheet` and `header_row` choose what is read.",
    source="ECMA-376, OASIS OpenDocument 1.3",
    suffixes=(".xlsx", ".xlsm", ".xls", ".ods"),
)

WHOLE = 1 << 53
"""Below it every whole number is exact in the floating-point numbers that spreadsheets count with."""

FIRST_ROWS = 100
"""So many are made into values where the header alone is asked for."""


def header(path: Path, *, options: ReadOptions = USUALLY) -> list[str]:
    """The column names. Raises env.missing-extra, data.unreadable, data.no-sheet or data.too-large."""
    sheet, _ = _chosen(path, options)
    names = next(chain(_rows(sheet, options, most=FIRST_ROWS), _rows(sheet, options)), (0, []))[1]
    most = options.limits.columns
    if most is not None and len(names) > most:
        raise too_large(path, f"the header has {len(names):,} columns, more than {most:,}")
    return [name for name in map(_name, names) if name]


def read(path: Path, *, columns: Sequence[str] | None = None, options: ReadOptions = USUALLY) -> Iterator[Record]:
    """Every row below the header that is not empty, with its number in the sheet as its line."""
    sheet, unsaved = _chosen(path, options)
    rows = _rows(sheet, options)
    names = [_name(cell) for cell in next(rows, (0, []))[1]]
    chosen = [(name, at) for at, name in enumerate(names) if name and (columns is None or name in columns)]
    for line, cells in rows:
        without = next((cell for _, at in chosen if (cell := f"{_letters(at)}{line}") in unsaved), None)
        if without is not None:
            yield Record(line, None, f"cell {without} holds a formula whose value was never saved; {RESAVE}")
            continue
        yield Record(line, {name: _value(cells[at]) for name, at in chosen})


RESAVE = "open the file in a spreadsheet program and save it"


def notes(path: Path, *, options: ReadOptions = USUALLY) -> list[Problem]:
    """Which sheet is read, where there are others with rows."""
    if options.sheet is not None:
        return []
    with _opened(path) as book:
        sheets = list(_filled(book)) if len(_visible(book)) > 1 else []
    if len(sheets) < 2:
        return []
    return [
        Problem(
            code="data.several-sheets",
            message=f"the sheet {sheets[0].name} is read, the others are not",
            place=Place(file=path),
            found=", ".join(sheet.name for sheet in sheets),
            hint="choose another with `sheet: NAME` under `data:`",
            severity="warning",
        )
    ]


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The workbook; what is found damaged while it is open is data.unreadable."""
    try:
        import python_calamine as calamine
    except ImportError:
        raise missing_extra("tables", "python-calamine", "reading spreadsheets") from None
    try:
        yield calamine.CalamineWorkbook.from_path(path)
    except calamine.PasswordError:
        raise _unreadable(path, "it is protected by a password") from None
    except (calamine.CalamineError, OSError) as error:
        raise _unreadable(path, str(error)) from error


def _visible(book: Any) -> list[str]:
    return [sheet.name for sheet in book.sheets_metadata if str(sheet.visible).endswith("Visible")]


def _filled(book: Any) -> Iterator[Any]:
    """The visible sheets that hold anything; each is unpacked when it is asked for."""
    return (sheet for sheet in map(book.get_sheet_by_name, _visible(book)) if sheet.height)


def _sheet(book: Any, path: Path, options: ReadOptions) -> Any:
    if options.sheet is None:
        return next(_filled(book), None) or book.get_sheet_by_index(0)
    if options.sheet in book.sheet_names:
        return book.get_sheet_by_name(options.sheet)
    if options.sheet.isdigit() and 1 <= int(options.sheet) <= len(book.sheet_names):
        return book.get_sheet_by_index(int(options.sheet) - 1)
    close = nearest(options.sheet, book.sheet_names)
    raise TunesmithError(
        "data.no-sheet",
        "the workbook has no such sheet",
        place=Place(file=path, key="data.sheet"),
        found=options.sheet,
        allowed=tuple(book.sheet_names),
        hint=f"did you mean {close}?" if close else "",
    )


def _chosen(path: Path, options: ReadOptions) -> tuple[Any, set[str]]:
    """The sheet that is read, and its cells whose formula has no value."""
    from tunesmith.data.readers.parts.workbook import DAMAGED, unsaved_cells

    try:
        unsaved = unsaved_cells(path, options.limits)
    except DAMAGED as error:
        raise _unreadable(path, str(error) or type(error).__name__) from error
    with _opened(path) as book:
        sheet = _sheet(book, path, options)
    return sheet, unsaved.get(sheet.name, set())


def _rows(sheet: Any, options: ReadOptions, *, most: int | None = None) -> Iterator[tuple[int, list[Any]]]:
    """The rows that are not empty with their numbers, from the header on; among the first `most` of the sheet."""
    for line, cells in zip(count(1), sheet.to_python(skip_empty_area=False, nrows=most), strict=False):
        if options.header_row is not None and line < options.header_row:
            continue
        if any(cell != "" for cell in cells):
            yield line, cells


def _value(cell: Any) -> Any:
    """A whole number as one: spreadsheets keep all numbers as floating-point ones."""
    if type(cell) is float and cell.is_integer() and abs(cell) < WHOLE:
        return int(cell)
    return cell


def _name(cell: Any) -> str:
    return str(_value(cell)).strip()


def _letters(column: int) -> str:
    """`A` for 0, `AA` for 26."""
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def _unreadable(path: Path, reason: str) -> TunesmithError:
    return TunesmithError(
        "data.unreadable",
        f"the spreadsheet cannot be read: {reason}",
        place=Place(file=path),
        hint="open it in a spreadsheet program and save it, or export the sheet as CSV",
    )
