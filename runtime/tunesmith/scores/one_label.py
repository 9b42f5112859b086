"""All figures of a classifier whose rows have one class each. N rows, C classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.scores.answers import NO_ANSWER, Floats, chosen, cross_entropies, log_odds, mean, softmax, two_columns
from tunesmith.scores.areas import Areas, areas_of, ranking
from tunesmith.scores.calibration import Calibration, calibrate
from tunesmith.scores.classes import ClassReport, class_report, confusion_matrix


@dataclass(frozen=True, kw_only=True)
class OneLabel:
    """What a model answered beside what is true: made by `one_label`, over the rows whose class is known.

    `truth` and `answers` are class numbers (N,), NO_ANSWER where the outputs are not finite; `logits` and
    `probabilities` have shape (N, C).
    """

    truth: NDArray[np.int64]
    answers: NDArray[np.int64]
    logits: NDArray[Any]
    probabilities: Floats

    @property
    def classes(self) -> int:
        return int(self.logits.shape[1])

    @cached_property
    def answered(self) -> NDArray[np.bool_]:
        """Which rows have an answer, shape (N,)."""
        return np.asarray(self.answers != NO_ANSWER)

    @cached_property
    def one_hot(self) -> NDArray[np.bool_]:
        """The true classes as columns, shape (N, C)."""
        return np.asarray(self.truth[:, None] == np.arange(self.classes))

    @cached_property
    def scores(self) -> Floats:
        """The log-odds of each class, shape (N, C); rows without an answer stand where they harm most."""
        return ranking(self.one_hot, log_odds(self.logits), self.answered)

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """Rows by true and predicted class, shape (C, C)."""
        return confusion_matrix(self.truth, self.answers, self.classes)

    @cached_property
    def areas(self) -> Sequence[Areas]:
        """The areas under the curves of each class."""
        return [areas_of(self.one_hot[:, c], self.scores[:, c]) for c in range(self.classes)]

    @cached_property
    def calibration(self) -> Calibration | None:
        """Over the rows with an answer; None where there is none."""
        sure = self.probabilities[self.answered].max(axis=1, initial=0.0)
        return calibrate(sure, (self.truth == self.answers)[self.answered])

    def report(self, names: Sequence[str]) -> ClassReport:
        """Precision, recall and F1 by class and averaged."""
        return class_report(self.truth, self.answers, names)

    def metrics(self) -> dict[str, float]:
        """By the names a job uses; precision, recall and F1 of the last label where there are two, else macro means."""
        report = self.report([""] * self.classes)
        macro = report.averages["macro"]
        shown = report.by_class[-1] if self.classes == 2 else macro
        areas = self.areas[-1:] if self.classes == 2 else self.areas
        return {
            "accuracy": mean(self.truth == self.answers),
            "f1_macro": macro.f1,
            "f1": shown.f1,
            "precision": shown.precision,
            "recall": shown.recall,
            "roc_auc": mean([area.roc for area in areas]),
            "pr_auc": mean([area.precision for area in areas]),
            "log_loss": float(cross_entropies(self.logits, self.truth).mean()) if len(self.truth) else float("nan"),
            "ece": self.calibration.error if self.calibration else float("nan"),
        }


def one_label(outputs: NDArray[Any], targets: NDArray[Any]) -> OneLabel:
    """Judge logits `outputs` (N, C) by the true class numbers `targets` (N,); rows of unknown classes are left out."""
    logits = two_columns(outputs)
    truth = np.asarray(targets, np.int64)
    known = (truth >= 0) & (truth < logits.shape[1])
    if not known.all():
        truth, logits = truth[known], logits[known]
    probabilities = softmax(logits)
    return OneLabel(truth=truth, answers=chosen(probabilities), logits=logits, probabilities=probabilities)
