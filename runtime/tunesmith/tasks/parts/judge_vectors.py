"""Judging vectors of texts: by the order in which they rank, or by how their cosines follow scores.

N rows, K texts a row, D numbers of a vector, Q queries, C texts to be found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.judged import (
    NOTHING_TO_JUDGE,
    Cell,
    Chart,
    Judged,
    Mark,
    MarkedText,
    Panel,
    Table,
    Texts,
    decimals,
    plural,
)
from tunesmith.scores.rankings import Ranking, correlations, figures_of_places, similarities
from tunesmith.tasks.parts.pairs import text_columns
from tunesmith.tasks.parts.word_vectors import WordSearch

if TYPE_CHECKING:
    from tunesmith.data.features import Features
    from tunesmith.data.rows import Rows

SHOWN = 12
FEW_TEXTS = 50
WORDS_TO_COMPARE = 20_000  # texts: beyond, counting words takes longer than it is worth
NAMES = {"recall_at_1": "R@1", "recall_at_10": "R@10", "mrr": "MRR", "ndcg_at_10": "nDCG@10"}

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The distinct anchors as queries, the distinct other texts as documents, and which are right for which.

    `asked` (Q, 2) and `found` (C, 2) hold the row and the place within it where a text first stands, `pairs` (P, 2) and
    `excluded` (E, 2) numbers of query and document, `pair_of` (N,) the pair of each row.
    """

    asked: Numbers
    found: Numbers
    pairs: Numbers
    excluded: Numbers
    pair_of: Numbers


