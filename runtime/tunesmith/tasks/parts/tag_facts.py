"""What rows of tags say before any model is there, and what is wrong with them. No numpy: `check` answers at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tunesmith.contracts.task import Facts
from tunesmith.data.rows import Rows
from tunesmith.errors import Place, Problem, TunesmithError, nearest
from tunesmith.job.job import Job
from tunesmith.shown import listed
from tunesmith.tasks.parts.findings import findings
from tunesmith.tasks.parts.tagged_rows import ANSWER_OF, TEXT, WORDS, Tagged, read_row, words_of_row
from tunesmith.tasks.parts.tags import OUTSIDE, model_tags, scheme_of, tags_of

if TYPE_CHECKING:
    from tunesmith.contracts.model import TextFormat
    from tunesmith.tasks.parts.windows import Windows

KNOWN_WORDS = 20_000
"""Words of the training rows that the report looks up, the most frequent ones."""
SAID = {
    "iob2": "IOB2: B- begins an entity, I- goes on",
    "iob1": "IOB1: I- begins an entity too, B- only right behind another of its type",
    "bilou": "BILOU: begins, inside, last, outside, unit",
    "iobes": "IOBES: inside, outside, begins, ends, single",
    "io": "types without letters: words of one type that follow each other are one entity",
    "plain": "plain tags: each word has its own, and there are no entities",
}


def form_of(job: Job, present: Sequence[str]) -> str:
    """The role that is read: what the job names comes before what is guessed. Raises data.no-input."""
    for roles in (job.data.columns, present):
        for form in (WORDS, TEXT):
            if form in roles and {form, ANSWER_OF[form]} <= set(present):
                return form
    raise TunesmithError(
        "data.no-input",
        "there is nothing to learn from: neither words with tags nor a text with entities",
        found=", ".join(sorted(present)),
        hint="add `words: COLUMN` and `tags: COLUMN`, or `text: COLUMN` and `entities: COLUMN` under `data:`",
    )


def _names(job: Job) -> tuple[str, ...]:
    return tuple(job.data.options.get("labels") or ())


def tag_facts(job: Job, rows: Rows) -> Facts:
    """Scheme, tags of the model and counts, from the rows that can be used. Raises data.no-input."""
    form = form_of(job, tuple(rows.columns))
    names = _names(job)
    scheme = job.data.options.get("scheme", "auto")
    if form == TEXT:
        scheme = "iob2"
    elif scheme == "auto":
        scheme = scheme_of(_tags(rows, names))
    types: Counter[str] = Counter()
    tags: dict[str, Counter[str]] = defaultdict(Counter)
    words = outside = 0
    for row in range(len(rows)):
        found = read_row(rows, row, form, scheme, names)
        if isinstance(found, str):
            continue
        entities = found.entities or ()
        types.update(entity.type for entity in entities)
        learnt = tags_of(entities, len(found.words), scheme)
        for word, tag in enumerate(learnt):
            tags[found.words[word]][tag] += 1
        words += len(learnt)
        outside += learnt.count(OUTSIDE)
    values: dict[str, Any] = {
        "target": "class",
        "form": form,
        "scheme": scheme,
        "types": dict(types.most_common()),
        "words": words,
        "outside": outside,
        "usual_tags": _usual(tags),
    }
    return Facts(labels=model_tags(types, scheme), values=values)


def _tags(rows: Rows, names: Sequence[str]) -> Iterator[list[str]]:
    for row in range(len(rows)):
        found = read_row(rows, row, WORDS, "plain", names)  # in which no tag is impossible
        if not isinstance(found, str):
            yield [entity.type for entity in found.entities or ()]


def _usual(tags: dict[str, Counter[str]]) -> dict[str, str]:
    """The most frequent tag of the most frequent words, where it is not O; of equally many, the first by name."""
    found = {
        word: min(counts, key=lambda tag: (-counts[tag], tag))
        for word, counts in sorted(tags.items(), key=lambda item: (-item[1].total(), item[0]))
    }
    kept = [(word, tag) for word, tag in found.items() if tag != OUTSIDE]
    return dict(kept[:KNOWN_WORDS])


def unusable_tags(job: Job, rows: Rows, facts: Facts) -> list[tuple[int, str]]:
    """Rows that cannot be used, with a phrase that says why."""
    form, scheme = facts.values["form"], facts.values["scheme"]
    found = ((row, read_row(rows, row, form, scheme, _names(job))) for row in range(len(rows)))
    return [(row, why) for row, why in found if isinstance(why, str)]


def tags_of_rows(rows: Rows, facts: Facts, names: Sequence[str]) -> list[list[int]] | None:
    """The number of each word's tag; None where the rows have no answers.

    Raises data.bad-tags for a row that cannot be used, and data.unknown-label for a type that no training row has.
    """
    form, scheme = facts.values["form"], facts.values["scheme"]
    if ANSWER_OF[form] not in rows.columns:
        return None
    numbers = {tag: number for number, tag in enumerate(facts.labels)}
    found = []
    for row in range(len(rows)):
        tagged = read_row(rows, row, form, scheme, names)
        if isinstance(tagged, str):
            raise TunesmithError("data.bad-tags", f"this row cannot be used: {tagged}", place=rows.place(row))
        tags = tags_of(tagged.entities or (), len(tagged.words), scheme)
        unknown = next((tag for tag in tags if tag not in numbers), None)
        if unknown is not None:
            message = "no training row has this label"
            raise TunesmithError("data.unknown-label", message, place=rows.place(row), found=unknown)
        found.append([numbers[tag] for tag in tags])
    return found


def check_tags(job: Job, rows: Rows, facts: Facts, reads: TextFormat | None, windows: Windows) -> list[Problem]:
    """Everything that is wrong or doubtful about these rows."""
    form, scheme, names = facts.values["form"], facts.values["scheme"], _names(job)
    read = [(row, read_row(rows, row, form, scheme, names)) for row in range(len(rows))]
    usable = [(row, found) for row, found in read if isinstance(found, Tagged)]
    bad = [(row, why) for row, why in read if isinstance(why, str)]
    problems = findings(
        "data.bad-tags",
        "this row cannot be used",
        bad,
        rows,
        hint="mend the row, remove it, or write `bad_rows: skip`",
    )
    if ANSWER_OF[form] in rows.columns:
        problems += [*_scheme_notes(job, facts), *_odd(rows, usable, scheme), *_unknown(rows, usable, facts)]
    if reads is None or reads.tokenizer is None or not len(rows):
        return problems
    return problems + _as_read(rows, form, reads, windows)


def _scheme_notes(job: Job, facts: Facts) -> Iterator[Problem]:
    scheme, types = facts.values["scheme"], facts.values["types"]
    place = Place(file=job.file, key="data.tags")
    learnt = "" if scheme in ("iob2", "plain") else "; they are learnt and answered as IOB2"
    shown = listed([f"{name} {count}" for name, count in types.items()], 12)
    if facts.values["form"] == WORDS:
        yield Problem(
            code="data.tag-scheme",
            message=f"the tags are read as {SAID[scheme]}{learnt}",
            place=place,
            found=shown,
            hint="write `scheme:` under `data:` if they are meant otherwise",
            severity="info",
        )
        if scheme == "plain" and types and all(name.isdecimal() for name in types):
            yield Problem(
                code="data.unnamed-labels",
                message="the tags are numbers without names: each is taken for a tag of its own, and none for O",
                place=place,
                found=shown,
                hint="name them in order under `data:`, such as `labels: [O, B-PER, I-PER]`",
                severity="warning",
            )
    if not types or (scheme == "plain" and len(types) < 2):
        yield Problem(
            code="data.too-few-labels",
            message="the training rows have no entity" if scheme != "plain" else "the training rows have one tag only",
            place=place,
            found=shown or "none",
            hint="look whether the columns are the right ones, and whether the file is complete",
        )


def _odd(rows: Rows, usable: Sequence[tuple[int, Tagged]], scheme: str) -> list[Problem]:
    odd = [(row, f"word {each.word + 1}: {each.why}") for row, found in usable for each in found.odd[:1]]
    widened = [(row, said) for row, found in usable for said in found.widened[:1]]
    return [
        *findings(
            "data.impossible-tags",
            f"these tags cannot follow each other in {scheme.upper()}",
            odd,
            rows,
            hint="an entity is taken to begin there; mend the tags, or name their `scheme` under `data:`",
            severity="warning",
        ),
        *findings(
            "data.span-within-word",
            "an entity begins or ends within a word, and is widened to whole words",
            widened,
            rows,
            hint="mend start and end; ignore it if the whole words are meant",
            severity="warning",
        ),
    ]


def _unknown(rows: Rows, usable: Sequence[tuple[int, Tagged]], facts: Facts) -> list[Problem]:
    known = set(facts.values["types"])
    strange = [
        (row, type_)
        for row, found in usable
        for type_ in list({entity.type for entity in found.entities or ()} - known)[:1]
    ]
    close = nearest(strange[0][1], sorted(known)) if strange else None
    return findings(
        "data.unknown-label",
        "no training row has this label",
        strange,
        rows,
        hint=f"did you mean {close}?" if close else "add training rows with this label, or remove the row",
    )


def _as_read(rows: Rows, form: str, reads: TextFormat, windows: Windows) -> list[Problem]:
    """What the model's tokenizer makes of the words."""
    from tunesmith.tasks.parts.tokens import check_tokens
    from tunesmith.tasks.parts.windows import window_notes
    from tunesmith.tasks.parts.word_tokens import counts_of_windows

    words = [words_of_row(rows, row, form) for row in range(len(rows))]
    try:
        ids, counts, without = counts_of_windows(reads, words, windows)
    except TunesmithError as error:  # a window without room
        return list(error.problems)
    problems = window_notes(rows, counts, windows)
    problems += check_tokens(rows, ids, [each.text for each in words], reads)
    some = [row for row, count in enumerate(without) if count]
    if some:
        problems.append(
            Problem(
                code="data.words-without-token",
                message=f"{sum(without)} words in {len(some)} rows have no token of their own: each is answered like "
                "the word before it",
                place=rows.place(some[0]),
                found=rows.named(some),
                hint="look for signs that nobody sees in the words; a few such words do no harm",
                severity="info",
            )
        )
    return problems
