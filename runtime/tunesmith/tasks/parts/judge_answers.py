"""Judging a model that marks answers in a text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.judged import (
    HARDLY_BETTER,
    NOTHING_TO_JUDGE,
    Block,
    Chart,
    Judged,
    Mark,
    MarkedText,
    Panel,
    Span,
    Table,
    Texts,
    percent,
    plural,
)
from tunesmith.scores.squad import exact, f1, normalised
from tunesmith.tasks.parts.answers_found import Answered, figures

SHOWN = 20
AROUND = 200
"""Characters of a context that are shown before and behind an answer."""
_SENTENCE = re.compile(r"[^.!?\n。！？]+[.!?\n。！？]*")
_FIRST = re.compile(r"(\w+)", re.UNICODE)
MOST_KINDS = 12


def judge_answers(
    found: Sequence[Answered], questions: Sequence[str] | None, *, usual_words: int, not_finite: int
) -> Judged:
    """Everything about the answers; `questions` by row, None where only the arrays are left.

    `not_finite`: the number of windows for which the model gave no numbers.
    """
    if not found:
        return NOTHING_TO_JUDGE
    by_row = figures(found)
    without = np.array([not each.right for each in found])
    answered = np.array([bool(each.text) for each in found])
    looked = None if questions is None else _looked_up(found, questions, usual_words)
    none = float(without.mean())
    section: dict[str, Any] = {
        "questions": len(found),
        "f1": float(by_row["f1"].mean()),
        "exact_match": float(by_row["exact_match"].mean()),
        "unanswerable": int(without.sum()),
        "always_none_f1": none if found[0].may_be_none else None,
        "word_overlap_f1": None if looked is None else float(looked.mean()),
        "answered_without_answer": int((answered & without).sum()),
        "not_answered": int((~answered & ~without).sum()),
    }
    sentences, warnings = _words(section, without, by_row)
    if not_finite:
        warnings.insert(
            0,
            f"For {plural(not_finite, 'window')} the model gave numbers that are not finite (NaN or infinity): nothing "
            "was looked for there. Training has most likely diverged; try a lower learning rate.",
        )
    return Judged(
        headline=_headline(section),
        words=sentences,
        warnings=warnings,
        sections={"answers": section},
        blocks=_blocks(found, questions, by_row, without),
        expected=[list(each.right or ()) or None for each in found],
        predicted=[
            {"answer": each.text, "probability": each.as_json()["probability"]} if each.candidates else None
            for each in found
        ],
    )


def _looked_up(found: Sequence[Answered], questions: Sequence[str], words: int) -> NDArray[np.float64]:
    """F1 of the best that counting words can do: of the sentence that shares most words with the question, the words of
    usual number that are not in the question."""
    scores = []
    for each, question in zip(found, questions, strict=True):
        asked = set(normalised(question).split())
        sentences = _SENTENCE.findall(each.context) or [each.context]
        best = max(sentences, key=lambda sentence: len(asked & set(normalised(sentence).split())))
        new = [word for word in best.split() if normalised(word) not in asked]
        scores.append(f1(" ".join(new[:words]), list(each.right or ())))
    return np.array(scores)


def _headline(section: dict[str, Any]) -> str:
    rivals = []
    if section["word_overlap_f1"] is not None:
        rivals.append(f"counting shared words would reach {section['word_overlap_f1']:.3f}")
    if section["always_none_f1"] is not None:
        rivals.append(f"never answering would reach {section['always_none_f1']:.3f}")
    beside = f"; {' and '.join(rivals)}" if rivals else ""
    return (
        f"F1 {section['f1']:.3f} and exact match {percent(section['exact_match'])} on "
        f"{plural(section['questions'], 'held-out question')}{beside}."
    )


def _words(
    section: dict[str, Any], without: NDArray[np.bool_], by_row: dict[str, NDArray[np.float64]]
) -> tuple[list[str], list[str]]:
    sentences = [
        f"{percent(section['exact_match'])} of the answers equal a right one; F1 also counts those that share words "
        "with it. Articles, punctuation and capital letters do not count."
    ]
    warnings = []
    if without.any() and not without.all():
        have, have_not = float(by_row["f1"][~without].mean()), float(by_row["f1"][without].mean())
        sentences.append(
            f"Of the {plural(int((~without).sum()), 'question')} with an answer F1 is {have:.3f}; of the "
            f"{plural(int(without.sum()), 'question')} without one, {percent(have_not)} are left unanswered, as they "
            "should be."
        )
        sentences.append(
            f"{plural(section['not_answered'], 'question')} with an answer got none, and "
            f"{plural(section['answered_without_answer'], 'question')} without one got one all the same."
        )
    rivals = [("counting shared words", section["word_overlap_f1"]), ("never answering", section["always_none_f1"])]
    name, rival = max(((name, value) for name, value in rivals if value is not None), key=_second, default=("", 0.0))
    if name and section["f1"] < rival + HARDLY_BETTER:
        warnings.append(
            f"F1 {section['f1']:.3f} is no sign of learning: {name} reaches {rival:.3f}. Train longer, or try another "
            "learning rate or a larger pretrained model; questions need many rows."
        )
    return sentences, warnings


def _second(pair: tuple[str, float]) -> float:
    return pair[1]


def _blocks(
    found: Sequence[Answered],
    questions: Sequence[str] | None,
    by_row: dict[str, NDArray[np.float64]],
    without: NDArray[np.bool_],
) -> list[Block]:
    blocks: list[Block] = [_by_kind(found, questions, by_row, without)]
    counts, edges = np.histogram(by_row["f1"], bins=10, range=(0, 1))
    bars = Mark(shape="bars", x=edges[:-1], y=counts.astype(np.float64), width=0.1)
    panel = Panel(x_label="F1 of an answer", y_label="questions", marks=[bars])
    says = "Answers at 1 are right, those at 0 share no word with a right one."
    blocks.append(Chart(name="f1", title="How near the answers are", says=says, panels=[panel]))
    if questions is not None:
        blocks += _texts(found, questions, by_row["f1"])
    return blocks


def _by_kind(
    found: Sequence[Answered],
    questions: Sequence[str] | None,
    by_row: dict[str, NDArray[np.float64]],
    without: NDArray[np.bool_],
) -> Table:
    """Figures by the first word of the question, and of questions with and without an answer."""

    def line(name: str, rows: NDArray[np.bool_]) -> list[Any]:
        return [name, float(by_row["f1"][rows].mean()), float(by_row["exact_match"][rows].mean()), int(rows.sum())]

    lines = [line("all", np.ones(len(found), bool))]
    if without.any() and not without.all():
        lines += [line("with an answer", ~without), line("without an answer", without)]
    if questions is not None:
        words = [match[1].lower() if (match := _FIRST.search(each)) else "" for each in questions]
        kinds = [word for word, count in Counter(words).most_common(MOST_KINDS) if word]
        lines += [line(f"{kind} …", np.array([word == kind for word in words])) for kind in kinds]
    header = ["questions", "F1", "exact match", "rows"]
    return Table(name="by_kind", title="By kind of question", header=header, rows=lines)


def _texts(found: Sequence[Answered], questions: Sequence[str], scores: NDArray[np.float64]) -> list[Block]:
    """The worst answers, with the model's and a right one marked in the context."""
    worst = [row for row in np.argsort(scores, kind="stable").tolist() if scores[row] < 1][:SHOWN]
    if not worst:
        return []
    rows = [
        [
            MarkedText(text=questions[row]),
            MarkedText(text="; ".join(found[row].right or ()) or "-"),
            _marked(found[row]),
        ]
        for row in worst
    ]
    says = (
        f"Of {plural(int((scores < 1).sum()), 'question')} not answered rightly, the worst; the answer of the model is "
    )
    return [
        Texts(
            name="mistakes",
            title="Worst answers",
            says=says + "marked in its context.",
            header=["question", "right", "answer of the model"],
            rows=rows,
        )
    ]


def _marked(found: Answered) -> MarkedText:
    """What stands around the answer, with the answer marked."""
    best, right = found.best, found.right or ()
    begin, end = max(0, best.start - AROUND), best.end + AROUND
    if best.start == best.end:
        return MarkedText(text="(no answer)")
    before, behind = "… " if begin else "", " …" if end < len(found.context) else ""
    shift = len(before) - begin
    span = Span(
        start=best.start + shift, end=best.end + shift, label="answer", right=bool(exact(found.text, list(right)))
    )
    return MarkedText(text=f"{before}{found.context[begin:end]}{behind}", spans=[span])
