"""Images (files, arrays, or a row of numbers) to one label, or to several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunesmith.contracts.task import Batch, Facts, Outputs, TaskRuntime
from tunesmith.data.limits import LIMITS
from tunesmith.data.rows import Rows
from tunesmith.data.shares import Strata
from tunesmith.errors import Problem, TunesmithError
from tunesmith.job.job import Job
from tunesmith.members import Column, Task, UsualSplit
from tunesmith.options import Flag, Integer, OneOf
from tunesmith.scores.metrics import OF_CLASSES
from tunesmith.tasks.parts.findings import findings
from tunesmith.tasks.parts.images import examined, head_of, is_array, shown
from tunesmith.tasks.parts.labels import (
    OPTIONS,
    check_labels,
    label_facts,
    label_options,
    label_strata,
    read_labels,
    unusable_labels,
)
from tunesmith.tasks.parts.outputs import output_tensor

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import torch
    from numpy.typing import NDArray

    from tunesmith.contracts.loss import LossFunction
    from tunesmith.contracts.model import Head, LoadedModel, TextFormat
    from tunesmith.data.features import Features
    from tunesmith.judged import Judged
    from tunesmith.randomness import Draws
    from tunesmith.tasks.parts.classes import ClassTargets
    from tunesmith.tasks.parts.pixels import Pixels
    from tunesmith.tasks.parts.resident import Resident

MEMBER = Task(
    name="image-classification",
    help="Gives each image one label, or several: from a folder of images, a table of paths, or rows of pixel values.",
    when="You want to know what an image shows as a whole, not where.",
    columns={
        "image": Column(
            help="The image: a path (from the data file's folder), or an array where a callable makes the rows.",
            holds="image",
            required=False,
            guesses=("image", "path", "file", "filename", "image_path", "file_name", "pixels"),
        ),
        "columns": Column(help="Columns of numbers in place of an image.", holds="number", required=False, many=True),
        "label": Column(
            answer=True,
            holds="label",
            several=True,
            help="The label. Lists, a 0 or 1 for each label, several columns or `label_separator` make it multi-label.",
            guesses=("label", "labels", "category", "class", "target", "digit"),
        ),
    },
    options={
        "size": Integer(
            None,
            at_least=1,
            at_most=4096,
            unit="pixels",
            help="Images are scaled to this many pixels a side; none means the model's own size, or the first image's.",
            advice="Small images train fast; use the size the model was pretrained with if it was.",
        ),
        "channels": Integer(
            None,
            at_least=1,
            at_most=3,
            help="1 for grey, 3 for colour; none means the model's own number, or the first image's.",
            advice="Grey is enough for handwriting and scans.",
        ),
        "flatten": Flag(
            default=False,
            help="Hand each image to the model as one row of numbers, as a perceptron wants it.",
            advice="Set it for models that begin with a Linear layer; convolutions need the image as it is.",
        ),
        "normalise": OneOf(
            "auto",
            values=("auto", "unit", "standard", "none"),
            help="How pixel values are scaled: to 0..1 (unit), to mean 0 (standard), or not; auto asks the model.",
            advice="Leave it at auto for files; take unit for columns of 0..255.",
        ),
        **OPTIONS,
    },
    targets=("class", "classes"),
    metrics=OF_CLASSES,
    default_metric="accuracy",
    models=("transformers", "python"),
    imbalance=True,
    split=UsualSplit(by="stratified", why="each part has each label in the same proportion"),
    alternatives=(("image",), ("columns",)),
    aliases_elsewhere={
        "multi-label-classification": "with lists as labels",
    },
    stands_in_for={
        "image-generation": "no task makes images; image-classification tells what an image shows",
        "text-to-image": "no task makes images; image-classification tells what an image shows",
        "diffusion": "no task makes images; image-classification tells what an image shows",
        "object-detection": "image-classification tells what an image shows as a whole, not where",
        "detection": "image-classification tells what an image shows as a whole, not where",
        "segmentation": "image-classification tells what an image shows as a whole, not which pixels",
        "image-segmentation": "image-classification tells what an image shows as a whole, not which pixels",
        "audio-classification": "take image-classification on pictures of the spectra",
        "video-classification": "take image-classification on single frames",
        "tabular-classification": "take image-classification with `columns`, which reads any numbers",
    },
)


def strata(job: Job, rows: Rows) -> Strata | None:
    """What a split keeps in proportion: the label of each row, or its labels."""
    return label_strata(job, rows)


def suits(columns: Mapping[str, str], reader: str) -> int:
    """Where there are images, whatever stands beside them."""
    return 90 if reader == "image-folder" or "image" in columns.values() else 0


def facts(job: Job, rows: Rows) -> Facts:
    """Labels with their counts, and what the images are like: files or arrays, size, channels, scale."""
    from tunesmith.tasks.parts.number_cells import numbers
    from tunesmith.tasks.parts.scales import scale_of

    labels = read_labels(rows.columns["label"], label_options(job))
    values: dict[str, Any] = {"normalise": job.data.options.get("normalise", "auto")}
    if "columns" in rows.columns and ("columns" in job.data.columns or "image" not in rows.columns):
        cells: Sequence[Any] = rows.columns["columns"]
        values |= {"source": "columns", "height": 1, "width": len(numbers(cells[0])), "channels": 1, "flat": True}
    elif "image" in rows.columns:
        cells = rows.columns["image"]
        values |= _image_facts(cells, job, rows)
    else:
        raise TunesmithError(
            "data.no-input",
            "the job names neither a column of images nor columns of numbers",
            hint="add `image: COLUMN` or `columns: [COLUMN, ...]` under `data:`",
        )
    if values["source"] != "files":
        values["subtract"], values["divide"] = scale_of(cells, values["normalise"])
    return label_facts(labels, values)


def _image_facts(cells: Sequence[Any], job: Job, rows: Rows) -> dict[str, Any]:
    """What the first image that can be read is like; the others are named by `unusable_rows`."""
    options = job.data.options
    for first in cells:
        try:
            height, width, channels = head_of(first, most=_most(job)).size
            break
        except ValueError as error:
            wrong = error
    else:
        raise TunesmithError(
            "data.bad-image", f"this image cannot be read: {wrong}", place=rows.place(0), found=shown(cells[0])
        )
    array = is_array(first)
    wanted = None if array else options.get("size")
    return {
        "source": "arrays" if array else "files",
        "height": wanted or height,
        "width": wanted or width,
        "channels": channels if array else options.get("channels") or channels,
        "flat": bool(options.get("flatten")) or (array and height == 1),
        "size_given": wanted is not None,
        "channels_given": options.get("channels") is not None,
    }


def check_rows(job: Job, rows: Rows, facts: Facts, reads: TextFormat | None) -> list[Problem]:
    """Unknown and empty labels, images that cannot be opened, rows of the wrong width."""
    problems = []
    if "label" in rows.columns:
        labels = read_labels(rows.columns["label"], label_options(job), facts=facts)
        problems += check_labels(labels, rows, facts)
    bad, several = _looked_at(job, rows, facts, whole=True)
    problems += findings(
        "data.bad-image",
        "this row's image cannot be read",
        bad,
        rows,
        hint="mend the file, or remove the row",
    )
    if several:
        problems.append(
            Problem(
                code="data.several-frames",
                message=f"{len(several)} of {len(rows)} images hold several frames or pages: the first one is taken",
                place=rows.place(several[0]),
                found=rows.named(several),
                hint="save the frames as images of their own if the others matter",
                severity="warning",
            )
        )
    return problems


def unusable_rows(job: Job, rows: Rows, facts: Facts) -> list[tuple[int, str]]:
    """Rows that cannot be used, with a phrase that says why.

    Where they are skipped, files are decoded, so that `check` and the run skip the same ones; else only their heads are
    read here: `check` decodes them, and a run ends at the first that cannot be.
    """
    labels = rows.columns.get("label")
    wrong = unusable_labels(read_labels(labels, label_options(job), facts=facts)) if labels is not None else []
    return sorted({**dict(wrong), **dict(_looked_at(job, rows, facts, whole=job.data.bad_rows == "skip")[0])}.items())


def _most(job: Job) -> int | None:
    """How many pixels one image may have."""
    return LIMITS[job.data.limits].pixels


def _looked_at(job: Job, rows: Rows, facts: Facts, *, whole: bool) -> tuple[list[tuple[int, str]], list[int]]:
    """Rows whose image cannot be used, with a phrase that says why, and rows of which only the first frame is."""
    found: list[tuple[int, str]] = []
    if facts.values["source"] == "columns":
        from tunesmith.tasks.parts.number_cells import number, numbers

        width = facts.values["width"]
        for row, cell in enumerate(rows.columns["columns"]):
            if len(cell) == width and None not in map(number, cell):
                continue
            values = numbers(cell)  # some may stand in lists
            if None in values:
                wrong = next(value for value in cell if None in numbers(value))
                found.append((row, f"holds {wrong!r:.40}, which is no number"))
            elif len(values) != width:
                found.append((row, f"holds {len(values)} numbers where the first row holds {width}"))
        return found, []
    several = []
    expected = (facts.values["height"], facts.values["width"], facts.values["channels"])
    cells = rows.columns["image"]
    decoded = whole and facts.values["source"] == "files"
    heads = examined(cells, channels=expected[2], most=_most(job)) if decoded else None
    for row, cell in enumerate(cells):
        try:
            head = heads[row] if heads is not None else head_of(cell, most=_most(job))
        except ValueError as error:
            head = str(error)
        if isinstance(head, str):
            found.append((row, f"{shown(cell)}: {head}"))
            continue
        if head.frames:
            several.append(row)
        if facts.values["source"] == "arrays" and head.size != expected:
            found.append((row, f"has the shape {head.size}, not {expected}"))
    return found, several


def build(job: Job, facts: Facts) -> ImageClassification:
    """The task at work."""
    from tunesmith.tasks.parts.classes import ClassTargets
    from tunesmith.tasks.parts.pixels import Pixels
    from tunesmith.tasks.parts.resident import Resident

    targets = ClassTargets(facts=facts, options=label_options(job))
    return ImageClassification(
        targets=targets, pixels=Pixels(values=facts.values, most=_most(job)), resident=Resident()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageClassification(TaskRuntime):
    """Batches of images (from tensors that stay in memory), and the losses and figures of their labels."""

    targets: ClassTargets
    pixels: Pixels
    resident: Resident

    def head(self) -> Head:
        from tunesmith.contracts.model import Head

        labels = self.targets.facts.labels
        return Head(
            auto="AutoModelForImageClassification",
            reads="image",
            outputs=len(labels),
            labels=labels,
            problem=self.targets.problem,
            pipeline="image-classification",
        )

    def inputs(self, *, judged: bool = False) -> Mapping[str, bool]:
        return {"columns" if self.pixels.values["source"] == "columns" else "image": True}

    def made_up(self, model: LoadedModel, count: int, rng: np.random.Generator, folder: Path) -> Rows:
        import numpy as np

        from tunesmith.tasks.parts.made_up import made_up_rows

        values = self.pixels.values
        if values["source"] == "columns":
            numbers = rng.random((count, int(values["width"])))
            return made_up_rows({"columns": [tuple(row) for row in numbers.tolist()]})
        if values["source"] == "arrays":
            shape = (count, values["height"], values["width"], values["channels"])
            return made_up_rows({"image": list(rng.random(shape, dtype=np.float32))})
        files = [noise(folder / f"{number}.png", rng) for number in range(count)]
        return made_up_rows({"image": [str(file) for file in files]}, files[0])

    def encode(self, rows: Rows, model: LoadedModel) -> Features:
        return {"inputs": self.pixels.encode(rows, model), **self.targets.encode(rows)}

    def encoding_key(self, model: LoadedModel) -> Mapping[str, Any]:
        return {
            **self.pixels.key(model),
            **self.targets.key(),
        }

    def lengths(self, features: Features) -> NDArray[np.int64] | None:
        return None

    def weights(self, features: Features, class_weights: Sequence[float] | None) -> NDArray[np.float64]:
        return self.targets.weights(features, class_weights)

    def collate(self, features: Features, rows: NDArray[np.int64], draws: Draws | None = None) -> Batch:
        return self.resident.select(features, rows)

    def example(self, model: LoadedModel) -> Batch:
        return {"inputs": self.pixels.example(model)}

    def loss_sum(
        self, model: LoadedModel, batch: Batch, loss: LossFunction, class_weights: torch.Tensor | None
    ) -> torch.Tensor:
        return self.targets.loss_sum(self.outputs(model, batch), batch["target"], loss, class_weights)

    def outputs(self, model: LoadedModel, batch: Batch) -> torch.Tensor:
        inputs = batch["inputs"]
        if inputs.ndim != 2:
            inputs = self.pixels.prepare(inputs, model)
        found = model.module(inputs) if model.kind == "module" else model.module(pixel_values=inputs)
        return output_tensor(found, model, (len(inputs), len(self.targets.facts.labels))).float()

    def metrics(self, outputs: Outputs, features: Features) -> dict[str, float]:
        return self.targets.metrics(outputs, features)

    def row_losses(self, outputs: Outputs, features: Features) -> NDArray[np.float64]:
        return self.targets.row_losses(outputs, features)

    def judge(
        self, outputs: Outputs, features: Features, rows: Rows | None, answers: Sequence[Any] | None = None
    ) -> Judged:
        return self.targets.judge(outputs, features)

    def decode(self, outputs: Outputs, features: Features, rows: Rows) -> list[dict[str, Any]]:
        return self.targets.decode(outputs)


def noise(path: Path, rng: np.random.Generator) -> Path:
    """A picture of 40 by 40 random pixels, written to `path`."""
    import numpy as np
    from PIL import Image

    Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(path)
    return path
