"""Rows of words with tags, or of a text with spans, as words with entities. No numpy: `check` answers at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tunesmith.data.rows import Rows
from tunesmith.data.values import label_name
from tunesmith.tasks.parts.tags import Entity, Odd, entities_of
from tunesmith.tasks.parts.words import Words, words_in, words_joined

WORDS, TEXT = "words", "text"
"""The two forms of rows, by the role that holds what is read."""
ANSWER_OF = {WORDS: "tags", TEXT: "entities"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A row as it is used. `entities`: None where the row has no answer. `odd`: tags that cannot stand where they
    stand; `widened`: the notes about spans that end within a word."""

    words: Words
    entities: Sequence[Entity] | None
    odd: Sequence[Odd] = ()
    widened: Sequence[str] = ()


def words_of_row(rows: Rows, row: int, form: str) -> Words:
    """The words of a row: as the data part them, or found in the text. A text in place of words is parted like one."""
    cell = rows.columns[form][row]
    if form == WORDS and not isinstance(cell, str):
        return words_joined([str(word) for word in cell or ()])
    return words_in("" if cell is None else str(cell))


def tagged_row(rows: Rows, row: int, form: str, scheme: str, names: Sequence[str] = ()) -> Tagged:
    """The row with its entities. `names` are those of tags that stand as numbers. Raises ValueError with a phrase that
    says why it cannot be used."""
    words = words_of_row(rows, row, form)
    if not len(words):
        raise ValueError("it has no word")
    if form == WORDS:
        empty = next((place for place in range(len(words)) if not words[place].strip()), None)
        if empty is not None:
            raise ValueError(f"its word {empty + 1} is empty")
    cells = rows.columns.get(ANSWER_OF[form])
    if cells is None:
        return Tagged(words=words, entities=None)
    if form == TEXT:
        return _with_spans(words, cells[row])
    tags = tag_names(cells[row], names)
    if len(tags) != len(words):
        raise ValueError(f"it has {len(words)} words and {len(tags)} tags")
    empty = next((place for place, tag in enumerate(tags) if not tag), None)
    if empty is not None:
        raise ValueError(f"its word {empty + 1} ({words[empty]!r:.40}) has no tag")
    entities, odd = entities_of(tags, scheme)
    return Tagged(words=words, entities=entities, odd=odd)


def read_row(rows: Rows, row: int, form: str, scheme: str, names: Sequence[str] = ()) -> Tagged | str:
    """The row with its entities, or the phrase that says why it cannot be used."""
    try:
        return tagged_row(rows, row, form, scheme, names)
    except ValueError as error:
        return str(error)


def tag_names(cell: Any, names: Sequence[str] = ()) -> list[str]:
    """The tags in a cell by name. Raises ValueError for a number that no name stands for."""
    tags = [label_name("" if tag is None else tag) for tag in cell or ()]
    if not names or not tags or not all(tag.isdecimal() for tag in tags):
        return tags
    beyond = next((tag for tag in tags if int(tag) >= len(names)), None)
    if beyond is not None:
        raise ValueError(f"its tag {beyond} has no name: there are names for 0 to {len(names) - 1}")
    return [names[int(tag)] for tag in tags]


def _with_spans(words: Words, cell: Any) -> Tagged:
    spans = sorted({_span(words.text, found) for found in _listed(cell)})
    entities: list[Entity] = []
    widened = []
    end_before, before = 0, ""
    for start, end, label in spans:
        described = f"{words.text[start:end]!r:.40} ({label}, {start} to {end})"
        if start < end_before:
            raise ValueError(f"its entity {described} overlaps {before}: a word has one tag")
        inside = [word for word in range(len(words)) if words.begins[word] < end and words.ends[word] > start]
        if not inside:
            raise ValueError(f"its entity {described} holds no word")
        first, last = inside[0], inside[-1]
        if entities and first < entities[-1].end:
            raise ValueError(
                f"its entity {described} begins within the word in which {before} ends: a word has one tag"
            )
        if words.begins[first] < start or words.ends[last] > end:
            whole = words.text[words.begins[first] : words.ends[last]]
            widened.append(f"{described} becomes {whole!r:.60}")
        entities.append(Entity(first, last + 1, label))
        end_before, before = end, described
    return Tagged(words=words, entities=entities, widened=widened)


def _listed(cell: Any) -> Sequence[Any]:
    if cell is None or cell == "":
        return ()
    if not isinstance(cell, (list, tuple)):
        raise ValueError("its entities are no list of {start, end, label}")
    return cell


def _span(text: str, found: Any) -> tuple[int, int, str]:
    """Start, end and label of {start, end, label} or [start, end, label]; with a `text`, that must stand there."""
    quoted = None
    if isinstance(found, Mapping):
        start, end, label = found.get("start"), found.get("end"), found.get("label")
        quoted = found.get("text")
    elif isinstance(found, (list, tuple)) and len(found) == 3:
        start, end, label = found
    else:
        raise ValueError(f"its entity {found!r:.60} is no {{start, end, label}}")
    start, end = _whole(start), _whole(end)
    name = label_name(label) if isinstance(label, (str, int)) else ""
    if start is None or end is None or not name:
        raise ValueError(f"its entity {found!r:.80} lacks a start, an end or a label")
    if not 0 <= start < end <= len(text):
        raise ValueError(
            f"its entity {name} reaches from {start} to {end}, and the text has {len(text)} characters; "
            "start counts from 0, end is the place behind the last character"
        )
    if isinstance(quoted, str) and quoted and text[start:end] != quoted:
        there = f"at {start} to {end} of its text stands {text[start:end]!r:.40}, not {quoted!r:.40}"
        raise ValueError(there + nearest_place(text, quoted, start))
    return start, end, name


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        return None
    return int(value)


def nearest_place(text: str, quoted: str, start: int) -> str:
    """A phrase that says where `told` stands in `text` nearest to `start`, or that it stands nowhere."""
    places = []
    at = text.find(quoted)
    while at >= 0:
        places.append(at)
        at = text.find(quoted, at + 1)
    if not places:
        return ", which stands nowhere in it"
    near = min(places, key=lambda place: abs(place - start))
    return f", which stands at {near} to {near + len(quoted)}"
