"""The pictures of a report: blocks by kind, and the curves of the training. Each is the bytes of a PNG file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from tunesmith.explain.curves import Curve, smoothed, smoothing, thinned, validation_loss
from tunesmith.explain.drawing import BLUE, GREEN, GREY, ORANGE, PURPLE, as_png, drawing, new_figure
from tunesmith.judged import Block, Chart, Mark, Matrix, Panel
from tunesmith.scores.classes import row_shares

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WITH_COUNTS = 20  # more classes than this leave no room for a number in each cell
_WITH_NAMES = 60  # more than this leave no room for each name
_LONGEST_NAME = 24
_WIDE, _HIGH = 5.0, 4.4  # inches of a panel


def short(text: str, length: int = _LONGEST_NAME) -> str:
    """`text` cut to `length` characters, with an ellipsis where something is gone."""
    return text if len(text) <= length else text[: length - 1] + "…"


def picture_of(block: Block) -> bytes | None:
    """The block drawn; None for a kind that is read, not looked at."""
    if isinstance(block, Matrix):
        return matrix_picture(block)
    return chart_picture(block) if isinstance(block, Chart) else None


def matrix_picture(block: Matrix) -> bytes:
    """Colours are shares of each true class, numbers are rows."""
    labels, counts = block.labels, block.counts
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
        axes.set_title(f"{block.title}, {int(counts.sum()):,} rows")
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


def _draw_loss(axes: Axes, loss: Curve | None, held_out: Curve | None) -> None:
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


def chart_picture(chart: Chart) -> bytes:
    """The chart's panels, row by row."""
    lines = -(-len(chart.panels) // chart.columns)
    shares = [max(panel.share for panel in chart.panels[at * chart.columns :][: chart.columns]) for at in range(lines)]
    with drawing():
        figure = new_figure(_WIDE * chart.columns, max(_HIGH, _HIGH * sum(shares) / max(shares) * 0.9))
        grid = figure.subplots(lines, chart.columns, squeeze=False, height_ratios=shares)
        for axes, panel in zip(grid.flat, chart.panels, strict=False):
            _draw_panel(axes, panel)
        return as_png(figure)


def _draw_panel(axes: Axes, panel: Panel) -> None:
    styles = [(colour, dash) for dash in ("-", ":") for colour in (BLUE, ORANGE, GREEN, PURPLE)]
    place = 0
    for mark in panel.marks:
        colour, dash = (GREY, "--") if mark.reference else styles[place % len(styles)]
        place += not mark.reference
        _draw_mark(axes, mark, colour, dash)
    axes.set(xlabel=panel.x_label, ylabel=panel.y_label, title=short(panel.title, 48))
    axes.set(**{f"{axis}lim": (-0.02, 1.02) for axis in panel.unit if axis in "xy"})
    if any(mark.label for mark in panel.marks):
        axes.legend(loc="best", fontsize=8)


def _draw_mark(axes: Axes, mark: Mark, colour: str, dash: str) -> None:
    label = short(mark.label) if mark.label else None
    if mark.shape == "bars":
        axes.bar(mark.x, mark.y, width=mark.width * 0.95, align="edge", color=colour, alpha=0.6, label=label)
    elif mark.shape == "points":
        axes.scatter(mark.x, mark.y, s=8, alpha=0.4, color=colour, linewidths=0, label=label)
    elif mark.shape == "step":
        axes.step(mark.x, mark.y, color=colour, linestyle=dash, where="pre", label=label)
    else:
        few = "o" if len(mark.x) <= _WITH_COUNTS and not mark.reference else None
        axes.plot(mark.x, mark.y, color=colour, linestyle=dash, marker=few, markersize=4, label=label)
