"""Shares of the training file set aside for validation and test: seeded, stratified, the same on every machine.

Python's own generator is used, not numpy's: its `random()` is promised to stay the same, and `check` answers sooner.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from random import Random
from typing import Any

from tunesmith.randomness import derive

Unit = list[int]
"""Rows that stay together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strata:
    """What each part is to have in proportion to all rows: the label of each row, or (`several`) its labels."""

    of: Sequence[Any]
    several: bool = False


def split(
    count: int,
    shares: Mapping[str, float],
    *,
    seed: int,
    strata: Strata | None = None,
    twins: Sequence[int] | None = None,
) -> dict[str, list[int]]:
    """Row numbers by part, ascending: one part for each of `shares` (0 < share < 1, sum below 1), the rest in `train`.

    Every row stands in exactly one part. With `strata`, each part has each label in the share it has in all, as nearly
    as whole rows allow; a label's only row goes to train, and each label keeps at least one row there. A part gets at
    least one row where there is one to give. `twins` gives each row the number of the first one equal to it (itself,
    mostly): equal rows stay in one part, so parts are as large as asked only as nearly as whole groups allow.
    """
    random = Random(derive(seed, "split"))
    keys = [random.random() for _ in range(count)]
    by_first: dict[int, Unit] = defaultdict(list)
    for row in range(count):
        by_first[twins[row] if twins is not None else row].append(row)
    units = list(by_first.values())
    if strata is None:
        parts = _proportional({None: units}, shares, count, keys, random)
    elif strata.several or any(len({_hashable(strata.of[row]) for row in unit}) > 1 for unit in units if len(unit) > 1):
        labels = [tuple(strata.of[row]) if strata.several else (_hashable(strata.of[row]),) for row in range(count)]
        parts = _iterative(units, shares, labels, keys, random)
    else:
        groups: dict[Hashable, list[Unit]] = defaultdict(list)
        for unit in units:
            groups[_hashable(strata.of[unit[0]])].append(unit)
        parts = _proportional(groups, shares, count, keys, random)
    return {name: sorted(rows) for name, rows in parts.items()}


def _proportional(
    groups: Mapping[Hashable, list[Unit]], shares: Mapping[str, float], count: int, keys: list[float], random: Random
) -> dict[str, list[int]]:
    """Where each row belongs to one group: of each group its share."""
    left = [sorted(units, key=lambda unit: keys[unit[0]]) for units in groups.values()]
    sizes = [sum(map(len, units)) for units in left]
    parts: dict[str, list[int]] = {}
    for name, share in shares.items():
        free = [sum(map(len, units[:-1])) for units in left]  # one unit of each label stays in train
        wanted = max(1, round(count * share))
        taken = _apportion([size * share for size in sizes], free, wanted, random)
        rows: list[int] = []
        for units, number in zip(left, taken, strict=True):
            rows += _take(units, number)
        for units in left:  # where whole units left room
            rows += _take(units, wanted - len(rows))
        if not rows and (candidates := [unit for units in left for unit in units[:-1]]):
            smallest = min(candidates, key=len)
            next(units for units in left if smallest in units).remove(smallest)
            rows = smallest
        parts[name] = rows
    return {"train": [row for units in left for unit in units for row in unit], **parts}


def _take(units: list[Unit], number: int) -> list[int]:
    """Up to `number` rows in whole units, from the front; the last unit stays. They are removed from `units`."""
    rows: list[int] = []
    kept = []
    for unit in units[:-1]:
        if len(rows) + len(unit) <= number:
            rows += unit
        else:
            kept.append(unit)
    units[:-1] = kept
    return rows


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


def _iterative(
    units: Sequence[Unit],
    shares: Mapping[str, float],
    labels: Sequence[tuple[Hashable, ...]],
    keys: Sequence[float],
    random: Random,
) -> dict[str, list[int]]:
    """Where rows have several labels: label by label, the rarest first, each row to the part that lacks it most.

    A part that is full takes no more rows, so each is as large as asked; one that no group of equal rows fits into gets
    the smallest. Source: Sechidis, Tsoumakas and Vlahavas 2011,
    On the stratification of multi-label data, doi:10.1007/978-3-642-23808-6_10, algorithm 1.
    """
    count = len(labels)
    room = {name: max(1, round(count * share)) for name, share in shares.items()}
    room = {"train": count - sum(room.values()), **room}
    total = Counter(label for own in labels for label in own)
    portion = {"train": 1 - sum(shares.values()), **shares}
    lacking = {name: {label: rows * portion[name] for label, rows in total.items()} for name in room}
    spare = dict(total)  # rows of each label that are not given away from train
    ordered = sorted(units, key=lambda unit: keys[unit[0]])
    own = [Counter(label for row in unit for label in labels[row]) for unit in ordered]
    holders: dict[Hashable, list[int]] = defaultdict(list)
    for number, counted in enumerate(own):
        for label in counted:
            holders[label].append(number)
    waiting = {label: len(numbers) for label, numbers in holders.items()}
    home: dict[int, str] = {}  # the part of each unit that has one

    def can_be_spared(number: int) -> bool:
        return all(spare[label] > times for label, times in own[number].items())

    def place(number: int, most: Mapping[str, float]) -> None:
        size, given = len(ordered[number]), can_be_spared(number)
        free = [name for name in room if room[name] >= size and (given or name == "train")]
        name = max(free or ["train"], key=lambda name: (most[name], room[name], random.random()))
        home[number] = name
        room[name] -= size
        for label, times in own[number].items():
            lacking[name][label] -= times
            waiting[label] -= 1
            if name != "train":
                spare[label] -= times

    place_of = {label: number for number, label in enumerate(holders)}
    heap = [(waiting[label], place_of[label], label) for label in holders]
    heapify(heap)
    while heap:
        rows, order, label = heappop(heap)
        if waiting[label] != rows:  # some of its rows were placed for a rarer label
            if waiting[label]:
                heappush(heap, (waiting[label], order, label))
            continue
        for number in holders[label]:
            if number not in home:
                place(number, {name: lacking[name][label] for name in room})
    for number in range(len(ordered)):
        if number not in home:
            place(number, room)
    for name in shares:
        if name not in home.values():
            left = [number for number in home if home[number] == "train" and can_be_spared(number)]
            if left and list(home.values()).count("train") > 1:
                smallest = min(left, key=lambda number: len(ordered[number]))
                home[smallest] = name
                for label, times in own[smallest].items():
                    spare[label] -= times
    return {
        name: [row for number, own_part in home.items() if own_part == name for row in ordered[number]] for name in room
    }


def _hashable(label: Any) -> Hashable:
    """A key for any label."""
    return label if isinstance(label, (str, int, float)) or label is None else repr(label)
