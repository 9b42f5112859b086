"""Figures of entities: found, missed, with another type, with other boundaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Span: TypeAlias = "tuple[int, int, str]"
"""First place, the place behind the last, and the type."""

OUTCOMES = ("right", "other type", "other boundaries", "other type and boundaries", "missed", "invented")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityFigures:
    """Counts of one type, or of all: `right` of those `answered`, of which `true` are in the data."""

    type: str
    right: int
    answered: int
    true: int

    @property
    def precision(self) -> float:
        """Share of the answers that are right; 0 where nothing was answered."""
        return self.right / self.answered if self.answered else 0.0

    @property
    def recall(self) -> float:
        """Share of the true ones that are found; 0 where there are none."""
        return self.right / self.true if self.true else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both; 0 where both are."""
        return 2 * self.right / (self.answered + self.true) if self.answered + self.true else 0.0

    def as_json(self) -> dict[str, Any]:
        """As a mapping of plain values."""
        counts = {"right": self.right, "answered": self.answered, "true": self.true}
        return {"type": self.type, "precision": self.precision, "recall": self.recall, "f1": self.f1, **counts}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityReport:
    """`by_type` has each type of the data or the answers; `overall` counts all entities together. `outcomes` counts
    what became of true entities, and the invented ones; `pairs` counts true and answered type (None: no entity)."""

    by_type: Sequence[EntityFigures]
    overall: EntityFigures
    outcomes: Counter[str]
    pairs: Counter[tuple[str | None, str | None]]

    @property
    def f1_macro(self) -> float:
        """The mean F1 of the types, each counting the same; 0 without any."""
        return sum(each.f1 for each in self.by_type) / len(self.by_type) if self.by_type else 0.0


def entity_report(true: Sequence[Sequence[Span]], answered: Sequence[Sequence[Span]]) -> EntityReport:
    """Entities of each row beside those answered. Right is who has the same boundaries and the same type.

    The same as seqeval's strict mode: Nakayama 2018, github.com/chakki-works/seqeval.
    """
    right: Counter[str] = Counter()
    given: Counter[str] = Counter()
    there: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    pairs: Counter[tuple[str | None, str | None]] = Counter()
    for truth, answers in zip(true, answered, strict=True):
        there.update(span[2] for span in truth)
        given.update(span[2] for span in answers)
        right.update(span[2] for span in set(truth) & set(answers))
        _compare(truth, answers, outcomes, pairs)
    types = sorted({*there, *given})
    by_type = [EntityFigures(type=t, right=right[t], answered=given[t], true=there[t]) for t in types]
    overall = EntityFigures(type="all", right=right.total(), answered=given.total(), true=there.total())
    return EntityReport(by_type=by_type, overall=overall, outcomes=outcomes, pairs=pairs)


def outcome(span: Span, answers: Sequence[Span]) -> tuple[str, Span | None]:
    """What became of a true entity, and the answer that overlaps it most."""
    start, end, type_ = span
    over = [each for each in answers if each[0] < end and each[1] > start]
    if not over:
        return "missed", None
    best = max(over, key=lambda each: ((each[0], each[1]) == (start, end), _overlap(each, span), each[2] == type_))
    same = (best[0], best[1]) == (start, end)
    if best[2] == type_:
        return "right" if same else "other boundaries", best
    return "other type" if same else "other type and boundaries", best


def _overlap(one: Span, other: Span) -> int:
    return min(one[1], other[1]) - max(one[0], other[0])


def _compare(
    truth: Sequence[Span],
    answers: Sequence[Span],
    outcomes: Counter[str],
    pairs: Counter[tuple[str | None, str | None]],
) -> None:
    for span in truth:
        what, best = outcome(span, answers)
        outcomes[what] += 1
        pairs[span[2], best[2] if best else None] += 1
    for each in answers:
        if not any(each[0] < end and each[1] > start for start, end, _ in truth):
            outcomes["invented"] += 1
            pairs[None, each[2]] += 1
