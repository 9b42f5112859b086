"""Judging a model that tags words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tunesmith.contracts.task import Facts
from tunesmith.judged import (
    HARDLY_BETTER,
    NOTHING_TO_JUDGE,
    Block,
    Judged,
    MarkedText,
    Matrix,
    Span,
    Table,
    Texts,
    percent,
    plural,
)
from tunesmith.scores.entities import OUTCOMES, EntityFigures, EntityReport, entity_report
from tunesmith.tasks.parts.tag_answers import TagAnswers
from tunesmith.tasks.parts.tags import OUTSIDE, Entity, entities_of
from tunesmith.tasks.parts.words import Words

SHOWN = 20
"""Rows of which texts are shown."""
_BY_HEART = 0.95
NONE = "(no entity)"
_MEANS = {
    "right": "the same words and the same type",
    "other type": "the same words, another type",
    "other boundaries": "the same type, too many words or too few",
    "other type and boundaries": "it overlaps, with another type and other words",
    "missed": "no answer overlaps it",
    "invented": "an answer where no entity is",
}


def judge_tags(found: TagAnswers, facts: Facts, words: Sequence[Words] | None) -> Judged:
    """Everything about the answers; `words` by row, None where only the arrays are left."""
    report, plain = found.report, found.scheme == "plain"
    total = sum(map(len, found.true_tags))
    if not total:
        return NOTHING_TO_JUDGE
    outside = sum(tags.count(OUTSIDE) for tags in found.true_tags) / total
    lookup = None if words is None else _looked_up(found, facts, words)
    section: dict[str, Any] = {
        "rows": len(found.logits),
        "words": total,
        "scheme": found.scheme,
        **found.metrics(),
        "outside": None if plain else outside,
        "word_lookup_f1": lookup.overall.f1 if lookup else None,
        "by_type": [each.as_json() for each in report.by_type],
        "outcomes": {name: report.outcomes[name] for name in OUTCOMES},
    }
    sentences, warnings = _words(section, report, lookup, plain=plain)
    return Judged(
        headline=_headline(section, report.overall, plain=plain),
        words=sentences,
        warnings=[*_not_finite(found), *warnings],
        sections={"tags": section},
        blocks=_blocks(found, report, words, plain=plain),
        expected=[_entities_of(found, tags, words, row) for row, tags in enumerate(found.true_tags)],
        predicted=[_entities_of(found, tags, words, row) for row, tags in enumerate(found.answered)],
    )


def _looked_up(found: TagAnswers, facts: Facts, words: Sequence[Words]) -> EntityReport:
    """What looking each word up gives: the tag that it has most often in the training rows."""
    usual, plain = facts.values["usual_tags"], found.scheme == "plain"
    types = facts.values["types"]
    unknown = max(types, key=lambda tag: types[tag]) if plain else OUTSIDE
    answers = []
    for row in words:
        tags = [usual.get(row[word], unknown) for word in range(len(row))]
        # what goes on without a beginning begins: as good as looking up can be
        answers.append(entities_of(tags, "plain" if plain else "iob2")[0])
    return entity_report([found.entities(tags) for tags in found.true_tags], answers)


def _headline(section: dict[str, Any], overall: EntityFigures, *, plain: bool) -> str:
    rows, lookup = plural(section["rows"], "held-out row"), section["word_lookup_f1"]
    beside = "" if lookup is None else "; looking each word up in the training rows would reach "
    if plain:
        more = "" if lookup is None else f"{beside}{percent(lookup)}"
        return (
            f"{percent(section['accuracy'])} of {plural(section['words'], 'word')} in {rows} are tagged rightly{more}."
        )
    more = "" if lookup is None else f"{beside}{lookup:.3f}"
    return f"F1 {overall.f1:.3f} on {plural(overall.true, 'entity', 'entities')} in {rows}{more}."


def _not_finite(found: TagAnswers) -> list[str]:
    gone = sum(
        int((~np.isfinite(logits[own])).any(axis=1).sum()) for logits, own in zip(found.logits, found.own, strict=True)
    )
    if not gone:
        return []
    return [
        f"For {plural(gone, 'word')} the model gave numbers that are not finite (NaN or infinity): they count as not "
        "found. Training has most likely diverged; try a lower learning rate."
    ]


def _words(
    section: dict[str, Any], report: EntityReport, lookup: EntityReport | None, *, plain: bool
) -> tuple[list[str], list[str]]:
    overall, warnings = report.overall, []
    sentences = []
    if not plain:
        sentences.append(
            f"Of {plural(overall.answered, 'answered entity', 'answered entities')}, {percent(overall.precision)} are "
            f"right (precision); of {plural(overall.true, 'true one')}, {percent(overall.recall)} are found (recall). "
            "Right means: the same words and the same type."
        )
        sentences.append(
            f"{percent(section['accuracy'])} of the words have the right tag, but {percent(section['outside'])} of "
            "them are O: a model that finds nothing reaches that too, so read F1."
        )
        counts = report.outcomes
        near = counts["other boundaries"] + counts["other type"] + counts["other type and boundaries"]
        if overall.true:
            sentences.append(
                f"Of the true entities, {counts['right']:,} are right, {counts['other boundaries']:,} have other "
                f"boundaries, {counts['other type']:,} another type, {counts['other type and boundaries']:,} both, and "
                f"{counts['missed']:,} are missed; {counts['invented']:,} are invented."
            )
        if near > counts["right"]:
            warnings.append("More entities are nearly right than right: look at the boundaries in the rows below.")
    figure = f"{lookup.overall.f1:.3f}" if lookup else ""
    if lookup is not None and overall.f1 >= lookup.overall.f1 > _BY_HEART:
        sentences.append(
            f"Looking each word up reaches {figure} here: these rows need no look at the words around, so they do not "
            "show whether the model would find words that it has never seen."
        )
    elif lookup is not None and overall.f1 < lookup.overall.f1 + HARDLY_BETTER:
        warnings.append(
            f"F1 {overall.f1:.3f} is no sign of learning: looking each word up in the training rows reaches {figure}. "
            "Train longer, or try another learning rate or a pretrained model."
        )
    present = [each for each in report.by_type if each.true]
    never = [each.type for each in present if not each.answered]
    if never:
        warnings.append(f"Never answered, although there are some: {', '.join(never[:10])}.")
    if len(present) > 1:
        weakest = min(present, key=lambda each: each.f1)
        sentences.append(
            f"Weakest type: “{weakest.type}” (F1 {weakest.f1:.3f}). Of its {weakest.true:,}, {percent(weakest.recall)} "
            f"are found; when the model says “{weakest.type}”, it is right in {percent(weakest.precision)}."
        )
    if not overall.true:
        warnings.append("The held-out rows have no entity: F1 says nothing here. Hold out rows that have some.")
    return sentences, warnings


def _blocks(found: TagAnswers, report: EntityReport, words: Sequence[Words] | None, *, plain: bool) -> list[Block]:
    macro = [sum(getattr(each, name) for each in report.by_type) / max(len(report.by_type), 1) for name in _FIGURES]
    rows: list[list[Any]] = [
        [each.type, each.precision, each.recall, each.f1, each.answered, each.true] for each in report.by_type
    ]
    overall = report.overall
    rows.append(["all (micro)", overall.precision, overall.recall, overall.f1, overall.answered, overall.true])
    rows.append(["mean of types (macro)", *macro, None, None])
    kind = "tag" if plain else "type"
    header = [kind, "precision", "recall", "F1", "answered", "true"]
    blocks: list[Block] = [Table(name="by_type", title=f"By {kind}", header=header, rows=rows)]
    if not plain:
        counts: list[list[Any]] = [[name, report.outcomes[name], _MEANS[name]] for name in OUTCOMES]
        header = ["what became of them", "entities", "meaning"]
        blocks.append(Table(name="outcomes", title="Boundaries and types", header=header, rows=counts))
    blocks.append(_matrix(report, plain=plain))
    if words is not None:
        blocks += _texts(found, words, plain=plain)
    return blocks


_FIGURES = ("precision", "recall", "f1")


def _matrix(report: EntityReport, *, plain: bool) -> Matrix:
    labels = [each.type for each in report.by_type] + ([] if plain else [NONE])
    numbers: dict[str | None, int] = {label: number for number, label in enumerate(labels)}
    numbers[None] = len(labels) - 1
    counts = np.zeros((len(labels), len(labels)), np.int64)
    for (true, answered), count in report.pairs.items():
        counts[numbers[true], numbers[answered]] += count
    says = "A row is a true type, a column what the model predicted where they overlap; the diagonal is the right type."
    return Matrix(name="confusion", title="Confusion of types", says=says, labels=labels, counts=counts, of_rows=False)


def _texts(found: TagAnswers, words: Sequence[Words], *, plain: bool) -> list[Block]:
    """The rows with the most mistakes, as the data mark them and as the model does."""
    wrong = []
    for row, (true, given) in enumerate(zip(found.true_tags, found.answered, strict=True)):
        ours, theirs = set(found.entities(given)), set(found.entities(true))
        if ours != theirs:
            wrong.append((len(ours ^ theirs), row, theirs, ours))
    wrong.sort(key=lambda each: (-each[0], each[1]))
    if not wrong:
        return []
    rows = []
    for _, row, theirs, ours in wrong[:SHOWN]:
        shown = (theirs - ours, ours - theirs) if plain else (theirs, ours)
        other = (ours, theirs)
        rows.append([_marked(words[row], each, beside) for each, beside in zip(shown, other, strict=True)])
    title = "Words tagged wrongly" if plain else "Rows with the most mistakes"
    wrong_rows = plural(len(wrong), "row")
    says = f"Of {wrong_rows} with a mistake, those with the most: as the data mark them, and as the model does."
    return [Texts(name="mistakes", title=title, says=says, header=["data", "model"], rows=rows)]


def _marked(words: Words, entities: set[Entity], beside: set[Entity]) -> MarkedText:
    spans = [
        Span(
            start=words.begins[each.first],
            end=words.ends[each.end - 1],
            label=each.type,
            right=each in beside,
        )
        for each in sorted(entities)
    ]
    return MarkedText(text=words.text, spans=spans)


def _entities_of(found: TagAnswers, tags: Sequence[str], words: Sequence[Words] | None, row: int) -> Any:
    """A row's entities, for the list of hardest rows."""
    if words is None or found.scheme == "plain":
        return list(tags)
    here = words[row]
    return [
        f"{here.text[here.begins[each.first] : here.ends[each.end - 1]]} ({each.type})" for each in found.entities(tags)
    ]
