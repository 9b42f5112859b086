"""Tags of words and the entities that they spell, in the schemes that data come in. No numpy: `check` answers at once.

| scheme | B           | I                    | E, L | S, U, W | written for           |
|--------|-------------|----------------------|------|---------|-----------------------|
| iob2   | begins      | goes on              |      |         | CoNLL-2002, most data |
| iob1   | begins right behind another of the type | begins or goes on | | | CoNLL-2003 |
| bilou  | begins      | goes on              | ends | alone   | spaCy                 |
| iobes  | begins      | goes on (M, too)     | ends | alone   | Stanza, BMES          |
| io     | no letters: words of one type that follow each other are one entity |||      |
| plain  | no entities: every word has a tag of its own, such as its part of speech |||   |
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

OUTSIDE = "O"
SCHEMES = ("iob2", "iob1", "bilou", "iobes", "io", "plain")
_TAG = re.compile(r"([BIMELSUW])(?:[-_](.+))?")
_BEGINS, _ENDS, _ALONE = "B", "EL", "SUW"
NAMELESS = "_"
"""The type of entities in tags that are a letter alone, as seqeval calls it."""


class Entity(NamedTuple):
    """Words from `first` to before `end`."""

    first: int
    end: int
    type: str


class Odd(NamedTuple):
    """A tag that cannot stand where it stands."""

    word: int
    why: str


def parted(tag: str) -> tuple[str, str]:
    """Letter and type: `B-PER` gives B and PER, `O` gives O and nothing. Raises ValueError for any other tag."""
    if tag == OUTSIDE:
        return OUTSIDE, ""
    match = _TAG.fullmatch(tag)
    if match is None:
        raise ValueError(f"{tag!r:.40} has no letter such as B- or I- before a type")
    return match[1], match[2] or NAMELESS


def scheme_of(sequences: Iterable[Sequence[str]]) -> str:
    """The scheme in which these tags are most likely written."""
    tags: Counter[str] = Counter()
    needless = starts = 0
    for sequence in sequences:
        tags.update(sequence)
        before = ""
        for tag in sequence:
            match = _TAG.fullmatch(tag)
            kind = (match[2] or NAMELESS) if match else ""
            if match and kind != before:
                needless += match[1] == "B"
                starts += match[1] == "I"
            before = kind
    named = [tag for tag in tags if tag != OUTSIDE]
    lettered = [match for tag in named if (match := _TAG.fullmatch(tag))]
    if not lettered or 2 * len(lettered) < len(named):
        return "io" if OUTSIDE in tags else "plain"
    letters = {match[1] for match in lettered}
    if letters & {"L", "U"}:
        return "bilou"
    if letters & {"E", "S", "M", "W"}:
        return "iobes"
    return "iob1" if starts and not needless else "iob2"


def entities_of(tags: Sequence[str], scheme: str) -> tuple[list[Entity], list[Odd]]:
    """The entities that the tags spell, and what is impossible in them. What goes on without a beginning begins there,
    and what does not end ends before the next."""
    if scheme == "plain":
        return [Entity(word, word + 1, tag) for word, tag in enumerate(tags)], []
    if scheme == "io":
        return _runs(tags), []
    found: list[Entity] = []
    odd: list[Odd] = []
    first, kind = 0, ""  # the entity that is open, if a type is there

    def close(word: int, *, cut: bool = False) -> None:
        nonlocal kind
        if kind:
            found.append(Entity(first, word, kind))
            if cut and scheme in ("bilou", "iobes"):
                odd.append(Odd(word - 1, f"{tags[word - 1]} does not end an entity, and none goes on behind it"))
        kind = ""

    for word, tag in enumerate(tags):
        try:
            letter, type_ = parted(tag)
        except ValueError as error:
            odd.append(Odd(word, str(error)))
            letter, type_ = OUTSIDE, ""
        begins = letter == _BEGINS or letter in _ALONE
        if letter == OUTSIDE or begins or type_ != kind:
            goes_on = letter != OUTSIDE and not begins and scheme != "iob1"
            close(word, cut=True)
            if goes_on:
                behind = tags[word - 1] if word else "the beginning"
                odd.append(Odd(word, f"{tag} follows {behind}, so nothing is there to go on"))
            if letter != OUTSIDE:
                first, kind = word, type_
        if letter in _ENDS or letter in _ALONE:
            close(word + 1)
    close(len(tags), cut=True)
    return found, odd


def _runs(tags: Sequence[str]) -> list[Entity]:
    found: list[Entity] = []
    for word, tag in enumerate(tags):
        if tag == OUTSIDE:
            continue
        if found and found[-1].end == word and found[-1].type == tag:
            found[-1] = found[-1]._replace(end=word + 1)
        else:
            found.append(Entity(word, word + 1, tag))
    return found


def tags_of(entities: Iterable[Entity], words: int, scheme: str) -> list[str]:
    """The tags that a model learns: IOB2, or the types themselves where they are plain."""
    tags = [OUTSIDE] * words
    for first, end, type_ in entities:
        if scheme == "plain":
            tags[first] = type_
            continue
        tags[first] = f"B-{type_}"
        tags[first + 1 : end] = [f"I-{type_}"] * (end - first - 1)
    return tags


def strict_entities(tags: Sequence[str], scheme: str) -> list[Entity]:
    """The entities in a model's answer (IOB2 or plain), as seqeval's strict mode counts them: what has no B is none."""
    if scheme == "plain":
        return [Entity(word, word + 1, tag) for word, tag in enumerate(tags)]
    found: list[Entity] = []
    open_ = False
    for word, tag in enumerate(tags):
        letter, _, type_ = tag.partition("-")
        if letter == "B":
            found.append(Entity(word, word + 1, type_))
        elif letter == "I" and open_ and found[-1].type == type_:
            found[-1] = found[-1]._replace(end=word + 1)
        open_ = letter in ("B", "I") and bool(found) and found[-1].end == word + 1
    return found


def model_tags(types: Iterable[str], scheme: str) -> tuple[str, ...]:
    """The tags that a model gives, in the order of its outputs."""
    ordered = sorted(types)
    if scheme == "plain":
        return tuple(ordered)
    return (OUTSIDE, *(f"{letter}-{type_}" for type_ in ordered for letter in "BI"))
