"""Tables that are cut into several files: a folder of them, or a pattern such as `data/train-*.parquet`."""

from __future__ import annotations

import glob
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from tunesmith.data.readers.image_folder import IMAGES, is_debris
from tunesmith.data.split_folders import PART_OF
from tunesmith.errors import Place, TunesmithError

DESCRIBING = frozenset({"dataset_info.json", "dataset_infos.json", "state.json", "dataset_dict.json", "metadata.json"})
"""What the datasets library writes beside the rows."""


def is_pattern(source: str) -> bool:
    """Whether `source` holds signs that stand for any file name."""
    return glob.has_magic(source)


def matching(path: Path) -> list[Path]:
    """The files that a pattern stands for, in natural order."""
    return _in_order(Path(name) for name in glob.glob(str(path), recursive=True) if Path(name).is_file())  # noqa: PTH207


def tables_in(folder: Path, suffixes: Collection[str], *, place: Place) -> list[Path]:
    """The tables in a folder without images, in natural order; none where it holds images or no table.

    Raises data.several-splits where their names say that they are parts of the data such as train and test, and
    data.mixed-folder where they are of several formats.
    """
    tables = []
    for file in folder.rglob("*"):
        if is_debris(file.relative_to(folder)) or not file.is_file():
            continue
        if file.suffix.lower() in IMAGES:  # the rest of what may be a million files is not looked at
            return []
        if file.suffix.lower() in suffixes and file.name not in DESCRIBING:
            tables.append(file)
    parts = {part: file for file in tables if (part := _part_of(file.relative_to(folder)))}
    if len(parts) > 1:
        raise TunesmithError(
            "data.several-splits",
            f"the files in {folder.name} are parts of the data, not pieces of one table",
            place=place,
            found=", ".join(sorted(parts)),
            hint=f"name the files of each part, such as `train: {folder.name}/{_pattern(parts, folder)}`",
        )
    endings = sorted({file.suffix.lower() for file in tables})
    if len(endings) > 1:
        raise TunesmithError(
            "data.mixed-folder",
            "the folder holds tables of several formats: nobody can tell which to read",
            place=place,
            found=", ".join(endings),
            hint=f"name a file, or a pattern such as `{folder.name}/*{endings[0]}`",
        )
    return _in_order(tables)


def _part_of(inside: Path) -> str | None:
    """The part of the data that a folder or the first word of a file's name tells: `train-00000-of-00002.parquet`."""
    words = [*inside.parts[:-1], re.split(r"[^A-Za-z]", inside.name)[0]]
    return next((PART_OF[word.lower()] for word in words if word.lower() in PART_OF), None)


def _pattern(parts: dict[str, Path], folder: Path) -> str:
    inside = parts.get("train", next(iter(parts.values()))).relative_to(folder)
    if len(inside.parts) > 1:
        return f"{inside.parts[0]}/*{inside.suffix}"
    return f"{re.split(r'[^A-Za-z]', inside.name)[0]}*{inside.suffix}"


def _in_order(files: Iterable[Path]) -> list[Path]:
    """By their names, numbers by value: part-2 stands before part-10."""

    def key(file: Path) -> list[tuple[int, str]]:
        return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", str(file))]

    return sorted(files, key=key)
