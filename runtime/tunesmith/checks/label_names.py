"""Labels that look alike: the same word written in two ways, a typing mistake, a word that stands for no value.

No numpy here: `check` must answer at once, also for thousands of labels.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

MOST_LABELS = 20_000
"""More labels are not compared for typing mistakes, which `check_labels` reports."""

NO_VALUE = frozenset({"na", "n/a", "#n/a", "<na>", "nan", "none", "null", "nil", "missing", "undefined"})
"""Words that programs write where a cell is empty."""

_FEW_ROWS = 3
_FEW_SHARE = 0.05
_SHORTEST_WORD = 4
_LONGEST_WORD = 64
_SEPARATORS = ";|,/+"
_BETWEEN_WORDS = re.compile(r"(?<=\w)[-_](?=\w)")
_QUOTES = "\"'`“”‘’«»"


class Pair(NamedTuple):
    """Two labels and why they are suspected to be one; `rare` has no more rows than `usual`."""

    rare: str
    usual: str
    why: str


def pairs_of(counts: Mapping[str, int]) -> list[Pair]:
    """Labels that are the same but for case, spaces, quotes, width, marks or the form of a number, and near misses.

    `counts` are the rows by label. Of a group of equal ones, the one with most rows is the usual one.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for label in counts:
        groups[_key(label)].append(label)
    found = []
    for labels in groups.values():
        if len(labels) > 1:
            usual = max(labels, key=lambda label: (counts[label], label))
            found += [Pair(label, usual, _difference(label, usual)) for label in labels if label != usual]
    known = {pair.rare for pair in found}
    return [*found, *(pair for pair in _near_misses(counts) if pair.rare not in known)]


def no_values(labels: Sequence[str]) -> list[str]:
    """Labels that are words for a missing value."""
    return [label for label in labels if label.strip().casefold() in NO_VALUE]


def joined(labels: Sequence[str]) -> tuple[str, list[str]] | None:
    """A separator, and the labels that are several joined by it: each of their parts stands elsewhere too."""
    for separator in _SEPARATORS:
        split = {label: [part.strip() for part in label.split(separator)] for label in labels if separator in label}
        if not split:
            continue
        homes: dict[str, int] = defaultdict(int)
        for label in labels:
            for part in set(split.get(label, [label])):
                homes[part] += 1
        alone = {label for label in labels if label not in split}
        if all(all(part and homes[part] > 1 for part in parts) for parts in split.values()) and (
            any(part in alone for parts in split.values() for part in parts) or len(split) > 2
        ):
            return separator, list(split)
    return None


def _key(label: str) -> str:
    """Equal for labels that look alike."""
    if label.isascii():
        text = label.lower()
    else:
        text = unicodedata.normalize("NFKC", label).casefold()
        text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cc"))
    text = " ".join(_BETWEEN_WORDS.sub(" ", text.strip(_QUOTES + " ")).split()) or label
    if text[-1].isdigit() and "." in text and text.replace(".", "", 1).isdecimal():
        text = text.rstrip("0").rstrip(".")
    return text


def _difference(one: str, other: str) -> str:
    if one.casefold() == other.casefold():
        return "upper and lower case"
    if unicodedata.normalize("NFKC", one).casefold() == unicodedata.normalize("NFKC", other).casefold():
        return "the width or form of characters"
    try:
        return "the form of a number" if float(one) == float(other) else "spaces, marks or quotes"
    except ValueError:
        return "spaces, marks or quotes"


def _near_misses(counts: Mapping[str, int]) -> Iterator[Pair]:
    """Rare labels that one letter separates from a usual one; digits are no letters: `class 1` is not `class 2`.

    Found by what is left when one letter is removed, so the time grows with the labels, not with their pairs.
    """
    if len(counts) > MOST_LABELS:
        return
    by_rest: dict[str, list[str]] = defaultdict(list)
    words = [label for label in counts if _SHORTEST_WORD <= len(label) <= _LONGEST_WORD]
    rare = {label for label in words if counts[label] <= _FEW_ROWS}
    if not rare:
        return
    for label in words:
        if counts[label] * _FEW_SHARE >= 1:
            for rest in _rests(label):
                by_rest[rest].append(label)
    for label in sorted(rare):
        near = {other for rest in _rests(label) for other in by_rest.get(rest, ()) if _one_apart(label, other)}
        usual = [other for other in near if counts[label] <= counts[other] * _FEW_SHARE]
        if usual:
            yield Pair(label, max(usual, key=lambda other: (counts[other], other)), "one letter")


def _rests(label: str) -> set[str]:
    return {label, *(label[:place] + label[place + 1 :] for place in range(len(label)))}


def _one_apart(one: str, other: str) -> bool:
    """Whether one letter was left out, added, changed, or changed places with the next."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1 or one == other:
        return False
    start = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if any(sign.isdigit() for sign in (one[start : start + 1], other[start : start + 1])):
        return False
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    swapped = one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]
    return one[start + 1 :] == other[start + 1 :] or swapped
