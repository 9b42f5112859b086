"""The cosine schedule."""

from __future__ import annotations

import math

from tunesmith.members import Example, Schedule
from tunesmith.options import Real

MEMBER = Schedule(
    name="cosine",
    help="The learning rate falls slowly, then fast, then slowly again: half a cosine wave.",
    when="Runs of known length, from scratch above all: it stays high for longer than a line and ends more gently.",
    options={
        "final": Real(
            0.0,
            at_least=0,
            at_most=1,
            unit="share of the learning rate",
            help="Where the curve ends.",
            advice="0 to 0.1.",
        )
    },
    formula="final + (1 - final) * (1 + cos(pi * step / total)) / 2",
    source="Loshchilov and Hutter 2016, arXiv:1608.03983",
    worked=(
        Example(inputs={"step": 0, "total": 100}, value=1.0),
        Example(inputs={"step": 50, "total": 100}, value=0.5),
        Example(inputs={"step": 25, "total": 100}, value=0.85355339, says="(1 + cos(45 degrees)) / 2"),
        Example(inputs={"step": 100, "total": 100, "options": {"final": 0.1}}, value=0.1),
    ),
)


def factor(step: int, total: int, *, final: float) -> float:
    """The multiple of the learning rate at `step` (from 0) of `total`."""
    return final + (1 - final) * (1 + math.cos(math.pi * min(step, total) / total)) / 2
