"""The likeliest answers in what a model says of every window. L tokens of a sample, the special ones included."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.contracts.task import Outputs
from tunesmith.data.features import Features
from tunesmith.scores.squad import exact, f1
from tunesmith.tasks.parts.question_windows import NO_ANSWER, text_in

BEST = 20
"""Beginnings and ends of a window that are looked at, as in BERT's program for SQuAD."""
KEPT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Characters `start` to `end` of the context, with the sum of both logits; none is (0, 0)."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A row: its `context`, the right answers (None where it has none to compare with), the candidates, best first,
    and the score of no answer."""

    context: str
    right: Sequence[str] | None
    candidates: Sequence[Candidate]
    none: float
    may_be_none: bool

    @cached_property
    def best(self) -> Candidate:
        """What the model answers."""
        nothing = Candidate(start=0, end=0, score=self.none)
        if not self.candidates or (self.may_be_none and self.none > self.candidates[0].score):
            return nothing
        return self.candidates[0]

    @property
    def text(self) -> str:
        """The answer, empty for none."""
        return self.context[self.best.start : self.best.end]

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """Of the candidates, and last of no answer where that may be: the softmax of their scores."""
        scores = np.array([each.score for each in self.candidates] + ([self.none] if self.may_be_none else []))
        if not len(scores):
            return scores
        parts = np.exp(scores - scores.max())
        return np.asarray(parts / parts.sum())

    def as_json(self) -> dict[str, Any]:
        """For prediction: the answer with its place, and the next best ones."""
        given = dict(zip(self.candidates, self.probabilities.tolist(), strict=False))
        nothing = float(self.probabilities[-1]) if self.may_be_none and len(self.probabilities) else 0.0
        best = self.best
        others = [
            {"text": self.context[each.start : each.end], "start": each.start, "end": each.end, "probability": p}
            for each, p in list(given.items())[:KEPT]
        ]
        fields: dict[str, Any] = {
            "answer": self.text,
            "start": best.start,
            "end": best.end,
            "probability": given.get(best, nothing),
        }
        return fields | ({"no_answer_probability": nothing} if self.may_be_none else {}) | {"best": others}


def answers_found(outputs: Outputs, features: Features, *, longest: int, may_be_none: bool) -> list[Answered]:
    """By row. `outputs` are by sample, (L, 2): how likely each token begins and ends the answer, as logits. `longest`:
    tokens of an answer. Windows with numbers that are not finite have no candidates."""
    found = []
    row: Any = np.asarray(features["row"])
    firsts = np.flatnonzero(np.diff(row, prepend=-1)).tolist()
    for sample, after in zip(firsts, [*firsts[1:], len(row)], strict=True):
        best: dict[tuple[int, int], float] = {}
        none = np.inf
        for window in range(sample, after):
            logits = np.asarray(outputs[window], np.float64)
            if not np.isfinite(logits).all():
                continue
            none = min(none, float(logits[NO_ANSWER].sum()))
            for place, score in _candidates(logits, features, window, longest):
                best[place] = max(score, best.get(place, -np.inf))
        ordered = sorted(best.items(), key=lambda item: (-item[1], item[0]))[:BEST]
        found.append(
            Answered(
                context=text_in(features, "context", sample),
                right=json.loads(text_in(features, "answers", sample)) if "answers" in features else None,
                candidates=[Candidate(start=begin, end=end, score=score) for (begin, end), score in ordered],
                none=none,
                may_be_none=may_be_none,
            )
        )
    return found


def _candidates(
    logits: NDArray[np.float64], features: Any, window: int, longest: int
) -> list[tuple[tuple[int, int], float]]:
    """Characters and scores of the best spans within a window."""
    begins, ends = features["begin"][window], features["end"][window]
    first, count = int(features["first"][window]), len(begins)
    start, stop = logits[first : first + count, 0], logits[first : first + count, 1]
    top_start = np.argsort(-start, kind="stable")[:BEST]
    top_stop = np.argsort(-stop, kind="stable")[:BEST]
    sums = start[top_start][:, None] + stop[top_stop][None, :]
    length = top_stop[None, :] - top_start[:, None] + 1
    fits = (length >= 1) & (length <= longest) & (begins[top_start][:, None] < ends[top_stop][None, :])
    places = zip(*np.nonzero(fits), strict=True)
    return [((int(begins[top_start[i]]), int(ends[top_stop[j]])), float(sums[i, j])) for i, j in places]


def figures(found: Sequence[Answered]) -> dict[str, NDArray[np.float64]]:
    """Exact match and F1 of each row."""
    right = [list(each.right or ()) for each in found]
    return {
        "exact_match": np.array([exact(each.text, answers) for each, answers in zip(found, right, strict=True)]),
        "f1": np.array([f1(each.text, answers) for each, answers in zip(found, right, strict=True)]),
    }


def window_losses(outputs: Outputs, features: Features) -> NDArray[np.float64]:
    """Of each sample the mean of -ln p of the first and the last token of the answer, shape (S,)."""
    targets = np.stack([np.asarray(features["start"]), np.asarray(features["stop"])], axis=1)
    found = np.zeros(len(targets))
    for sample, target in enumerate(targets):
        logits = np.asarray(outputs[sample], np.float64)
        shifted = logits - logits.max(axis=0)
        nats = np.log(np.exp(shifted).sum(axis=0)) - shifted[target, [0, 1]]
        found[sample] = nats.mean()
    return found
