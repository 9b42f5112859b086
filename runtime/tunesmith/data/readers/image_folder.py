"""A folder of images, one subfolder a class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tunesmith.data.read_options import USUALLY, ReadOptions
from tunesmith.data.rows import Record
from tunesmith.members import Reader

MEMBER = Reader(
    name="image-folder",
    help="A folder with one subfolder per class, named like the class, holding its images.",
    when="Image classification. For several labels an image, use a table with a column of paths instead.",
    suffixes=(),
)

IMAGES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})
DEBRIS = frozenset({"thumbs.db", "desktop.ini"})
"""What file managers leave behind, besides names that begin with a dot."""


def header(path: Path, *, options: ReadOptions = USUALLY) -> list[str]:
    """Always `image` (the file) and `label` (the name of its class folder)."""
    return ["image", "label"]


def read(path: Path, *, columns: Sequence[str] | None = None, options: ReadOptions = USUALLY) -> Iterator[Record]:
    """One record a file in sorted order, each line 1 of its own file; files that are no images are bad records."""
    chosen = ("image", "label") if columns is None else columns
    for top in sorted(path.iterdir(), key=lambda item: item.name):
        for file in sorted(top.rglob("*")) if top.is_dir() else [top]:
            inside = file.relative_to(path)
            if is_debris(inside) or file.is_dir():
                continue
            wrong = _fault(file, inside)
            values = {"image": str(file), "label": top.name}
            yield Record(1, None if wrong else {name: values[name] for name in chosen}, wrong, file)


def is_debris(inside: Path) -> bool:
    """Whether a path inside a folder is what file managers leave there."""
    return inside.name.lower() in DEBRIS or any(part.startswith(".") for part in inside.parts)


def _fault(file: Path, inside: Path) -> str:
    if file.suffix.lower() not in IMAGES:
        return f"{inside} is not an image ({', '.join(sorted(IMAGES))})"
    if len(inside.parts) == 1:
        return f"{inside} stands outside of the class folders"
    return f"{inside} is empty" if file.stat().st_size == 0 else ""
