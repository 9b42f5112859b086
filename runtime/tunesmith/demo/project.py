"""The demo's project: three csv files and a job, written where the user can read and change them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tunesmith.demo.reviews import Review
from tunesmith.errors import TunesmithError
from tunesmith.files import write_atomic
from tunesmith.randomness import derive

SEED = 7
VALIDATION_ROWS = 1000
TRAIN_ROWS = 8000  # the rest, about 1,600 rows, is never seen in training
JOB = "reviews.job.yaml"

_JOB_TEXT = """\
# Is a movie review positive or negative? A small pretrained model learns it from 8,000 rated sentences.
task: text-classification
model: all-MiniLM-L6-v2           # 22 million weights, comes with the extra `minilm`
data:
  train: data/train.csv
  validation: data/validation.csv # chooses the best checkpoint
  test: data/test.csv             # never looked at in training: the figure to believe
  text: text
  label: sentiment
method: full                      # try: {lora: {rank: 8}}
training:
  epochs: 2
  batch_size: 32
  learning_rate: 1e-4
evaluation: {every: 1 epoch, metric: accuracy}
seed: 7
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoProject:
    """`larger_share` is the share of the larger class among the test rows: what guessing it would reach."""

    folder: Path
    job: Path
    rows: dict[str, int]
    larger_share: float


def write_project(folder: Path, found: Sequence[Review]) -> DemoProject:
    """Write the project into `folder`, new or empty or one of an earlier demo (whose job and runs are kept).

    Raises TunesmithError demo.folder-in-use.
    """
    job = folder / JOB
    if folder.exists() and any(folder.iterdir()) and not job.exists():
        raise TunesmithError(
            "demo.folder-in-use",
            f"{folder} has other files in it",
            hint="name another folder: tunesmith demo FOLDER",
        )
    parts = split(found)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name, rows in parts.items():
        write_atomic(folder / "data" / f"{name}.csv", _csv(rows))
    if not job.exists():
        write_atomic(job, _JOB_TEXT)
    test = parts["test"]
    positive = sum(review.rating > 0 for review in test) / len(test)
    return DemoProject(
        folder=folder,
        job=job,
        rows={name: len(rows) for name, rows in parts.items()},
        larger_share=max(positive, 1 - positive),
    )


def split(found: Sequence[Review]) -> dict[str, list[Review]]:
    """Train, validation and test. A sentence rated 0 has no answer and is left out; one that comes twice counts once.

    The order comes from a hash of each sentence, so it is the same on every machine and in every Python.
    """
    distinct = {review.text: review for review in found if review.rating != 0}
    ordered = sorted(distinct.values(), key=lambda review: derive(SEED, "demo", review.text))
    held_out = len(ordered) - TRAIN_ROWS
    return {
        "train": ordered[held_out:],
        "validation": ordered[:VALIDATION_ROWS],
        "test": ordered[VALIDATION_ROWS:held_out],
    }


def _csv(rows: Sequence[Review]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["text", "sentiment", "rating"])
    writer.writerows(
        [review.text, "positive" if review.rating > 0 else "negative", f"{review.rating:.3f}"] for review in rows
    )
    return text.getvalue()