def search_of(features: Features) -> Search:
    """What the held-out rows ask and what there is to find: all their positives and negatives, each text once. A text
    is not to be found by itself, unless it is right."""
    texts_NK = np.asarray(features["text"], np.int64)
    queries, asked, query_of = np.unique(texts_NK[:, 0], return_index=True, return_inverse=True)
    others = texts_NK[:, 1:]
    documents, place, document_of = np.unique(others.reshape(-1), return_index=True, return_inverse=True)
    document_of = document_of.reshape(others.shape)
    if documents.size and (documents == 0).any():  # an empty text stands for a negative that is not there
        (nothing,) = np.flatnonzero(documents == 0)
        place = np.delete(place, nothing)
        documents = np.delete(documents, nothing)
        document_of = document_of - (document_of > nothing)
    pairs, pair_of = np.unique(np.stack([query_of, document_of[:, 0]], axis=1), axis=0, return_inverse=True)
    itself = np.searchsorted(documents, queries)
    itself = np.where(np.append(documents, 0)[itself] == queries, itself, -1)
    excluded = np.stack([np.flatnonzero(itself >= 0), itself[itself >= 0]], axis=1).astype(np.int64)
    is_right = (
        (excluded[:, None, :] == pairs[None, :, :]).all(axis=2).any(axis=1) if len(excluded) else np.zeros(0, bool)
    )
    return Search(
        asked=np.stack([asked, np.zeros_like(asked)], axis=1),
        found=np.stack([place // others.shape[1], 1 + place % others.shape[1]], axis=1),
        pairs=pairs,
        excluded=excluded[~is_right],
        pair_of=pair_of.reshape(-1),
    )


def ranking_of(outputs: Vectors, search: Search, temperature: float) -> Ranking:
    """Of the vectors (N, K, D) of the held-out rows."""
    queries = outputs[search.asked[:, 0], search.asked[:, 1]]
    documents = outputs[search.found[:, 0], search.found[:, 1]]
    return _ranking(lambda begin, end: similarities(queries[begin:end], documents), search, temperature)


def _ranking(similar: Callable[[int, int], Vectors], search: Search, temperature: float) -> Ranking:
    return Ranking(
        similar,
        queries=len(search.asked),
        documents=len(search.found),
        right=search.pairs,
        excluded=search.excluded,
        temperature=temperature,
    )


def figures_of_vectors(outputs: Vectors, features: Features, temperature: float) -> dict[str, float]:
    """The metrics, by name."""
    if "score" in features:
        return correlations(cosines_of(outputs), np.asarray(features["score"]))
    found = ranking_of(outputs, search_of(features), temperature)
    return figures_of_places(found.places, found.right[:, 0])


def before_tuning(outputs: Vectors, features: Features) -> NDArray[np.generic]:
    """Of each row the cosine; without scores the place of its right text. Shape (N,)."""
    if "score" in features:
        return cosines_of(outputs)
    search = search_of(features)
    return ranking_of(outputs, search, temperature=1.0).places[search.pair_of]


def cosines_of(outputs: Vectors) -> NDArray[np.float64]:
    """Of the first two texts of each row, shape (N,)."""
    one, other = outputs[:, 0].astype(np.float64), outputs[:, 1].astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = (one * other).sum(-1) / (
            np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
        )
    return found


def row_losses(outputs: Vectors, features: Features, temperature: float) -> NDArray[np.float64]:
    """The squared error of the cosine; without scores the surprise at the right text among all that can be found."""
    if "score" in features:
        return (cosines_of(outputs) - np.asarray(features["score"], np.float64)) ** 2
    search = search_of(features)
    return ranking_of(outputs, search, temperature).losses[search.pair_of]


def decode_vectors(outputs: Vectors) -> list[dict[str, Any]]:
    """The vector of a text; of two texts also how alike they are."""
    if outputs.shape[1] < 2:
        return [{"embedding": row[0].tolist()} for row in outputs]
    return [{"similarity": value} for value in cosines_of(outputs).tolist()]


def judge_vectors(outputs: Vectors, features: Features, rows: Rows | None, temperature: float) -> Judged:
    """Everything about the vectors of held-out rows."""
    if not len(outputs):
        return NOTHING_TO_JUDGE
    if "score" in features:
        return _judge_scores(cosines_of(outputs), np.asarray(features["score"], np.float64), features, rows)
    return _judge_ranking(outputs, features, rows, temperature)


def _judge_ranking(outputs: Vectors, features: Features, rows: Rows | None, temperature: float) -> Judged:
    search = search_of(features)
    found = ranking_of(outputs, search, temperature)
    figures = figures_of_places(found.places, found.right[:, 0])
    beside = _others(features, rows, search)
    queries, texts = plural(found.queries, "query", "queries"), plural(found.documents, "text")
    words = [
        f"Each of {queries} was searched for among {texts}: "
        "all positives and negatives of these held-out rows, each once, and none of the training rows.",
    ]
    warnings = []
    if not np.isfinite(outputs).all():
        warnings.append("Some vectors hold numbers that are not finite: training has most likely diverged.")
    elif _look_alike(outputs):
        warnings.append("All vectors are nearly the same: the model tells no text from another.")
    if found.documents < FEW_TEXTS:
        warnings.append(f"There are only {texts} to be found: among so few even a poor model finds much.")
    warnings += [
        f"The model finds less than {name} (R@1 {other['recall_at_1']:.3f}): do not use it for search."
        for name, other in beside.items()
        if figures["recall_at_1"] < other["recall_at_1"]
    ]
    half = int(np.median(found.places))
    words.append(f"Half of the right texts stand at place {half} or higher.")
    if "before" not in features:
        words.append("The untuned model was not measured on these rows, so what tuning changed is not known.")
    chance = f"guessing would put {1 / found.documents:.3f}"
    headline = (
        f"Puts the right text first for {figures['recall_at_1']:.1%} of {queries} among {texts}, and within the first "
        f"ten for {figures['recall_at_10']:.1%}"
    )
    others = "; ".join(f"{name}: {other['recall_at_1']:.1%} first" for name, other in beside.items())
    headline += f" ({others})." if others else f" ({chance})."
    return Judged(
        headline=headline,
        words=words,
        warnings=warnings,
        sections={"ranking": {"queries": found.queries, "texts": found.documents, **figures, "beside": beside}},
        blocks=[_figures_table(figures, beside), _places_chart(found.places), *_examples(found, search, rows)],
        expected=[1] * len(outputs),
        predicted=found.places[search.pair_of].tolist(),
    )


def _look_alike(outputs: Vectors) -> bool:
    vectors = outputs.reshape(-1, outputs.shape[-1])[:1000]
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(norms > 0, norms, 1)
    return len(unit) > 1 and float((unit @ unit[0]).min()) > 0.999


def _others(features: Features, rows: Rows | None, search: Search) -> dict[str, dict[str, float]]:
    """The figures of what the model is compared with: the untuned model, and words counted."""
    found = {}
    if "before" in features:
        places = np.zeros(len(search.pairs), np.int64)
        places[search.pair_of] = np.asarray(features["before"], np.int64)
        found["the untuned model"] = figures_of_places(places, search.pairs[:, 0])
    if rows is not None and len(search.found) <= WORDS_TO_COMPARE:
        columns = text_columns(rows)
        asked = [columns[place][row] for row, place in search.asked.tolist()]
        texts = [columns[place][row] for row, place in search.found.tolist()]
        words = WordSearch(texts)
        by_words = _ranking(lambda begin, end: words.similarities(asked[begin:end]), search, temperature=1.0)
        found["words in common (TF-IDF)"] = figures_of_places(by_words.places, by_words.right[:, 0])
    return found


def _figures_table(figures: dict[str, float], beside: dict[str, dict[str, float]]) -> Table:
    lines: list[list[Cell]] = [["this model", *(figures[name] for name in NAMES)]]
    lines += [[who, *(other[name] for name in NAMES)] for who, other in beside.items()]
    return Table(name="ranking", title="Found among all held-out texts", header=["", *NAMES.values()], rows=lines)


def _places_chart(places: Numbers) -> Chart:
    ordered = np.sort(places).astype(np.float64)
    share = np.arange(1, len(ordered) + 1) / len(ordered)
    mark = Mark(shape="step", x=ordered, y=share)
    panel = Panel(x_label="place", y_label="share of right texts found", marks=[mark], unit="y")
    says = "How many of the right texts are found when so many places are looked at."
    return Chart(name="places", title="Places of the right texts", says=says, panels=[panel])


def _examples(found: Ranking, search: Search, rows: Rows | None) -> list[Texts]:
    """The queries whose right text stands lowest, with what was ranked first."""
    wrong = [pair for pair in np.argsort(-found.places, kind="stable")[:SHOWN].tolist() if found.places[pair] > 1]
    if rows is None or not wrong:
        return []
    columns = text_columns(rows)

    def text_at(where: Numbers) -> MarkedText:
        row, place = where.tolist()
        return MarkedText(text=columns[place][row])

    lines = []
    for pair in wrong:
        query, document = found.right[pair]
        place = MarkedText(text=decimals(int(found.places[pair])))
        lines.append(
            [
                text_at(search.asked[query]),
                text_at(search.found[document]),
                place,
                text_at(search.found[found.first[query]]),
            ]
        )
    return [
        Texts(
            name="worst",
            title="Furthest from the first place",
            says="Look whether the text that was ranked first is right, too: then it is no fault of the model.",
            header=["asked", "right", "its place", "ranked first"],
            rows=lines,
        )
    ]


def _judge_scores(
    cosines: NDArray[np.float64], scores: NDArray[np.float64], features: Features, rows: Rows | None
) -> Judged:
    figures = correlations(cosines, scores)
    spearman = figures["spearman"]
    before = correlations(np.asarray(features["before"]), scores)["spearman"] if "before" in features else None
    warnings = []
    if not np.isfinite(cosines).all():
        warnings.append("Some vectors hold numbers that are not finite: training has most likely diverged.")
    elif not np.isfinite(spearman):
        warnings.append("All scores, or all similarities, are equal: their order cannot be judged.")
    elif before is not None and spearman < before:
        warnings.append(f"The untuned model keeps the order better ({before:.3f}): tuning made it worse.")
    untuned = f"; the untuned model: {before:.3f}" if before is not None else ""
    headline = (
        f"Similarities keep the order of the scores with a rank correlation of {spearman:.3f} on "
        f"{plural(len(scores), 'held-out pair')}{untuned}."
    )
    x = np.array([scores.min(), scores.max()])
    panel = Panel(x_label="score", y_label="similarity", marks=[Mark(shape="points", x=scores, y=cosines)])
    says = "Scores beyond -1 to 1 are stretched to 0 to 1. A rising cloud is right; how steep it is does not matter."
    beside = {} if before is None else {"the untuned model": before}
    usable = bool(np.isfinite(cosines).all()) and len(x) == 2
    return Judged(
        headline=headline,
        words=["A rank correlation of 1 is the same order, 0 is no order at all."],
        warnings=warnings,
        sections={"similarity": {"pairs": len(scores), **figures, "beside": beside}},
        blocks=[
            *(
                [Chart(name="similarities", title="Scores and similarities", says=says, panels=[panel])]
                if usable
                else []
            ),
            *_scored_examples(cosines, scores, rows),
        ],
        expected=scores.tolist(),
        predicted=cosines.tolist(),
    )


def _scored_examples(cosines: NDArray[np.float64], scores: NDArray[np.float64], rows: Rows | None) -> list[Texts]:
    """The pairs whose similarity is furthest off the score, both by their place in the order."""
    from tunesmith.scores.rankings import ranks

    if rows is None or len(scores) < 2 or not np.isfinite(cosines).all():
        return []
    off = ranks(cosines) - ranks(scores)
    columns = text_columns(rows)
    lines = [
        [
            *(MarkedText(text=columns[place][row]) for place in (0, 1)),
            *(MarkedText(text=f"{each[row]:.2f}") for each in (scores, cosines)),
        ]
        for row in np.argsort(-np.abs(off), kind="stable")[:SHOWN].tolist()
    ]
    header = ["one text", "the other", "score", "similarity"]
    return [Texts(name="worst", title="Furthest from their place in the order", header=header, rows=lines)]
