"""The one-cycle schedule."""

from __future__ import annotations

import math

from tunesmith.members import Example, Schedule
from tunesmith.options import Real

MEMBER = Schedule(
    name="one-cycle",
    help="The learning rate rises from a fraction to its top and falls to almost nothing, in one wave.",
    when="Networks from scratch with few epochs, at the highest rate that does not blow up. It warms up by itself: "
    "`rise` counts, not the job's `warmup`.",
    options={
        "rise": Real(
            0.3,
            at_least=0,
            below=1,
            unit="share of the run",
            help="How much of the run the rise takes.",
            advice="0.3; less if the run is long.",
        ),
        "start": Real(
            0.04,
            above=0,
            at_most=1,
            unit="share of the learning rate",
            help="Where the rise begins.",
            advice="Leave it at 1/25.",
        ),
        "final": Real(
            4e-6,
            at_least=0,
            at_most=1,
            unit="share of the learning rate",
            help="Where the fall ends.",
            advice="Leave it: it is a ten-thousandth of the start.",
        ),
    },
    formula="with top = rise * total - 1 and end = total - 1: from start to 1 over steps 0 to top, then from 1 to "
    "final until end, both as half a cosine wave",
    source="Smith and Topin 2017, arXiv:1708.07120; the wave as in torch's OneCycleLR",
    warms_up=True,
    worked=(
        Example(inputs={"step": 0, "total": 100}, value=0.04),
        Example(inputs={"step": 29, "total": 100}, value=1.0),
        Example(inputs={"step": 64, "total": 100}, value=0.500002, says="halfway down, (1 + final) / 2"),
        Example(inputs={"step": 99, "total": 100}, value=4e-6),
    ),
)


def factor(step: int, total: int, *, rise: float, start: float, final: float) -> float:
    """The multiple of the learning rate at `step` (from 0) of `total`."""
    top, end = max(rise * total - 1, 0.0), total - 1
    if step < top:
        return _wave(start, 1.0, step / top)
    return _wave(1.0, final, min((step - top) / (end - top), 1.0)) if end > top else 1.0


def _wave(begin: float, end: float, share: float) -> float:
    return end + (begin - end) * (1 + math.cos(math.pi * share)) / 2
