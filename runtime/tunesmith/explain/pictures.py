"""The pictures of a report. Each function takes arrays and gives the bytes of a PNG file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tunesmith.explain.curves import Curve, smoothed, smoothing, thinned, validation_loss
from tunesmith.explain.drawing import BLUE, GREEN, GREY, ORANGE, PURPLE, as_png, drawing, new_figure
from tunesmith.scores.areas import precision_recall_curve, roc_curve
from tunesmith.scores.calibration import Calibration
from tunesmith.scores.classes import row_shares

_WITH_COUNTS = 20  # more classes than this leave no room for a number in each cell
_WITH_NAMES = 60  # more than this leave no room for each name
_LONGEST_NAME = 24
_POINTS = 4000  # a scatter of more is a blot


def short(text: str, length: int = _LONGEST_NAME) -> str:
    """`text` cut to `length` characters, with an ellipsis where something is gone."""
    return text if len(text) <= length else text[: length - 1] + "…"


def confusion_picture(counts: NDArray[np.int64], labels: Sequence[str]) -> bytes:
    """The confusion matrix: colours are shares of each true class, numbers are rows."""
    classes = len(labels)
    shares = row_shares(counts)
    with drawing():
        side = min(14.0, 3.4 + 0.42 * min(classes, _WITH_COUNTS) + 0.12 * max(0, classes - _WITH_COUNTS))
        figure = new_figure(side + 1.0, side)
        axes = figure.add_subplot()
        axes.grid(visible=False)
        image = axes.imshow(shares, cmap="cividis", vmin=0.0, vmax=1.0, interpolation="nearest")
        step = max(1, -(-classes // _WITH_NAMES))
        ticks = range(0, classes, step)
        names = [short(labels[c]) for c in ticks]
        size = max(4.0, 9.0 - classes / 15)
        axes.set_xticks(ticks, names, rotation=90 if classes > 4 else 0, fontsize=size)
        axes.set_yticks(ticks, names, fontsize=size)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")
        if classes <= _WITH_COUNTS:
            for i, j in np.ndindex(counts.shape):
                if counts[i, j]:
                    ink = "black" if shares[i, j] > 0.55 else "white"
                    axes.text(j, i, f"{counts[i, j]:,}", ha="center", va="center", color=ink, fontsize=size)
        figure.colorbar(image, ax=axes, label="share of the true class", shrink=0.8)
        axes.set_title(f"Confusion matrix, {int(counts.sum()):,} rows")
        return as_png(figure)


def curves_picture(curves: Mapping[str, Curve], metric: str = "") -> bytes:
    """Training loss with its moving average, validation loss and metric as points, the learning rate below."""
    loss, held_out = curves.get("loss"), validation_loss(curves)
    rate, score = curves.get("learning_rate"), curves.get(f"validation_{metric}")
    score = None if score is held_out else score  # the loss itself may be the metric: once is enough
    panels = [panel for panel in (loss or held_out, score, rate) if panel is not None]
    with drawing():
        figure = new_figure(8.0, 3.2 + 1.6 * max(0, len(panels) - 1))
        heights = [3.0 if panel is (loss or held_out) else 1.2 for panel in panels]
        stacked = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        for axes, panel in zip(stacked, panels, strict=True):
            if panel is rate:
                axes.plot(panel.steps, panel.values, color=GREY)
                axes.set_ylabel("learning rate")
                axes.ticklabel_format(axis="y", style="sci", scilimits=(-3, 4))
            elif panel is score:
                axes.plot(panel.steps, panel.values, color=GREEN, marker="o", markersize=4)
                axes.set_ylabel(short(metric, 14))
            else:
                _draw_loss(axes, loss, held_out)
        stacked[-1].set_xlabel("step")
        return as_png(figure)


def _draw_loss(axes: object, loss: Curve | None, held_out: Curve | None) -> None:
    from matplotlib.axes import Axes

    if not isinstance(axes, Axes):
        raise TypeError(type(axes))
    if loss is not None:
        drawn = thinned(loss)
        axes.plot(drawn.steps, drawn.values, color=BLUE, alpha=0.25, linewidth=0.8, label="training, as it was")
        soft = smoothed(drawn.values, smoothing(len(drawn)))
        axes.plot(drawn.steps, soft, color=BLUE, linewidth=1.8, label="training, moving average")
        # one wild step must not flatten all the rest
        top = max(float(np.quantile(drawn.values, 0.995)), float(held_out.values.max()) if held_out else -np.inf)
        low = min(float(drawn.values.min()), float(held_out.values.min()) if held_out else np.inf)
        margin = (top - low) * 0.06 or 0.05
        axes.set_ylim(low - margin, top + margin)
    if held_out is not None:
        axes.plot(
            held_out.steps, held_out.values, color=ORANGE, marker="o", markersize=4, linestyle="--", label="validation"
        )
    axes.set_ylabel("loss")
    axes.legend(loc="upper right")


def reliability_picture(calibration: Calibration) -> bytes:
    """Confidence against accuracy; on the diagonal, the model is as sure as it should be."""
    with drawing():
        figure = new_figure(5.2, 5.6)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        above.plot([0, 1], [0, 1], color=GREY, linestyle="--", label="perfectly calibrated")
        confidence = [entry.confidence for entry in calibration.bins]
        above.plot(confidence, [entry.accuracy for entry in calibration.bins], color=BLUE, marker="o", label="model")
        above.set_ylabel("share that was right")
        above.set_ylim(-0.02, 1.02)
        above.set_title(f"Calibration error {calibration.error:.3f}")
        above.legend(loc="upper left")
        width = calibration.bins[0].high - calibration.bins[0].low
        lows = [entry.low for entry in calibration.bins]
        rows = [entry.rows for entry in calibration.bins]
        below.bar(lows, rows, width=width * 0.95, align="edge", color=BLUE, alpha=0.6)
        below.set_ylabel("rows")
        below.set_xlabel("confidence")
        below.set_xlim(-0.02, 1.02)
        return as_png(figure)


def areas_picture(
    truth: NDArray[np.bool_], scores: NDArray[np.float64], labels: Sequence[str], most: int = 8
) -> bytes | None:
    """ROC and precision-recall curves, one class against the rest, of the `most` frequent classes; None where no class
    has rows inside and outside. `truth` and `scores` have shape (N, C)."""
    usable = [c for c in np.argsort(-truth.sum(axis=0), kind="stable") if 0 < truth[:, c].sum() < len(truth)]
    if not usable:
        return None
    # of two classes, one tells all
    drawn = usable[1:] if len(labels) == 2 and len(usable) == 2 else usable[:most]
    with drawing():
        figure = new_figure(10.0, 4.6)
        left, right = figure.subplots(1, 2)
        left.plot([0, 1], [0, 1], color=GREY, linestyle="--", label="guessing")
        styles = [(colour, dash) for dash in ("-", ":") for colour in (BLUE, ORANGE, GREEN, PURPLE)]
        for place, c in enumerate(drawn):
            colour, dash = styles[place % len(styles)]
            left.plot(*roc_curve(truth[:, c], scores[:, c]), color=colour, linestyle=dash, label=short(labels[c]))
            right.step(*precision_recall_curve(truth[:, c], scores[:, c]), color=colour, linestyle=dash, where="pre")
        left.set(xlabel="false positive rate", ylabel="true positive rate", title="ROC")
        right.set(xlabel="recall", ylabel="precision", title="Precision and recall", ylim=(-0.02, 1.02))
        left.legend(loc="lower right", fontsize=8)
        return as_png(figure)


def residuals_picture(
    targets: Sequence[tuple[str, NDArray[np.float64], NDArray[np.float64]]], most: int = 6
) -> bytes | None:
    """True against predicted numbers, and the errors beside it: a line of panels for each of the first `most` targets,
    given as name, true and predicted values, both of shape (N,) and finite. None without targets."""
    if not targets:
        return None
    drawn = targets[:most]
    with drawing():
        figure = new_figure(10.0, 4.4 if len(drawn) == 1 else 3.4 * len(drawn))
        for (left, right), target in zip(figure.subplots(len(drawn), 2, squeeze=False), drawn, strict=True):
            name, truth, answer = target
            step = -(-len(truth) // _POINTS)
            truth, answer = truth[::step], answer[::step]
            of = f": {short(name, 24)}" if len(targets) > 1 else ""
            low, high = float(min(truth.min(), answer.min())), float(max(truth.max(), answer.max()))
            left.plot([low, high], [low, high], color=GREY, linestyle="--", label="exact")
            left.scatter(truth, answer, s=8, alpha=0.4, color=BLUE, linewidths=0)
            left.set(xlabel="true", ylabel="predicted", title=f"Predicted against true{of}")
            left.legend(loc="upper left")
            right.axhline(0.0, color=GREY, linestyle="--")
            right.scatter(answer, answer - truth, s=8, alpha=0.4, color=ORANGE, linewidths=0)
            right.set(xlabel="predicted", ylabel="predicted minus true", title=f"Residuals{of}")
        return as_png(figure)


def histogram_picture(values: NDArray[np.float64], label: str) -> bytes:
    """How often each value occurs, with the median marked; `values` finite, shape (N,)."""
    with drawing():
        figure = new_figure(7.0, 3.6)
        axes = figure.add_subplot()
        axes.hist(values, bins=min(50, max(5, len(values) // 10)), color=BLUE, alpha=0.7)
        axes.axvline(float(np.median(values)), color=ORANGE, linestyle="--", label="median")
        axes.set(xlabel=label, ylabel="documents")
        axes.legend()
        return as_png(figure)
