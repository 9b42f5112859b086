"""Which evaluation is the best."""

from __future__ import annotations

import math

import pytest

from tunesmith.catalog import Catalog
from tunesmith.train.progress import Progress


def judged(metric: str, *evaluations: tuple[float, float]) -> Progress:
    """After evaluations of value and loss, one a step."""
    progress = Progress()
    for step, (value, loss) in enumerate(evaluations, start=1):
        progress.step = step
        progress.judge(Catalog().metric(metric), value, loss)
    return progress


@pytest.mark.parametrize(
    ("metric", "evaluations", "best"),
    [
        ("f1", [(0.8, 0.5), (0.9, 0.6), (0.7, 0.1)], 2),
        ("rmse", [(3.0, 9.0), (2.0, 4.0), (2.5, 6.0)], 2),
        ("f1", [(1.0, 0.30), (1.0, 0.10), (1.0, 0.20)], 2),  # equal: the lower loss
        ("f1", [(1.0, 0.3), (1.0, 0.3)], 2),  # equal in both: the later
        ("f1", [(1.0, math.nan), (1.0, 0.3), (1.0, math.nan)], 2),
        ("f1", [(math.nan, 0.1), (0.2, 0.9), (math.nan, 0.0)], 2),
    ],
)
def test_of_equal_evaluations_the_lower_loss_is_best_then_the_later(metric, evaluations, best) -> None:
    assert judged(metric, *evaluations).best == {"metric": metric, "value": evaluations[best - 1][0], "step": best}


def test_a_metric_that_is_never_a_number_has_no_best() -> None:
    progress = judged("r2", (math.nan, 0.5), (math.nan, 0.4))
    assert (progress.best, progress.evaluations_without_gain) == (None, 2)


def test_patience_waits_for_a_better_value_not_for_a_lower_loss() -> None:
    progress = judged("f1", (1.0, 0.3), (1.0, 0.2), (1.0, 0.1))
    assert progress.best is not None
    assert (progress.best["step"], progress.evaluations_without_gain) == (3, 2)
