"""Text (or a pair of texts) to one label, or to several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunesmith.contracts.task import Batch, Facts, Outputs, TaskRuntime
from tunesmith.data.rows import Rows
from tunesmith.data.shares import Strata
from tunesmith.errors import Problem
from tunesmith.job.job import Job
from tunesmith.members import Column, Task, UsualSplit
from tunesmith.options import Integer
from tunesmith.scores.metrics import OF_CLASSES
from tunesmith.tasks.parts.labels import (
    OPTIONS,
    check_labels,
    label_facts,
    label_options,
    label_strata,
    read_labels,
    unusable_labels,
)

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import torch
    from numpy.typing import NDArray

    from tunesmith.contracts.loss import LossFunction
    from tunesmith.contracts.model import Head, LoadedModel, TextFormat
    from tunesmith.data.features import Features, Ragged
    from tunesmith.judged import Judged
    from tunesmith.randomness import Draws
    from tunesmith.tasks.parts.classes import ClassTargets

MEMBER = Task(
    name="text-classification",
    help="Gives each text one label, or several: sentiment, topic, intent, spam.",
    when="Your label is one of a list of words. For a number on a scale take regression.",
    columns={
        "text": Column(
            help="The text to judge.",
            guesses=(
                "text",
                "sentence",
                "message",
                "review",
                "comment",
                "content",
                "body",
                "question",
                "premise",
                "title",
            ),
        ),
        "text_pair": Column(
            help="A second text, where the label tells how two texts belong together.",
            required=False,
            guesses=("text_pair", "sentence2", "hypothesis"),
        ),
        "label": Column(
            answer=True,
            holds="label",
            several=True,
            help="The label. Lists, a 0 or 1 for each label, several columns or `label_separator` make it multi-label.",
            guesses=("label", "labels", "category", "class", "target", "sentiment", "intent", "topic"),
        ),
    },
    options={
        "max_length": Integer(
            None,
            at_least=2,
            unit="tokens",
            help="Longer texts are cut; none means 128, or the model's window if that is shorter.",
            advice="`check` says how many texts are cut; time grows with the texts, not with this limit.",
        ),
        **OPTIONS,
    },
    targets=("class", "classes"),
    metrics=OF_CLASSES,
    default_metric="f1_macro",
    models=("transformers", "bundled", "scratch", "python"),
    imbalance=True,
    split=UsualSplit(by="stratified", why="each part has each label in the same proportion"),
    lengths_vary=True,
    aliases_elsewhere={
        "sentiment-analysis": "",
        "sequence-classification": "",
        "multi-label-classification": "with lists as labels",
    },
    stands_in_for={
        "anomaly-detection": "take text-classification or image-classification with a label for the odd ones",
    },
)


def strata(job: Job, rows: Rows) -> Strata | None:
    """What a split keeps in proportion: the label of each row, or its labels."""
    return label_strata(job, rows)


def suits(columns: Mapping[str, str], reader: str) -> int:
    """Well where a text has a label beside it; and a little always: most who come bring texts."""
    kinds, names = set(columns.values()), {name.lower() for name in columns}
    return 70 if "text" in kinds and ("label" in kinds or {"label", "category", "class"} & names) else 10


def facts(job: Job, rows: Rows) -> Facts:
    """The labels with their counts, and whether rows may have several."""
    labels = read_labels(rows.columns["label"], label_options(job))
    return label_facts(labels, {"text_pair": "text_pair" in rows.columns})


def check_rows(
    job: Job, rows: Rows, facts: Facts, reads: TextFormat | None, features: Features | None = None
) -> list[Problem]:
    """Empty texts and labels, unknown labels, and how many texts will be cut."""
    from tunesmith.tasks.parts.texts import check_texts

    problems = []
    if "label" in rows.columns:
        labels = read_labels(rows.columns["label"], label_options(job), facts=facts)
        problems += check_labels(labels, rows, facts)
    chosen = job.data.options.get("max_length")
    return problems + check_texts(rows, _roles(rows), chosen, reads, longer="data.max_length", features=features)


def unusable_rows(job: Job, rows: Rows, facts: Facts) -> list[tuple[int, str]]:
    """Rows that cannot be used, with a phrase that says why."""
    if "label" not in rows.columns:
        return []
    return unusable_labels(read_labels(rows.columns["label"], label_options(job), facts=facts))


def _roles(rows: Rows) -> list[str]:
    return [role for role in ("text", "text_pair") if role in rows.columns]


def build(job: Job, facts: Facts) -> TextClassification:
    """The task at work."""
    from tunesmith.tasks.parts.classes import ClassTargets

    targets = ClassTargets(facts=facts, options=label_options(job))
    return TextClassification(targets=targets, max_length=job.data.options.get("max_length"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TextClassification(TaskRuntime):
    """Batches of texts, and the losses and figures of their labels."""

    targets: ClassTargets
    max_length: int | None

    def head(self) -> Head:
        from tunesmith.tasks.parts.texts import text_head

        labels = self.targets.facts.labels
        return text_head(outputs=len(labels), labels=labels, problem=self.targets.problem)

    def inputs(self, *, judged: bool = False) -> Mapping[str, bool]:
        return {"text": True, "text_pair": True} if self.targets.facts.values.get("text_pair") else {"text": True}

    def made_up(self, model: LoadedModel, count: int, rng: np.random.Generator, folder: Path) -> Rows:
        from tunesmith.tasks.parts.made_up import made_up_rows, made_up_texts

        return made_up_rows({role: made_up_texts(model, count, rng) for role in self.inputs()})

    def encode(self, rows: Rows, model: LoadedModel) -> Features:
        from tunesmith.tasks.parts.texts import encode_texts, length_limit, text_of

        columns = [[text_of(value) for value in rows.columns[role]] for role in _roles(rows)]
        limit = length_limit(self.max_length, model.text)
        texts = encode_texts(model, columns[0], columns[1] if len(columns) > 1 else None, limit)
        return {**texts, **self.targets.encode(rows)}

    def left_out(self, name: str, features: Features) -> Ragged:
        from tunesmith.tasks.parts.texts import types_left_out

        return types_left_out(features)

    def encoding_key(self, model: LoadedModel) -> Mapping[str, Any]:
        from tunesmith.tasks.parts.texts import fingerprint, length_limit, tokenizer_of

        return {
            "tokenizer": fingerprint(tokenizer_of(model)),
            "max_length": length_limit(self.max_length, model.text),
            **self.targets.key(),
        }

    def lengths(self, features: Features) -> NDArray[np.int64] | None:
        return features["input_ids"].lengths  # type: ignore[union-attr]

    def weights(self, features: Features, class_weights: Sequence[float] | None) -> NDArray[np.float64]:
        return self.targets.weights(features, class_weights)

    def collate(self, features: Features, rows: NDArray[np.int64], draws: Draws | None = None) -> Batch:
        import numpy as np
        import torch

        from tunesmith.tasks.parts.texts import pad

        batch = pad(features, rows)
        if "target" in features:
            batch["target"] = torch.from_numpy(np.asarray(features["target"])[rows])
        return batch

    def example(self, model: LoadedModel) -> Batch:
        from tunesmith.tasks.parts.texts import example_texts

        return example_texts()

    def loss_sum(
        self, model: LoadedModel, batch: Batch, loss: LossFunction, class_weights: torch.Tensor | None
    ) -> torch.Tensor:
        return self.targets.loss_sum(self.outputs(model, batch), batch["target"], loss, class_weights)

    def outputs(self, model: LoadedModel, batch: Batch) -> torch.Tensor:
        from tunesmith.tasks.parts.texts import text_forward

        return text_forward(model, batch, len(self.targets.facts.labels))

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
