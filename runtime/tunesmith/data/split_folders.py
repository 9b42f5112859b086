"""A folder of images that is split already: photos/train/cat, photos/val/cat, photos/test/cat."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tunesmith.data.readers.image_folder import is_debris
from tunesmith.errors import Place, Problem
from tunesmith.job.job import Job

NAMES = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing"),
}
"""What the folders of each part are called, in any case."""

PART_OF = {name: part for part, names in NAMES.items() for name in names}


def with_split_folders(job: Job) -> tuple[Job, list[Problem]]:
    """The job with the folders that `data.train` is split into as its parts, and a note that says so.

    A part for which the job names a file of its own stays; a share gives way to a folder. Any other job comes back
    unchanged.
    """
    found = split_folders(job.resolve(job.data.train)) if "://" not in job.data.train else {}
    if not found:
        return job, []
    chosen = {name: (Path(job.data.train) / folder).as_posix() for name, folder in found.items()}
    data = replace(job.data, train=chosen["train"])
    if "validation" in chosen and isinstance(data.validation, float):
        data = replace(data, validation=chosen["validation"])
    if "test" in chosen and not isinstance(data.test, str):
        data = replace(data, test=chosen["test"])
    note = Problem(
        code="data.split-folders",
        message=f"the folders in {job.data.train} are taken as the parts of the data, not as classes",
        place=Place(file=job.file, key="data.train"),
        found=f"train: {data.train}, validation: {data.validation}, test: {data.test or 'none'}",
        hint="write these under `data:`, or name one of them as `train` to use it alone",
        severity="info",
    )
    return replace(job, data=data), [note]


def split_folders(folder: Path) -> dict[str, str]:
    """The name of each part's folder where `folder` holds nothing else, train among them, and each holds class folders.

    Empty for any other folder: then what it holds are the classes.
    """
    if not folder.is_dir():
        return {}
    inside = [item for item in folder.iterdir() if not is_debris(Path(item.name))]
    found = {PART_OF[item.name.lower()]: item.name for item in inside if item.name.lower() in PART_OF}
    whole = len(found) == len(inside) > 1 and "train" in found
    return found if whole and all(_has_classes(folder / name) for name in found.values()) else {}


def _has_classes(folder: Path) -> bool:
    inside = [item for item in folder.iterdir() if not is_debris(Path(item.name))] if folder.is_dir() else []
    return bool(inside) and all(item.is_dir() for item in inside)
