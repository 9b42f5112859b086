"""Judging texts that a model writes: beside the right ones, and beside what needs no model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.data.arrays import spread
from tunesmith.judged import Block, Chart, Judged, Mark, MarkedText, Panel, Table, Texts, percent, plural
from tunesmith.scores.language import language_scores
from tunesmith.scores.texts import Overlap, overlap, rouge_l, tokenizer_for, tokens
from tunesmith.tasks.parts.untuned_texts import UntunedTexts

SHOWN = 10
LONGEST = 500
FEW = 20
"""Texts below which figures say little."""
COPIES = 0.2
EMPTY = 0.05
SHORT, LONG = 0.6, 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """The figures of the texts that the model was asked for `before` it was tuned, and those of the same rows `now`."""

    before: Overlap
    now: Overlap


def judge_texts(
    outputs: NDArray[np.float64],
    sources: Sequence[str],
    references: Sequence[str],
    answers: Sequence[str],
    *,
    before: UntunedTexts | None = None,
) -> Judged:
    """All there is to say. `outputs` (N, 2): negative log-likelihood and number of tokens of each target; `answers`:
    what is written for the first rows; `before`: what the model made of these rows before it was tuned."""
    language = language_scores(outputs).as_json()
    if before is not None:
        language["loss_before_tuning"] = language_scores(before.outputs).as_json()["loss"]
    warnings = []
    if language["not_finite"]:
        warnings.append(
            f"{plural(language['not_finite'], 'row')} got a loss that is not finite: no loss of all rows can be given. "
            "Training has most likely diverged; try a lower learning rate."
        )
    sources, references = list(sources[: len(answers)]), list(references[: len(answers)])
    losses = [float(nats / count) if count else None for nats, count in outputs.tolist()]
    written = [*answers, *[None] * (len(outputs) - len(answers))]
    predicted: list[Any] = [
        {"loss_per_token": loss} if text is None else text for loss, text in zip(losses, written, strict=True)
    ]
    if not answers:
        untuned = "" if before is None else f", {language['loss_before_tuning']:.4f} before tuning"
        return Judged(
            headline=f"Loss {language['loss']:.4f} a token on {plural(len(outputs), 'held-out row')}{untuned}; nothing "
            "was written.",
            warnings=warnings,
            sections={"language": language},
            expected=[None] * len(outputs),
            predicted=predicted,
        )
    own = overlap(answers, references, sources)
    others = {"the source itself": overlap(sources, references, sources)}
    name, begin = _beginnings(sources, references)
    if any(len(one) < len(other.strip()) for one, other in zip(begin, sources, strict=True)):
        others[name] = overlap(begin, references, sources)
    main = "rouge_l" if own.chrf is None else "chrf"
    gain = None if before is None else _gain(before, sources, references, answers)
    name, best = max(others.items(), key=lambda item: _figure(item[1], main))
    return Judged(
        headline=_headline(own, best, name, main, gain),
        words=_words(own, best, name, main, gain, language),
        warnings=[*warnings, *_warnings(own, best, name, main, gain, others["the source itself"])],
        sections={"texts": _section(own, others, gain), "language": language},
        blocks=[_table(own, others, gain), _lengths(answers, references), *_side_by_side(sources, references, answers)],
        expected=[*references, *[None] * (len(outputs) - len(references))],
        predicted=predicted,
    )


def _beginnings(sources: Sequence[str], references: Sequence[str]) -> tuple[str, list[str]]:
    """The sources cut to the usual length of a reference: what the first sentence is to a summary."""
    if tokenizer_for(references) != "13a":  # no spaces between words
        signs = max(1, round(median(map(len, references))))
        return f"the source's first {plural(signs, 'sign')}", [text.strip()[:signs] for text in sources]
    words = max(1, round(median(len(text.split()) for text in references)))
    return f"the source's first {plural(words, 'word')}", [" ".join(text.split()[:words]) for text in sources]


def _gain(
    before: UntunedTexts, sources: Sequence[str], references: Sequence[str], answers: Sequence[str]
) -> Gain | None:
    """None where no text was written before tuning."""
    rows = [row for row in sorted(before.written) if row < len(answers)]
    if not rows:
        return None
    right, read = [references[row] for row in rows], [sources[row] for row in rows]
    return Gain(
        before=overlap([before.written[row] for row in rows], right, read),
        now=overlap([answers[row] for row in rows], right, read),
    )


def _figure(scores: Overlap, name: str) -> float:
    return scores.metrics()[name]


_CALLED = {"chrf": "chrF", "rouge_l": "ROUGE-L"}


def _headline(own: Overlap, best: Overlap, name: str, main: str, gain: Gain | None) -> str:
    figure = f"{_CALLED[main]} {_written(main, _figure(own, main))}, {percent(own.exact_match)} exactly right"
    return (
        f"{figure} on {plural(own.texts, 'held-out text')}; {name} as the answer reaches "
        f"{_written(main, _figure(best, main))}{_of_untuned(own, main, gain)}."
    )


def _of_untuned(own: Overlap, main: str, gain: Gain | None) -> str:
    """The untuned model's figure, for the headline; where it wrote for fewer rows, beside that of the same rows now."""
    if gain is None:
        return ""
    reached = f", the untuned model {_written(main, _figure(gain.before, main))}"
    if gain.before.texts == own.texts:
        return reached
    now = _written(main, _figure(gain.now, main))
    return f"{reached} on the {gain.before.texts:,} of them that it was asked for (tuned: {now})"


