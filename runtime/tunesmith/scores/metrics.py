"""The metrics that several tasks share, and which way each gets better. Free of numpy: comparing runs needs none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A figure that tells one checkpoint from another. `range` is the set of its values, as text.

    `dear`: it is of answers that a model writes, and so measured on some of the validation rows only. `targets`: the
    kinds of target that it judges, where these are not all of the task's.
    """

    name: str
    lower_is_better: bool
    range: str
    help: str
    formula: str
    unit: str = ""
    source: str = ""
    dear: bool = False
    targets: Sequence[str] = ()


ACCURACY = Metric(
    name="accuracy",
    lower_is_better=False,
    range="0 to 1",
    help="Share of rows whose labels are all right.",
    formula="right rows / rows",
)
F1_MACRO = Metric(
    name="f1_macro",
    lower_is_better=False,
    range="0 to 1",
    help="Mean of the labels' F1, each counting the same; labels that no row has and no answer gives are left out.",
    formula="mean over labels of 2PR / (P + R)",
    source='scikit-learn\'s f1_score(average="macro")',
)
F1 = Metric(
    name="f1",
    lower_is_better=False,
    range="0 to 1",
    help="F1 of the second of two labels; the macro mean where there are more, over all decisions for multi-label.",
    formula="2PR / (P + R)",
    source="scikit-learn's f1_score",
)
PRECISION = Metric(
    name="precision",
    lower_is_better=False,
    range="0 to 1",
    help="Share of the answers that are right, as for f1.",
    formula="true positives / answers",
)
RECALL = Metric(
    name="recall",
    lower_is_better=False,
    range="0 to 1",
    help="Share of the true labels that are found, as for f1.",
    formula="true positives / true rows",
)
ROC_AUC = Metric(
    name="roc_auc",
    lower_is_better=False,
    range="0 to 1",
    help="Chance that a row of a label scores above a row without it; 0.5 is guessing.",
    formula="P(score of a row of the label > score of another row)",
    source="Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747",
)
PR_AUC = Metric(
    name="pr_auc",
    lower_is_better=False,
    range="0 to 1",
    help="Average precision over all thresholds.",
    formula="sum over thresholds of precision * rise of recall",
    source="scikit-learn's average_precision_score",
)
LOG_LOSS = Metric(
    name="log_loss",
    lower_is_better=True,
    range="0 up",
    help="-ln of the probability that the true answer got, on average (nats).",
    formula="mean of -ln p(true answer)",
    unit="nats",
)
ECE = Metric(
    name="ece",
    lower_is_better=True,
    range="0 to 1",
    help="Calibration error: how far the claimed probability and the share of right answers lie apart.",
    formula="sum over bins of rows / all rows * |confidence - accuracy|",
    source="Guo et al. 2017, arXiv:1706.04599",
)
MAE = Metric(
    name="mae",
    lower_is_better=True,
    range="0 up, in the target's unit",
    help="Mean absolute error; the mean over the targets where there are several.",
    formula="mean |predicted - true|",
    unit="the target's",
)
RMSE = Metric(
    name="rmse",
    lower_is_better=True,
    range="0 up, in the target's unit",
    help="Root of the mean squared error; the mean over the targets where there are several.",
    formula="sqrt(mean (predicted - true)^2)",
    unit="the target's",
)
R2 = Metric(
    name="r2",
    lower_is_better=False,
    range="up to 1",
    help="Share of the target's variance that is explained; the mean over the targets where there are several.",
    formula="1 - sum (predicted - true)^2 / sum (true - mean)^2",
)
LOSS = Metric(
    name="loss",
    lower_is_better=True,
    range="0 up",
    help="Mean loss on the validation rows.",
    formula="mean of the losses",
)
PERPLEXITY = Metric(
    name="perplexity",
    lower_is_better=True,
    range="1 up",
    help="e to the loss a token.",
    formula="exp(loss a token)",
)
BITS_PER_TOKEN = Metric(
    name="bits_per_token",
    lower_is_better=True,
    range="0 up",
    help="The loss a token in bits.",
    formula="loss a token / ln 2",
    unit="bits",
)

RECALL_AT_1 = Metric(
    name="recall_at_1",
    lower_is_better=False,
    range="0 to 1",
    help="Share of a query's right texts that stand first among all texts; the mean over the queries.",
    formula="right texts at place 1 / right texts of the query",
    targets=("match",),
)
RECALL_AT_10 = Metric(
    name="recall_at_10",
    lower_is_better=False,
    range="0 to 1",
    help="The same for the first ten places.",
    formula="right texts at places 1 to 10 / right texts of the query",
    targets=("match",),
)
MRR = Metric(
    name="mrr",
    lower_is_better=False,
    range="0 to 1",
    help="1 divided by the place of the first right text; the mean over the queries.",
    formula="mean of 1 / place of the first right text",
    source="Voorhees 1999, TREC-8 question answering track",
    targets=("match",),
)
NDCG_AT_10 = Metric(
    name="ndcg_at_10",
    lower_is_better=False,
    range="0 to 1",
    help="How high the right texts stand within the first ten places, beside the best that could be; the mean.",
    formula="sum over right texts at places p <= 10 of 1 / log2(p + 1), divided by that of the best order",
    source="Järvelin and Kekäläinen 2002, doi:10.1145/582415.582418; scikit-learn's ndcg_score(k=10)",
    targets=("match",),
)
SPEARMAN = Metric(
    name="spearman",
    lower_is_better=False,
    range="-1 to 1",
    help="How well similarities keep the order of the scores; 1 is the same order, 0 is none.",
    formula="correlation of the ranks, equal values sharing the mean of theirs",
    source="Spearman 1904, doi:10.2307/1412159; scipy's spearmanr",
    targets=("similarity",),
)
PEARSON = Metric(
    name="pearson",
    lower_is_better=False,
    range="-1 to 1",
    help="How nearly similarities and scores lie on a line.",
    formula="sum (s - mean s)(y - mean y) / sqrt(sum (s - mean s)^2 * sum (y - mean y)^2)",
    targets=("similarity",),
)

OF_CLASSES = (ACCURACY, F1_MACRO, F1, PRECISION, RECALL, ROC_AUC, PR_AUC, LOG_LOSS, ECE)
OF_NUMBERS = (MAE, RMSE, R2)
OF_TOKENS = (LOSS, PERPLEXITY, BITS_PER_TOKEN)
OF_VECTORS = (MRR, RECALL_AT_1, RECALL_AT_10, NDCG_AT_10, SPEARMAN, PEARSON)


def is_better(metric: Metric, value: float, than: float | None) -> bool:
    """Whether `value` beats `than` (None: nothing yet). NaN beats nothing."""
    if value != value:
        return False
    if than is None or than != than:
        return True
    return value < than if metric.lower_is_better else value > than
