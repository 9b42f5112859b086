"""The step schedule."""

from __future__ import annotations

import math

from tunesmith.members import Example, Schedule
from tunesmith.options import Real

MEMBER = Schedule(
    name="step",
    help="The learning rate stays, then drops at once, at equal distances.",
    when="Recipes that name it, mostly for vision networks from scratch.",
    options={
        "every": Real(
            0.3,
            above=0,
            at_most=1,
            unit="share of the run",
            help="How long the rate stays before each drop.",
            advice="30% gives three drops, the last one near the end.",
        ),
        "gamma": Real(
            0.1,
            above=0,
            at_most=1,
            help="What each drop multiplies the rate by.",
            advice="0.1; 0.5 if `every` is small.",
        ),
    },
    formula="gamma ^ floor(step / (every * total))",
    source="He et al. 2015, arXiv:1512.03385, section 3.4",
    worked=(
        Example(inputs={"step": 29, "total": 100}, value=1.0),
        Example(inputs={"step": 30, "total": 100}, value=0.1),
        Example(inputs={"step": 60, "total": 100, "options": {"gamma": 0.5}}, value=0.25),
    ),
)


def factor(step: int, total: int, *, every: float, gamma: float) -> float:
    """The multiple of the learning rate at `step` (from 0) of `total`."""
    drops = math.floor(step / (every * total) + 1e-9)  # 0.1 * 30 is a little more than 3
    return float(gamma**drops)
