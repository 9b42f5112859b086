"""Rows by lot."""

from __future__ import annotations

from tunesmith.data.shares import split
from tunesmith.data.splits.contract import Divided, Undivided
from tunesmith.members import Split

MEMBER = Split(
    name="random",
    help="Takes rows by lot; rows with equal inputs stay together.",
    when="Each row stands for itself. Not where several rows come from one person, document or machine.",
)


def divide(undivided: Undivided) -> Divided:
    """The parts. Equal inputs stay in one of them."""
    parts = split(undivided.count, undivided.shares, seed=undivided.seed, twins=undivided.equal())
    return Divided(rows=parts)