def _written(name: str, value: float) -> str:
    return f"{value:.1f}" if name in ("chrf", "bleu") else f"{value:.3f}"


def _words(own: Overlap, best: Overlap, name: str, main: str, gain: Gain | None, language: dict[str, Any]) -> list[str]:
    gained = _figure(own, main) - _figure(best, main)
    more = "more" if gained >= 0 else "less"
    untuned = language.get("loss_before_tuning")
    before = "" if untuned is None else f", and {untuned:.3f} before tuning"
    return [
        f"That is {_written(main, abs(gained))} points {more} than an answer that needs no model, {name}."
        if main == "chrf"
        else f"That is {_written(main, abs(gained))} {more} than an answer that needs no model, {name}.",
        *_words_of_gain(main, gain),
        f"{percent(own.exact_match)} of the answers are the reference, letter for letter; ROUGE-L is "
        f"{own.rouge_l:.3f}, and the answers have {own.length_ratio:.2f} times the letters of the references.",
        f"Each token of a reference costs the model {language['loss']:.3f} nats (perplexity "
        f"{language['perplexity']:.4g}){before}; compare that only between models with the same tokenizer.",
        "No such figure knows what a text means: read some answers before you trust them.",
    ]


def _words_of_gain(main: str, gain: Gain | None) -> list[str]:
    if gain is None:
        return []
    before, now = (_written(main, _figure(scores, main)) for scores in (gain.before, gain.now))
    return [f"On {plural(gain.now.texts, 'text')} tuning took {_CALLED[main]} from {before} to {now}."]


def _warnings(own: Overlap, best: Overlap, name: str, main: str, gain: Gain | None, copied: Overlap) -> list[str]:
    found = []
    if gain is not None and _figure(gain.now, main) < _figure(gain.before, main):
        found.append(
            f"The untuned model writes better answers ({_CALLED[main]} {_written(main, _figure(gain.before, main))} "
            f"against {_written(main, _figure(gain.now, main))}): tuning made it worse. Try a lower learning rate."
        )
    if _figure(own, main) <= _figure(best, main):
        found.append(
            f"The model is no better than {name}: nothing useful has been learnt yet. More rows, more epochs or a "
            "model that was pretrained on such texts are what helps."
        )
    if own.empty > EMPTY:
        found.append(f"{percent(own.empty)} of the answers are empty.")
    if own.copies > COPIES and own.copies > 2 * copied.exact_match:
        found.append(f"{percent(own.copies)} of the answers are the source as it is.")
    if own.length_ratio < SHORT:
        found.append("The answers are much shorter than the references: look whether data.max_target_length cuts them.")
    if own.length_ratio > LONG:
        found.append(
            "The answers are much longer than the references: the model repeats itself or does not end. "
            "data.no_repeat: 3 forbids repeated runs of three tokens."
        )
    if own.chrf is None:
        found.append("chrF and BLEU are missing: they need the package sacrebleu (pip install 'tunesmith[text]').")
    if own.texts < FEW:
        found.append(f"{plural(own.texts, 'text')} are too few to tell one model from another by these figures.")
    return found


