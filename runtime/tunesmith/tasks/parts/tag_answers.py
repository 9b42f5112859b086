"""What a model answered for each word, row by row, beside what is true. N words of a row, C tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.contracts.task import Facts, Outputs
from tunesmith.data.features import Features
from tunesmith.scores.answers import softmax
from tunesmith.scores.entities import EntityReport, entity_report
from tunesmith.tasks.parts.tags import OUTSIDE, Entity, strict_entities
from tunesmith.tasks.parts.word_tokens import NO_TOKEN
from tunesmith.tasks.parts.words import Words


@dataclass(frozen=True, kw_only=True)
class TagAnswers:
    """By row: `logits` (N, C), NaN for words without a token of their own; `true` (N,) numbers of tags, None where the
    rows have no answers. `labels` are the tags by number; `scheme` says whether they are plain."""

    labels: Sequence[str]
    scheme: str
    logits: Sequence[NDArray[np.float64]]
    own: Sequence[NDArray[np.bool_]]
    true: Sequence[NDArray[np.int64]] | None

    @classmethod
    def of(cls, outputs: Outputs, features: Features, facts: Facts) -> TagAnswers:
        """From the outputs of samples: the windows of a row follow each other."""
        place: Any = features["place"]
        tags: Any = features.get("tags")
        ends = np.flatnonzero(np.diff(np.asarray(features["row"]), append=-1)) + 1  # samples of a row, put together
        bounds = [0, *place.offsets[ends].tolist()]
        own: Any = np.asarray(place.values) != NO_TOKEN
        logits = np.full((len(own), len(facts.labels)), np.nan)
        if own.any():
            logits[own] = np.concatenate(outputs)
        parts = [slice(begin, end) for begin, end in pairwise(bounds)]
        return cls(
            labels=facts.labels,
            scheme=str(facts.values["scheme"]),
            logits=[logits[part] for part in parts],
            own=[own[part] for part in parts],
            true=None if tags is None else [np.asarray(tags.values[part], np.int64) for part in parts],
        )

    @cached_property
    def probabilities(self) -> Sequence[NDArray[np.float64]]:
        """By row, (N, C)."""
        return [softmax(row) for row in self.logits]

    @cached_property
    def answered(self) -> Sequence[list[str]]:
        """By row, the tag of each word. A word without a token of its own goes on as the word before it; what the model
        gave no finite number for is O, or the first of plain tags."""
        return [self._tags(logits, own) for logits, own in zip(self.logits, self.own, strict=True)]

    def _tags(self, logits: NDArray[np.float64], own: NDArray[np.bool_]) -> list[str]:
        finite: Any = np.isfinite(logits).all(axis=1)
        best = np.where(finite, np.argmax(np.where(finite[:, None], logits, 0.0), axis=1), -1).tolist()
        found: list[str] = []
        nothing = OUTSIDE if self.scheme != "plain" else self.labels[0]
        for number, has_token in zip(best, own.tolist(), strict=True):
            if has_token:
                found.append(self.labels[number] if number >= 0 else nothing)
            else:
                found.append(self._like(found[-1]) if found else nothing)
        return found

    def _like(self, before: str) -> str:
        return f"I-{before[2:]}" if self.scheme != "plain" and before != OUTSIDE else before

    @cached_property
    def true_tags(self) -> Sequence[list[str]]:
        """By row, the true tag of each word."""
        assert self.true is not None
        return [[self.labels[number] for number in row.tolist()] for row in self.true]

    def entities(self, tags: Sequence[str]) -> list[Entity]:
        """What the tags of a row spell."""
        return strict_entities(tags, self.scheme)

    @cached_property
    def report(self) -> EntityReport:
        """Of all rows."""
        return entity_report(list(map(self.entities, self.true_tags)), list(map(self.entities, self.answered)))

    @property
    def accuracy(self) -> float:
        """Share of words with the right tag; NaN without words."""
        pairs = [
            one == other
            for truth, given in zip(self.true_tags, self.answered, strict=True)
            for one, other in zip(truth, given, strict=True)
        ]
        return float(np.mean(pairs)) if pairs else float("nan")

    def metrics(self) -> dict[str, float]:
        """By the names a job uses."""
        overall = self.report.overall
        return {
            "f1": overall.f1,
            "f1_macro": self.report.f1_macro,
            "precision": overall.precision,
            "recall": overall.recall,
            "accuracy": self.accuracy,
        }

    def row_losses(self) -> NDArray[np.float64]:
        """The mean of -ln p(true tag) over the words with a token of their own; 0 for a row without any."""
        assert self.true is not None
        found = np.zeros(len(self.true))
        for row, (logits, own, true) in enumerate(zip(self.logits, self.own, self.true, strict=True)):
            if own.any():
                kept = logits[own]
                shifted = kept - kept.max(axis=1, keepdims=True)
                nats = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(kept)), true[own]]
                found[row] = nats.mean()
        return found

    def decode(self, words: Sequence[Words]) -> list[dict[str, Any]]:
        """By row: `spans` with the characters, the text, the label and the probability of each entity; `words` and
        `tags`."""
        answers = []
        for row, found in enumerate(words):
            tags = self.answered[row]
            spans = [self._span(found, entity, row) for entity in self.entities(tags)]
            answers.append({"spans": spans, "words": [found[word] for word in range(len(found))], "tags": tags})
        return answers

    def _span(self, words: Words, entity: Entity, row: int) -> dict[str, Any]:
        """The probability is the least of its words': all of them must be right."""
        start, end = words.begins[entity.first], words.ends[entity.end - 1]
        given = self.probabilities[row][entity.first : entity.end]
        own = self.own[row][entity.first : entity.end]
        sure = float(given[own].max(axis=1).min()) if own.any() else float("nan")
        return {"start": start, "end": end, "text": words.text[start:end], "label": entity.type, "probability": sure}
