"""Shares of the training file set aside for validation and test: seeded, stratified, the same on every machine.

Python's own generator is used, not numpy's: its `random()` is promised to stay the same, and `check` answers sooner.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tunesmith.randomness import derive


def split(
    count: int, shares: Mapping[str, float], *, seed: int, labels: Sequence[Any] | None = None
) -> dict[str, list[int]]:
    """Row numbers by part, ascending: one part for each of `shares` (0 < share < 1, sum below 1), the rest in `train`.

    Every row stands in exactly one part. With `labels`, each part has each label in the share it has in all, as nearly
    as whole rows allow; a label's only row goes to train, and each label keeps at least one row there. A part gets at
    least one row where there is one to give.
    """
    random = Random(derive(seed, "split"))
    keys = [random.random() for _ in range(count)]
    groups: dict[Any, list[int]] = defaultdict(list)
    for row in range(count):
        groups[_hashable(labels[row]) if labels is not None else None].append(row)
    left = [sorted(rows, key=keys.__getitem__) for rows in groups.values()]
    sizes = [len(rows) for rows in left]
    parts: dict[str, list[int]] = {}
    for name, share in shares.items():
        free = [len(rows) - 1 for rows in left]  # one of each label stays in train
        taken = _apportion([size * share for size in sizes], free, max(1, round(count * share)), random)
        parts[name] = sorted(row for rows, number in zip(left, taken, strict=True) for row in rows[:number])
        left = [rows[number:] for rows, number in zip(left, taken, strict=True)]
    return {"train": sorted(row for rows in left for row in rows), **parts}


def _apportion(quotas: Sequence[float], free: Sequence[int], total: int, random: Random) -> list[int]:
    """Whole numbers near `quotas`, none above `free`, with sum `total` where that can be: largest remainders first."""
    taken = [min(int(quota), most) for quota, most in zip(quotas, free, strict=True)]
    ties = [random.random() for _ in quotas]
    order = sorted(range(len(quotas)), key=lambda group: (taken[group] - quotas[group], ties[group]))
    missing = total - sum(taken)
    while missing > 0 and any(taken[group] < free[group] for group in order):
        for group in order:
            if missing > 0 and taken[group] < free[group]:
                taken[group] += 1
                missing -= 1
    return taken


def _hashable(label: Any) -> Any:
    """A key for any label: lists (several labels) count by their members, whatever the order."""
    if type(label) is str:
        return label
    if isinstance(label, (list, tuple, set, frozenset)):
        return tuple(sorted(map(repr, label)))
    return label if isinstance(label, (str, int, float)) or label is None else repr(label)
