"""What the user wants answered: texts, tables, images, folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from tunesmith.data.collect import LINE
from tunesmith.data.columns import guess_columns
from tunesmith.data.columns_on_disk import ROWS, Gathered
from tunesmith.data.encodings import encoding_of
from tunesmith.data.limits import LIMITS
from tunesmith.data.lines import fault, open_text
from tunesmith.data.load import read_rows
from tunesmith.data.read_options import ReadOptions, ReadSoFar
from tunesmith.data.readers.image_folder import IMAGES, is_debris
from tunesmith.data.rows import Rows
from tunesmith.data.table import files_of, open_table
from tunesmith.data.time_left import TimeLeft
from tunesmith.errors import Place, Problem, TunesmithError, nearest
from tunesmith.files import resolved
from tunesmith.use.load import LoadedRun
from tunesmith.use.predict import rows_of, text_rows

_PLAIN_TEXT = ".txt"


def gather(
    loaded: LoadedRun,
    given: Sequence[str],
    folder: Path,
    *,
    judged: bool = False,
    trusted: bool = True,
    notes: list[Problem] | None = None,
    on_progress: Callable[[str], None] = lambda message: None,
) -> list[Rows]:
    """The rows that the words of a command line stand for, in their order.

    A word is a table in a known format, a text file (a row a line), an image, a folder of images, or else a text.
    Relative paths start from `folder`; `judged` as for the task's `inputs`. `notes` takes what was guessed;
    `on_progress` is called again and again with how far the reading has come. Rows of large files are kept on the disk.
    Raises use.missing-file where a word looks like a path and nothing is there, data.no-rows where a file holds none,
    and what reading a table raises.
    """
    found: list[Rows] = []
    texts: list[str] = []
    for word in given:
        path = _path(word, folder)
        if path is None:
            _refuse_missing(word, folder, loaded)
            texts.append(word)
            continue
        if texts:
            found.append(text_rows(loaded, texts))
            texts = []
        rows = _file(
            loaded, path, judged=judged, trusted=trusted, notes=[] if notes is None else notes, on_progress=on_progress
        )
        if not len(rows):
            raise _no_rows(path)
        found.append(rows)
    if texts:
        found.append(text_rows(loaded, texts))
    return found


def _path(word: str, folder: Path) -> Path | None:
    """The file or folder that `word` names, if there is one."""
    try:
        path = resolved(folder, word)
        return path if word.strip() and path.exists() else None
    except (OSError, ValueError, RuntimeError):
        return None  # too long for a name, or with signs that no path has: a text


def _file(
    loaded: LoadedRun,
    path: Path,
    *,
    judged: bool,
    trusted: bool,
    notes: list[Problem],
    on_progress: Callable[[str], None],
) -> Rows:
    data = loaded.job.data
    # a new file need not be in the encoding of the training file
    options = ReadOptions(limits=LIMITS[data.limits], if_not_utf8=data.encoding, header_row=data.header_row)
    member = loaded.catalog.tasks[loaded.job.task].member
    roles = loaded.task.inputs(judged=judged)
    image = next((role for role in roles if member.columns[role].holds == "image"), None)
    if path.suffix.lower() in IMAGES or (path.is_dir() and not files_of(str(path), path.parent, loaded.catalog)):
        if image is None:
            raise TunesmithError("use.wrong-input", f"{loaded.job.task} does not read images", found=str(path))
        return _images(image, path)
    if path.suffix.lower() == _PLAIN_TEXT:
        encoding = encoding_of(path, if_not_utf8=data.encoding)
        notes += encoding.problems(path)
        options = replace(options, encoding=encoding.codec, so_far=ReadSoFar())
        return _lines(loaded, path, options, on_progress)
    table = open_table(str(path), path.parent, loaded.catalog, trusted=trusted, options=options)
    notes += table.notes
    guessed = guess_columns(table.header, member, loaded.job.data.columns)
    # only what the model reads: an unknown label in the file must stop nothing
    columns = {role: guessed[role] for role in roles if role in guessed}
    if not table.header:
        raise _no_rows(path)
    if not columns:
        raise TunesmithError(
            "use.no-input-column",
            "no column of this file is named like what the model reads",
            place=Place(file=path, line=1),
            found=", ".join(table.header),
            allowed=tuple(roles),
            hint="rename the column",
        )
    return read_rows(table, member, columns=columns, decimal=data.decimal, on_progress=on_progress)


def _lines(loaded: LoadedRun, path: Path, options: ReadOptions, on_progress: Callable[[str], None]) -> Rows:
    """The lines of a text file that are not blank, a row each."""
    kept: Gathered | None = None
    count, left = 0, TimeLeft()
    with open_text(path, options) as file:
        numbered = ((number, line.rstrip("\r\n")) for number, line in enumerate(file, start=1) if line.strip())
        while some := list(islice(numbered, ROWS)):
            for number, line in some:
                wrong = fault(line, options.encoding)
                if wrong:
                    raise TunesmithError("data.unreadable", f"this line {wrong}", place=Place(file=path, line=number))
            rows = text_rows(loaded, [line for _, line in some], file=path, lines=[number for number, _ in some])
            kept = kept or Gathered([*rows.columns, LINE])
            kept.add({**rows.columns, LINE: rows.lines})
            count += len(some)
            share = options.so_far.share
            on_progress(f"reading rows: {count:,}{options.so_far} of {path.name}{left(share)}")
    columns: dict[str, Sequence[Any]] = {LINE: ()} if kept is None else kept.columns()
    lines = columns.pop(LINE)
    return Rows(columns=columns, files=(path,), file_of=bytes(count), lines=lines)


def _no_rows(path: Path) -> TunesmithError:
    return TunesmithError("data.no-rows", "holds no rows", place=Place(file=path), hint="is it empty?")


def _images(role: str, path: Path) -> Rows:
    files = [path]
    if path.is_dir():
        inside = (item for item in path.rglob("*") if item.suffix.lower() in IMAGES)
        files = sorted(item for item in inside if not is_debris(item.relative_to(path)))
    if not files:
        raise TunesmithError("use.no-images", "the folder holds no images", found=str(path), allowed=sorted(IMAGES))
    return rows_of(role, [str(file) for file in files], files)


def _refuse_missing(word: str, folder: Path, loaded: LoadedRun) -> None:
    """Raise where `word` is surely meant as a path: a known ending, no space."""
    endings = {suffix for entry in loaded.catalog.readers.values() for suffix in entry.member.suffixes}
    suffix = Path(word).suffix.lower() if len(word) < 1000 and not any(sign.isspace() for sign in word) else ""
    if suffix not in endings | IMAGES | {_PLAIN_TEXT}:
        return
    path = folder / word
    beside = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
    near = nearest(path.name, sorted(beside))
    raise TunesmithError(
        "use.missing-file",
        "there is no such file",
        found=word,
        hint=f"did you mean {Path(word).with_name(near)}?" if near else "a text needs quotes and no file ending",
    )
