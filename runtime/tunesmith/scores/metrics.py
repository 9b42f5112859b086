"""The metrics a job may name, and which way each gets better. Free of numpy, for whoever only compares runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tunesmith.errors import TunesmithError


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A figure that tells one checkpoint from another. `range` is the set of its values, as text."""

    name: str
    lower_is_better: bool
    range: str
    help: str


_ALL = (
    Metric(name="accuracy", lower_is_better=False, range="0 to 1", help="Share of rows whose labels are all right."),
    Metric(
        name="f1_macro",
        lower_is_better=False,
        range="0 to 1",
        help="Mean of the labels' F1, each counting the same; labels that no row has and no answer gives are left out.",
    ),
    Metric(
        name="f1",
        lower_is_better=False,
        range="0 to 1",
        help="F1 of the second of two labels; the macro mean where there are more, over all decisions for multi-label.",
    ),
    Metric(
        name="precision", lower_is_better=False, range="0 to 1", help="Share of the answers that are right, as for f1."
    ),
    Metric(
        name="recall", lower_is_better=False, range="0 to 1", help="Share of the true labels that are found, as for f1."
    ),
    Metric(
        name="roc_auc",
        lower_is_better=False,
        range="0 to 1",
        help="Chance that a row of a label scores above a row without it; 0.5 is guessing.",
    ),
    Metric(name="pr_auc", lower_is_better=False, range="0 to 1", help="Average precision over all thresholds."),
    Metric(
        name="log_loss",
        lower_is_better=True,
        range="0 up",
        help="-ln of the probability that the true answer got, on average (nats).",
    ),
    Metric(
        name="ece",
        lower_is_better=True,
        range="0 to 1",
        help="Calibration error: how far the claimed probability and the share of right answers lie apart.",
    ),
    Metric(
        name="mae",
        lower_is_better=True,
        range="0 up, in the target's unit",
        help="Mean absolute error; the mean over the targets where there are several.",
    ),
    Metric(
        name="rmse",
        lower_is_better=True,
        range="0 up, in the target's unit",
        help="Root of the mean squared error; the mean over the targets where there are several.",
    ),
    Metric(
        name="r2",
        lower_is_better=False,
        range="up to 1",
        help="Share of the target's variance that is explained; the mean over the targets where there are several.",
    ),
    Metric(name="loss", lower_is_better=True, range="0 up", help="Mean loss on the validation rows."),
    Metric(name="perplexity", lower_is_better=True, range="1 up", help="e to the loss a token."),
    Metric(name="bits_per_token", lower_is_better=True, range="0 up", help="The loss a token in bits."),
)
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _ALL}


def metric_named(name: str) -> Metric:
    """The metric of this name. Raises TunesmithError job.unknown-metric: no direction is ever guessed."""
    if name in METRICS:
        return METRICS[name]
    raise TunesmithError(
        "job.unknown-metric", "nobody knows which way this metric gets better", found=name, allowed=tuple(METRICS)
    )


def is_better(metric: str, value: float, than: float | None) -> bool:
    """Whether `value` beats `than` (None: nothing yet). NaN beats nothing. Raises job.unknown-metric."""
    lower = metric_named(metric).lower_is_better
    if value != value:
        return False
    if than is None or than != than:
        return True
    return value < than if lower else value > than
