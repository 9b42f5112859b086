"""All figures of a classifier whose rows may carry several labels. N rows, C labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.scores.answers import Floats, binary_cross_entropies, mean, sigmoid
from tunesmith.scores.areas import Areas, areas_of, ranking
from tunesmith.scores.calibration import Calibration, calibrate
from tunesmith.scores.classes import ClassReport, multilabel_report

THRESHOLD = 0.5
"""A label is given where its probability is above this."""


@dataclass(frozen=True, kw_only=True)
class SeveralLabels:
    """What a model answered beside what is true: made by `several_labels`. All have shape (N, C).

    A row whose outputs are not finite gives no label, and is never wholly right.
    """

    truth: NDArray[np.bool_]
    logits: NDArray[Any]
    probabilities: Floats

    @property
    def classes(self) -> int:
        return int(self.logits.shape[1])

    @cached_property
    def answered(self) -> NDArray[np.bool_]:
        """Which rows have an answer, shape (N,)."""
        return np.asarray(np.isfinite(self.logits).all(axis=1))

    @cached_property
    def given(self) -> NDArray[np.bool_]:
        """The labels given, shape (N, C)."""
        return np.asarray((self.probabilities > THRESHOLD) & self.answered[:, None])

    @cached_property
    def exact(self) -> NDArray[np.bool_]:
        """Which rows have all labels right, shape (N,)."""
        return np.asarray((self.given == self.truth).all(axis=1) & self.answered)

    @cached_property
    def scores(self) -> Floats:
        """The log-odds of each label, shape (N, C); rows without an answer stand where they harm most."""
        return ranking(self.truth, self.logits.astype(np.float64), self.answered)

    @cached_property
    def areas(self) -> Sequence[Areas]:
        """The areas under the curves of each label."""
        return [areas_of(self.truth[:, c], self.scores[:, c]) for c in range(self.classes)]

    @cached_property
    def calibration(self) -> Calibration | None:
        """Over all decisions of the rows with an answer; None where there is none."""
        claimed = self.probabilities[self.answered]
        right = (self.given == self.truth)[self.answered]
        return calibrate(np.maximum(claimed, 1 - claimed).ravel(), right.ravel())

    def report(self, names: Sequence[str]) -> ClassReport:
        """Precision, recall and F1 by label and averaged."""
        return multilabel_report(self.truth, self.given, names)

    def metrics(self) -> dict[str, float]:
        """By the names a job uses: accuracy counts rows with every label right; f1, precision and recall pool all
        decisions (micro)."""
        averages = self.report([""] * self.classes).averages
        micro = averages["micro"]
        losses = binary_cross_entropies(self.logits, self.truth)
        return {
            "accuracy": mean(self.exact),
            "f1_macro": averages["macro"].f1,
            "f1": micro.f1,
            "precision": micro.precision,
            "recall": micro.recall,
            "roc_auc": mean([area.roc for area in self.areas]),
            "pr_auc": mean([area.precision for area in self.areas]),
            "log_loss": float(losses.mean()) if losses.size else float("nan"),
            "ece": self.calibration.error if self.calibration else float("nan"),
        }


def several_labels(outputs: NDArray[Any], targets: NDArray[Any]) -> SeveralLabels:
    """Judge logits `outputs` (N, C) by `targets` (N, C) of 0 and 1."""
    return SeveralLabels(truth=np.asarray(targets) > 0.5, logits=outputs, probabilities=sigmoid(outputs))
