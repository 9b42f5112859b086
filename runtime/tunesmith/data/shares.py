"""Shares of the training file set aside for validation and test: seeded, stratified, the same on every machine.

Python's own generator is used, not numpy's: its `random()` is promised to stay the same, and `check` answers sooner.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import chain, compress
from random import Random
from typing import Any

from tunesmith.data.arrays import by_first, by_lot, each_not_its_own
from tunesmith.data.distinct import PerRow
from tunesmith.randomness import derive


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
) -> dict[str, array[int]]:
    """Row numbers by part, ascending: one part for each of `shares` (0 < share < 1, sum below 1), the rest in `train`.

    Every row stands in exactly one part. With `strata`, each part has each label in the share it has in all, as nearly
    as whole rows allow; a label's only row goes to train, and each label keeps at least one row there. A part gets at
    least one row where there is one to give. `twins` gives each row the number of the first one equal to it (itself,
    mostly): equal rows stay in one part, so parts are as large as asked only as nearly as whole groups allow.
    """
    random = Random(derive(seed, "split"))
    lots = by_lot(count, random, twins)
    taken: Mapping[str, Sequence[int]]
    if strata is not None and (strata.several or _differ(strata.of, twins)):
        units = array("i", chain.from_iterable(lots))
        taken = _iterative(units, twins, shares, _coded(strata), random)
    else:
        taken = _proportional(_grouped(lots, strata, count), shares, count, _Units(twins), random)
    return _parts(taken, shares, count, twins)


class _Units:
    """Rows that stay together, each by the number of its first one."""

    def __init__(self, twins: Sequence[int] | None) -> None:
        self._more: array[int] | None = None  # rows beside the first one of each unit
        if twins is not None:
            self._more = array("i", [0]) * len(twins)
            for row in each_not_its_own(twins):
                self._more[twins[row]] += 1

    def size(self, first: int) -> int:
        """The rows of a unit."""
        return 1 if self._more is None else 1 + self._more[first]

    def sum(self, firsts: array[int]) -> int:
        """The rows of several."""
        return len(firsts) + (0 if self._more is None else sum(map(self._more.__getitem__, firsts)))

    def take(self, firsts: array[int], number: int) -> array[int]:
        """Up to `number` rows in whole units, from the front; the last unit stays. They are removed from `firsts`."""
        if self._more is None:
            taken = firsts[: max(0, min(number, len(firsts) - 1))]
            del firsts[: len(taken)]
            return taken
        taken, kept = array("i"), array("i")
        rows = at = 0
        while at < len(firsts) - 1 and rows < number:
            first = firsts[at]
            if rows + self.size(first) <= number:
                taken.append(first)
                rows += self.size(first)
            else:
                kept.append(first)
            at += 1
        firsts[:at] = kept
        return taken


def _grouped(lots: Iterable[Sequence[int]], strata: Strata | None, count: int) -> list[array[int]]:
    """The units of each label, in the order of the lots; labels in the order in which rows have them."""
    if strata is None:
        return [array("i", chain.from_iterable(lots))] if count else []
    labels = _coded(strata)
    groups: dict[Hashable, array[int]] = {}
    by_code = {code: groups.setdefault(labels.by_code[code], array("i")) for code in dict.fromkeys(labels.codes)}
    for some in lots:
        for row in some:
            by_code[labels.codes[row]].append(row)
    return list(groups.values())


def _proportional(
    left: Sequence[array[int]], shares: Mapping[str, float], count: int, units: _Units, random: Random
) -> dict[str, array[int]]:
    """Where each row belongs to one group: of each group its share, from its front. By part, the first rows of its
    units."""
    sizes = [units.sum(firsts) for firsts in left]
    parts: dict[str, array[int]] = {}
    for name, share in shares.items():
        free = [units.sum(firsts) - units.size(firsts[-1]) for firsts in left]  # one of each label stays in train
        wanted = max(1, round(count * share))
        taken = _apportion([size * share for size in sizes], free, wanted, random)
        chosen = array("i")
        for firsts, number in zip(left, taken, strict=True):
            chosen += units.take(firsts, number)
        for firsts in left:  # where whole units left room
            chosen += units.take(firsts, wanted - units.sum(chosen))
        if not chosen and (candidates := [first for firsts in left for first in firsts[:-1]]):
            smallest = min(candidates, key=units.size)
            next(firsts for firsts in left if smallest in firsts).remove(smallest)
            chosen.append(smallest)
        parts[name] = chosen
    return parts


def _parts(
    taken: Mapping[str, Sequence[int]], shares: Mapping[str, float], count: int, twins: Sequence[int] | None
) -> dict[str, array[int]]:
    """The rows of each part, ascending, from the units of all but `train`."""
    names = ("train", *shares)
    part_of = bytearray(count)
    for number, name in enumerate(names[1:], start=1):
        for row in taken[name]:
            part_of[row] = number
    if twins is not None:
        for row, first in enumerate(twins):
            part_of[row] = part_of[first]
    is_part = [bytes(part == number for part in range(256)) for number in range(len(names))]
    return {
        name: array("i", compress(range(count), part_of.translate(chosen)))
        for name, chosen in zip(names, is_part, strict=True)
    }


def _differ(labels: Sequence[Any], twins: Sequence[int] | None) -> bool:
    """Whether rows that stay together have different labels."""
    return (
        any(_hashable(labels[row]) != _hashable(labels[twins[row]]) for row in each_not_its_own(twins))
        if twins
        else False
    )


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
    units: array[int],
    twins: Sequence[int] | None,
    shares: Mapping[str, float],
    labels: PerRow[tuple[Hashable, ...]],
    random: Random,
) -> dict[str, array[int]]:
    """Where rows have several labels: label by label, the rarest first, each row to the part that lacks it most.

    `units` are the first rows of units, in the order in which they are looked at. A part that is full takes no more
    rows, so each is as large as asked; one that no group of equal rows fits into gets the smallest. Source: Sechidis,
    Tsoumakas and Vlahavas 2011, On the stratification of multi-label data, doi:10.1007/978-3-642-23808-6_10, algorithm
    1.
    """
    count = len(labels)
    names = ("train", *shares)  # a part goes by its place among them, a label by the place of its first unit
    portion = [1 - sum(shares.values()), *shares.values()]
    room = [max(1, round(count * share)) for share in shares.values()]
    room = [count - sum(room), *room]
    own = _OwnLabels(units, twins, labels)
    holders: list[array[int]] = []
    spare: list[int] = []  # rows of each label that are not given away from train
    for unit in range(len(units)):
        for label, times in own.of(unit):
            if label == len(holders):
                holders.append(array("i"))
                spare.append(0)
            holders[label].append(unit)
            spare[label] += times
    lacking = [[rows * share for rows in spare] for share in portion]
    waiting = list(map(len, holders))
    home = bytearray(len(units))  # the part of each unit that has one, counted from 1
    placed = array("i")

    def can_be_spared(labels: LabelRows) -> bool:
        return all(spare[label] > times for label, times in labels)

    def place(unit: int, most: Sequence[float]) -> None:
        labels, size = own.of(unit), own.size(unit)
        given = can_be_spared(labels)
        free = [part for part, left in enumerate(room) if left >= size and (given or not part)]
        part = max(free or [0], key=lambda part: (most[part], room[part], random.random()))
        home[unit] = part + 1
        placed.append(unit)
        room[part] -= size
        for label, times in labels:
            lacking[part][label] -= times
            waiting[label] -= 1
            if part:
                spare[label] -= times

    heap = [(rows, label) for label, rows in enumerate(waiting)]
    heapify(heap)
    while heap:
        rows, label = heappop(heap)
        if waiting[label] != rows:  # some of its rows were placed for a rarer label
            if waiting[label]:
                heappush(heap, (waiting[label], label))
            continue
        for unit in holders[label]:
            if not home[unit]:
                place(unit, [left[label] for left in lacking])
    for unit in range(len(units)):
        if not home[unit]:
            place(unit, room)
    for part in range(1, len(names)):
        if home.find(part + 1) < 0:
            left = [unit for unit in placed if home[unit] == 1 and can_be_spared(own.of(unit))]
            if left and home.count(1) > 1:
                smallest = min(left, key=own.size)
                home[smallest] = part + 1
                for label, times in own.of(smallest):
                    spare[label] -= times
    return {name: array("i", compress(units, map((part + 1).__eq__, home))) for part, name in enumerate(names) if part}


LabelRows = tuple[tuple[int, int], ...]
"""The labels of a unit, by number, each with how many of its rows have it."""


class _OwnLabels:
    """The labels of units."""

    def __init__(self, units: array[int], twins: Sequence[int] | None, labels: PerRow[tuple[Hashable, ...]]) -> None:
        self._units, self._labels = units, labels
        self._others, self._first = by_first(twins)
        self._numbers: dict[Hashable, int] = {}
        self._by_code: dict[int, LabelRows] = {}  # of units of one row, which have theirs in common

    def of(self, unit: int) -> LabelRows:
        """Labels are numbered as they are met."""
        first = self._units[unit]
        others = self._beside(first)
        if others:
            rows = (first, *self._others[others.start : others.stop])
            return self._numbered(label for row in rows for label in self._labels[row])
        code = self._labels.codes[first]
        if code not in self._by_code:
            self._by_code[code] = self._numbered(self._labels.by_code[code])
        return self._by_code[code]

    def size(self, unit: int) -> int:
        """The rows of a unit."""
        return 1 + len(self._beside(self._units[unit]))

    def _beside(self, first: int) -> range:
        """Where the other rows of a unit stand among all such."""
        begin = bisect_left(self._first, first)
        return range(begin, bisect_right(self._first, first, begin))

    def _numbered(self, labels: Iterable[Hashable]) -> LabelRows:
        numbers = self._numbers
        return tuple((numbers.setdefault(label, len(numbers)), rows) for label, rows in Counter(labels).items())


def _coded(strata: Strata) -> PerRow[tuple[Hashable, ...]]:
    """The labels of each row, of which few differ."""

    def named(labels: Any) -> tuple[Hashable, ...]:
        return tuple(labels) if strata.several else (_hashable(labels),)

    if isinstance(strata.of, PerRow):
        return strata.of.each(named)
    known: dict[tuple[Hashable, ...], int] = {}
    codes = array("i", (known.setdefault(named(labels), len(known)) for labels in strata.of))
    return PerRow(list(known), codes)


def _hashable(label: Any) -> Hashable:
    """A key for any label."""
    return label if isinstance(label, (str, int, float)) or label is None else repr(label)