def _section(own: Overlap, others: dict[str, Overlap], gain: Gain | None) -> dict[str, Any]:
    figures = {
        **own.metrics(),
        "texts": own.texts,
        "copies": own.copies,
        "empty": own.empty,
        "length_ratio": own.length_ratio,
        "signatures": list(own.signatures),
    }
    if gain is not None:
        figures["untuned"] = {**gain.before.metrics(), "texts": gain.before.texts, "tuned": gain.now.metrics()}
    return {**figures, "without_a_model": {name: scores.metrics() for name, scores in others.items()}}


def _table(own: Overlap, others: dict[str, Overlap], gain: Gain | None) -> Table:
    columns = {"chrF": "chrf", "BLEU": "bleu", "ROUGE-L": "rouge_l", "exact match": "exact_match"}
    every = {"the model": own, **others}
    if gain is not None and gain.before.texts == own.texts:
        every["the untuned model"] = gain.before
    elif gain is not None:
        every[f"the untuned model, {plural(gain.before.texts, 'text')}"] = gain.before
        every["the model, the same texts"] = gain.now
    rows = [
        [name, *(scores.metrics().get(metric) for metric in columns.values()), scores.length_ratio]
        for name, scores in every.items()
    ]
    header = ["answer", *columns, "length ratio"]
    return Table(name="overlap", title="Answers beside what needs no tuning", header=header, rows=rows)


def _lengths(answers: Sequence[str], references: Sequence[str]) -> Chart:
    """How much longer or shorter than its reference each answer is."""
    ratios = [len(one) / max(len(other), 1) for one, other in zip(answers, references, strict=True)]
    counts, edges = np.histogram(np.clip(ratios, 0, 3), bins=30, range=(0, 3))
    bars = Mark(shape="bars", x=edges[:-1], y=counts.astype(np.float64), width=float(edges[1] - edges[0]))
    equal = Mark(shape="line", x=np.ones(2), y=np.array([0.0, float(counts.max())]), label="as long", reference=True)
    panel = Panel(x_label="length of the answer / of the reference (3: or more)", y_label="texts", marks=[bars, equal])
    says = "Left of 1 the answers are too short, right of it too long."
    return Chart(name="lengths", title="Lengths", says=says, panels=[panel])


def _side_by_side(sources: Sequence[str], references: Sequence[str], answers: Sequence[str]) -> list[Block]:
    """Some rows as they come, and the worst."""
    scores = [
        (rouge_l(tokens(answer), tokens(reference)), rouge_l([*answer[:LONGEST]], [*reference[:LONGEST]]))
        for answer, reference in zip(answers, references, strict=True)
    ]
    worst = sorted(range(len(answers)), key=lambda row: scores[row])[:SHOWN]
    header = ["source", "reference", "answer"]

    def rows(chosen: Sequence[int]) -> list[list[MarkedText]]:
        return [[_cell(texts[row]) for texts in (sources, references, answers)] for row in chosen]

    return [
        Texts(
            name="answers",
            title="Answers",
            says="Evenly spread over the rows.",
            header=header,
            rows=rows(spread(len(answers), SHOWN)),
        ),
        Texts(
            name="worst",
            title="Worst answers",
            says="Those that share the fewest words, then the fewest letters, with their reference.",
            header=header,
            rows=rows(worst),
        ),
    ]


def _cell(text: str) -> MarkedText:
    return MarkedText(text=text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
