"""Judging a classifier whose rows may carry several labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.judged import NOTHING_TO_JUDGE, Cell, Judged, MadeWhenAsked, Table, percent, plural
from tunesmith.scores.several_labels import THRESHOLD, several_labels
from tunesmith.tasks.parts.class_charts import areas_chart, reliability_chart
from tunesmith.tasks.parts.judge_class import calibration_words


def judge_labels(outputs: NDArray[np.float64], targets: NDArray[np.float64], labels: Sequence[str]) -> Judged:
    """Everything about logits `outputs` (N, C) against `targets` (N, C) of 0 and 1.

    Outputs that are not finite give no label.
    """
    names = [labels[c] if c < len(labels) else f"label {c}" for c in range(outputs.shape[1])]
    found = several_labels(outputs, targets)
    truth, given, rows = found.truth, found.given, len(found.truth)
    report, areas, calibration = found.report(names), found.areas, found.calibration
    empty = float(np.mean(~truth.any(axis=1))) if rows else math.nan
    micro, macro = report.averages["micro"], report.averages["macro"]
    section: dict[str, Any] = {
        "rows": rows,
        "exact_match": float(found.exact.mean()) if rows else math.nan,
        "exact_match_without_labels": empty,
        "no_answer": int((~found.answered).sum()),
        "threshold": THRESHOLD,
        "by_class": [
            figures.as_json() | {"roc_area": area.roc, "pr_area": area.precision}
            for figures, area in zip(report.by_class, areas, strict=True)
        ],
        "averages": {name: figures.as_json() for name, figures in report.averages.items()},
    }
    confusion = {
        "labels": names,
        # for each label on its own: [[neither, wrongly given], [missed, rightly given]]
        "counts_by_label": [
            [
                [int(np.sum(~truth[:, c] & ~given[:, c])), int(np.sum(~truth[:, c] & given[:, c]))],
                [int(np.sum(truth[:, c] & ~given[:, c])), int(np.sum(truth[:, c] & given[:, c]))],
            ]
            for c in range(len(names))
        ],
    }
    words, warnings = [], []

    def named(row: NDArray[np.bool_]) -> list[str]:
        return [names[c] for c in np.flatnonzero(row)]

    if rows:
        headline = (
            f"Macro F1 {macro.f1:.3f}, micro F1 {micro.f1:.3f} on {plural(rows, 'held-out row')}; all labels of a "
            f"row are right in {percent(section['exact_match'])}, giving no label would be right in {percent(empty)}."
        )
        words.append(
            "Macro F1 counts each label the same, micro F1 each decision: if macro is much lower, rare labels are weak."
        )
        weakest = min((figures for figures in report.by_class if figures.support), key=lambda f: f.f1, default=None)
        if weakest:
            words.append(
                f"Weakest label: “{weakest.label}” (F1 {weakest.f1:.3f}); {percent(weakest.recall)} of its "
                f"{plural(weakest.support, 'row')} are found, {percent(weakest.precision)} of its answers are right."
            )
        never = [
            figures.label for c, figures in enumerate(report.by_class) if figures.support and not given[:, c].any()
        ]
        if never:
            warnings.append(f"Never given, although rows carry it: {', '.join(never[:10])}.")
        if calibration:
            words.append(calibration_words(calibration))
    else:
        headline = NOTHING_TO_JUDGE.headline
    if section["no_answer"]:
        warnings.append(
            f"For {plural(section['no_answer'], 'row')} the outputs are not finite (NaN or infinity): they count as "
            "wrong. Training has most likely diverged; try a lower learning rate."
        )
    lines: list[list[Cell]] = [
        [f.label, f.precision, f.recall, f.f1, f.support] for f in (*report.by_class, macro, micro)
    ]
    header = ["label", "precision", "recall", "F1", "rows"]
    return Judged(
        headline=headline,
        words=words,
        warnings=warnings,
        sections={"labels": section} | ({"calibration": calibration.as_json()} if calibration else {}),
        files={"confusion.json": confusion} | ({"calibration.json": calibration.as_json()} if calibration else {}),
        blocks=[
            *areas_chart(truth, found.scores, names),
            *([reliability_chart(calibration)] if calibration else []),
            Table(name="by_label", title="By label", header=header, rows=lines),
        ],
        expected=MadeWhenAsked(rows, lambda row: named(truth[row])),
        predicted=MadeWhenAsked(rows, lambda row: {"labels": named(given[row])} if found.answered[row] else None),
    )
