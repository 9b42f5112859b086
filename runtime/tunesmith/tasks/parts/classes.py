"""What every task with labels does the same way: losses, weights, metrics and answers. B rows, C labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tunesmith.contracts.task import Facts, Outputs
from tunesmith.data.features import Features, count
from tunesmith.data.rows import Rows
from tunesmith.judged import Judged
from tunesmith.members import unknown_target
from tunesmith.scores.answers import binary_cross_entropies, cross_entropies, sigmoid, softmax
from tunesmith.scores.one_label import one_label
from tunesmith.scores.several_labels import THRESHOLD, several_labels
from tunesmith.tasks.parts.judge_class import judge_class
from tunesmith.tasks.parts.judge_labels import judge_labels
from tunesmith.tasks.parts.labels import LabelOptions, indices, read_labels

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from tunesmith.contracts.loss import LossFunction


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassTargets:
    """The targets of a classification task: `several` labels a row, or one."""

    facts: Facts
    options: LabelOptions

    @property
    def several(self) -> bool:
        """Whether a row may have several labels. Raises run.unknown-target for facts that say neither."""
        target = self.facts.values["target"]
        if target not in ("class", "classes"):
            raise unknown_target(str(target))
        return bool(target == "classes")

    @property
    def problem(self) -> str:
        """transformers' problem_type."""
        return "multi_label_classification" if self.several else "single_label_classification"

    def encode(self, rows: Rows) -> dict[str, NDArray[np.generic]]:
        """`target`: int64 (N,), or float32 (N, C) for several labels; nothing where the rows carry no labels."""
        cells = rows.columns.get("label")
        if cells is None:
            return {}
        found = indices(read_labels(cells, self.options, facts=self.facts), rows, self.facts.labels)
        if not self.several:
            return {"target": np.fromiter((label for (label,) in found), np.int64, len(found))}
        target = np.zeros((len(found), len(self.facts.labels)), np.float32)
        for row, labels in enumerate(found):
            target[row, list(labels)] = 1
        return {"target": target}

    def key(self) -> dict[str, Any]:
        """Everything besides the rows that decides what `encode` gives."""
        return {
            "labels": list(self.facts.labels),
            "target": self.facts.values["target"],
            "separator": self.options.separator,
            "cells": self.facts.values.get("label_cells", "names"),
        }

    def weights(self, features: Features, class_weights: Sequence[float] | None) -> NDArray[np.float64]:
        """One for each row, or its class weight; with several labels, the sum over all labels."""
        if self.several:
            return np.full(
                count(features), float(sum(class_weights)) if class_weights else float(len(self.facts.labels))
            )
        if not class_weights:
            return np.ones(count(features))
        found: NDArray[np.float64] = np.asarray(class_weights, np.float64)[np.asarray(features["target"])]
        return found

    def loss_sum(
        self,
        logits: torch.Tensor,
        target: torch.Tensor,
        loss: LossFunction,
        class_weights: torch.Tensor | None,
    ) -> torch.Tensor:
        """Sum of the (weighted) losses of logits (B, C)."""
        losses = loss(logits, target)
        if class_weights is not None:
            losses = losses * (class_weights if self.several else class_weights[target])
        return losses.sum()

    def metrics(self, outputs: Outputs, features: Features) -> dict[str, float]:
        judge = several_labels if self.several else one_label
        return judge(outputs, np.asarray(features["target"])).metrics()

    def row_losses(self, outputs: Outputs, features: Features) -> NDArray[np.float64]:
        """Cross-entropy in nats; with several labels, the mean over them."""
        target = np.asarray(features["target"])
        if self.several:
            return np.asarray(binary_cross_entropies(outputs, target).mean(axis=1))
        return cross_entropies(outputs, target)

    def judge(self, outputs: Outputs, features: Features) -> Judged:
        """The answers' part of the report."""
        precise, target = np.asarray(outputs, np.float64), np.asarray(features["target"])
        if self.several:
            return judge_labels(precise, target.astype(np.float64), self.facts.labels)
        return judge_class(precise, target.astype(np.int64), self.facts.labels)

    def decode(self, outputs: Outputs) -> list[dict[str, Any]]:
        """The label (or labels above one half) with the probability of each."""
        names = self.facts.labels
        probability = sigmoid(outputs) if self.several else softmax(outputs)
        answers = []
        for row in probability:
            more: dict[str, Any] = {"probabilities": dict(zip(names, map(float, row), strict=True))}
            if self.several:
                answers.append({"labels": [name for name, p in zip(names, row, strict=True) if p > THRESHOLD], **more})
            else:
                best = int(row.argmax())
                answers.append({"label": names[best], "probability": float(row[best]), **more})
        return answers
