"""Figures for texts that a model writes, beside those that it should have written. N texts.

chrF and BLEU are sacrebleu's, with its signature, so that they may be compared with published ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import fmean

from tunesmith.scores.metrics import Metric

_SYLLABLES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9d"
"""Thai, Lao, Burmese, Khmer and Japanese."""
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED = re.compile(f"[{_SYLLABLES}{_HAN}]")
_TOKEN = re.compile(rf"[{_SYLLABLES}{_HAN}]|[^\W{_SYLLABLES}{_HAN}]+")
MOSTLY = 0.3
"""Share of signs of languages without spaces from which on words are no unit to count in."""


CHRF = Metric(
    name="chrf",
    lower_is_better=False,
    range="0 to 100",
    help="How many short pieces of letters the written texts and the right ones share; needs the package sacrebleu.",
    formula="100 * 5PR / (4P + R), P and R the mean precision and recall of 1 to 6 letters in a row",
    source="Popovic 2015, doi:10.18653/v1/W15-3049; sacrebleu's CHRF",
    dear=True,
)
BLEU = Metric(
    name="bleu",
    lower_is_better=False,
    range="0 to 100",
    help="How many runs of 1 to 4 words of the written texts stand in the right ones; needs the package sacrebleu.",
    formula="100 * min(1, exp(1 - right words / written words)) * (p1 p2 p3 p4)^(1/4), p the precisions",
    source="Papineni et al. 2002, doi:10.3115/1073083.1073135; sacrebleu's BLEU",
    dear=True,
)
ROUGE_L = Metric(
    name="rouge_l",
    lower_is_better=False,
    range="0 to 1",
    help="Length of the longest run of words, gaps allowed, that a written text shares with the right one; their F1.",
    formula="mean of 2 * common / (written words + right words)",
    source="Lin 2004, ROUGE: a package for automatic evaluation of summaries",
    dear=True,
)
EXACT_MATCH = Metric(
    name="exact_match",
    lower_is_better=False,
    range="0 to 1",
    help="Share of the written texts that are the right ones, letter for letter.",
    formula="equal texts / texts",
    dear=True,
)

OF_TEXTS = (CHRF, BLEU, ROUGE_L, EXACT_MATCH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """`chrf` and `bleu` from 0 to 100 (None without sacrebleu), the others from 0 to 1. `signatures`: how sacrebleu
    computed its figures. `length_ratio`: letters of the answers to those of the references. `copies`: answers that are
    their source."""

    texts: int
    chrf: float | None
    bleu: float | None
    rouge_l: float
    exact_match: float
    copies: float
    empty: float
    length_ratio: float
    signatures: tuple[str, ...]

    def metrics(self) -> dict[str, float]:
        """By the names a job uses."""
        named = {"chrf": self.chrf, "bleu": self.bleu, "rouge_l": self.rouge_l, "exact_match": self.exact_match}
        return {name: value for name, value in named.items() if value is not None}


def overlap(answers: Sequence[str], references: Sequence[str], sources: Sequence[str]) -> Overlap:
    """The figures of these answers; all of the same length, at least 1."""
    of_answers, of_references = ([tokens(text) for text in texts] for texts in (answers, references))
    pairs = list(zip(answers, references, strict=True))
    chrf, bleu, signatures = _of_sacrebleu(answers, references)
    return Overlap(
        texts=len(pairs),
        chrf=chrf,
        bleu=bleu,
        rouge_l=fmean(rouge_l(*each) for each in zip(of_answers, of_references, strict=True)),
        exact_match=fmean(answer.strip() == reference.strip() for answer, reference in pairs),
        copies=fmean(answer.strip() == source.strip() for answer, source in zip(answers, sources, strict=True)),
        empty=fmean(not answer.strip() for answer in answers),
        length_ratio=sum(map(len, answers)) / max(sum(map(len, references)), 1),
        signatures=signatures,
    )


def has_sacrebleu() -> bool:
    """Whether chrF and BLEU can be computed."""
    return find_spec("sacrebleu") is not None


def _of_sacrebleu(
    answers: Sequence[str], references: Sequence[str]
) -> tuple[float | None, float | None, tuple[str, ...]]:
    if not has_sacrebleu():
        return None, None, ()
    from sacrebleu.metrics import bleu, chrf

    found: list[float] = []
    signatures = []
    for name, metric in (("chrF", chrf.CHRF()), ("BLEU", bleu.BLEU(tokenize=tokenizer_for(references)))):
        found.append(float(metric.corpus_score(list(answers), [list(references)]).score))
        signatures.append(f"{name}|{metric.get_signature()}")
    return found[0], found[1], tuple(signatures)


def tokenizer_for(references: Sequence[str]) -> str:
    """What sacrebleu is to cut these texts with for BLEU: words and marks (13a), Chinese (zh), or signs (char)."""
    text = "".join(references)
    signs = sum(not sign.isspace() for sign in text)
    if not signs or len(_UNSPACED.findall(text)) < MOSTLY * signs:
        return "13a"
    return "char" if re.search(f"[{_SYLLABLES}]", text) else "zh"


def tokens(text: str) -> list[str]:
    """Words in small letters, without marks; each sign by itself where a language puts no spaces between words."""
    return _TOKEN.findall(text.lower())


def rouge_l(answer: Sequence[str], reference: Sequence[str]) -> float:
    """The F1 of the longest sequence of tokens that stands in both, in order. Two empty texts are equal: 1.

    Source: Lin 2004, "ROUGE: a package for automatic evaluation of summaries".
    """
    if not answer or not reference:
        return float(answer == reference)
    return 2 * common(answer, reference) / (len(answer) + len(reference))


def common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest sequence that stands in both, in order, not necessarily without gaps.

    A bit for each token of `one`: a row of the usual table is one whole number. Source: Hyyro 2004, "Bit-parallel LCS
    length computation revisited".
    """
    places: dict[str, int] = {}
    for place, token in enumerate(one):
        places[token] = places.get(token, 0) | 1 << place
    full = (1 << len(one)) - 1
    row = full
    for token in other:
        matched = row & places.get(token, 0)
        row = (row + matched | row - matched) & full
    return len(one) - row.bit_count()
