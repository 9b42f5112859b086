"""Charts of a classifier: what is won and lost when the threshold moves, and whether its probabilities are true."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tunesmith.judged import Chart, Mark, Panel
from tunesmith.scores.areas import precision_recall_curve, roc_curve
from tunesmith.scores.calibration import Calibration

DIAGONAL = np.array([0.0, 1.0])
CLASSES_DRAWN = 8


def areas_chart(truth: NDArray[np.bool_], scores: NDArray[np.float64], labels: Sequence[str]) -> list[Chart]:
    """ROC and precision-recall curves, one class against the rest, of the most frequent classes; none where no class
    has rows inside and outside. `truth` and `scores` have shape (N, C)."""
    usable = [c for c in np.argsort(-truth.sum(axis=0), kind="stable") if 0 < truth[:, c].sum() < len(truth)]
    if not usable:
        return []
    # of two classes, one is enough
    drawn = usable[1:] if len(labels) == 2 and len(usable) == 2 else usable[:CLASSES_DRAWN]
    roc = [Mark(shape="line", x=DIAGONAL, y=DIAGONAL, label="guessing", reference=True)]
    precision = []
    for c in drawn:
        false_positives, true_positives = roc_curve(truth[:, c], scores[:, c])
        roc.append(Mark(shape="line", x=false_positives, y=true_positives, label=labels[c]))
        recall, share_right = precision_recall_curve(truth[:, c], scores[:, c])
        precision.append(Mark(shape="step", x=recall, y=share_right, label=labels[c]))
    panels = [
        Panel(title="ROC", x_label="false positive rate", y_label="true positive rate", marks=roc, unit="xy"),
        Panel(title="Precision and recall", x_label="recall", y_label="precision", marks=precision, unit="xy"),
    ]
    says = "What is won and lost when the threshold moves. ROC: nearer to the upper left is better."
    return [Chart(name="areas", title="Trade-offs", says=says, panels=panels, columns=2)]


def reliability_chart(calibration: Calibration) -> Chart:
    """Confidence against accuracy; on the diagonal, the model is as sure as it should be."""
    bins = calibration.bins
    confidence, accuracy = (np.array([getattr(each, name) for each in bins]) for name in ("confidence", "accuracy"))
    perfect = Mark(shape="line", x=DIAGONAL, y=DIAGONAL, label="perfectly calibrated", reference=True)
    above = Panel(
        title=f"Calibration error {calibration.error:.3f}",
        x_label="confidence",
        y_label="share that was right",
        marks=[perfect, Mark(shape="line", x=confidence, y=accuracy, label="model")],
        unit="xy",
        share=3.0,
    )
    rows = Mark(
        shape="bars",
        x=np.array([each.low for each in bins]),
        y=np.array([float(each.rows) for each in bins]),
        width=bins[0].high - bins[0].low,
    )
    below = Panel(x_label="confidence", y_label="rows", marks=[rows], unit="x")
    says = "Below the dashed line, the model is surer than it is right."
    return Chart(name="calibration", title="Calibration", says=says, panels=[above, below])
