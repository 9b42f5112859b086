"""The constant schedule."""

from __future__ import annotations

from tunesmith.members import Example, Schedule

MEMBER = Schedule(
    name="constant",
    help="The learning rate stays as it is.",
    when="Trials that may be prolonged, since nothing depends on the length of the run. Runs of known length end "
    "better with a rate that falls.",
    formula="1",
    source="Robbins and Monro 1951, doi:10.1214/aoms/1177729586",
    worked=(Example(inputs={"step": 70, "total": 100}, value=1.0),),
)


def factor(step: int, total: int) -> float:
    """The multiple of the learning rate at `step` (from 0) of `total`."""
    return 1.0
