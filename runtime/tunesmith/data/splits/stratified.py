"""Rows by lot, of each label its share."""

from __future__ import annotations

from tunesmith.data.shares import split
from tunesmith.data.splits.contract import Divided, Undivided
from tunesmith.members import Split

MEMBER = Split(
    name="stratified",
    help="Takes rows by lot, of each label in proportion; rows with equal inputs stay together.",
    when="Each row stands for itself and has a label: rare labels stand in every part that is large enough.",
)


def divide(undivided: Undivided) -> Divided:
    """The parts. Each label keeps at least one row in train."""
    parts = split(
        undivided.count,
        undivided.shares,
        seed=undivided.seed,
        strata=undivided.strata(),
        twins=undivided.equal(),
    )
    return Divided(rows=parts)
