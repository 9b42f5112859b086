"""How high the right answers stand when everything is ranked, and how well numbers keep an order.

Q queries, C documents, D numbers of a vector, P pairs of a query and a document that is right for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 4_000_000  # similarities in memory
CUT = 10  # of the figures "at 10"

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]


def similarities(queries_QD: Vectors, documents_CD: Vectors) -> Vectors:
    """Cosines, shape (Q, C); -inf where a vector has no direction or holds what is no number."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        queries, documents = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (queries_QD, documents_CD))
        found: Vectors = (queries @ documents.T).astype(np.float32)
    found[np.isnan(found)] = -np.inf
    return found


class Ranking:
    """Where each right document stands for its query among all documents that are not `excluded` for it.

    `similar` gives the similarities (b, C) of the queries from one number to another. `right` (P, 2) and `excluded`
    (E, 2) hold numbers of query and document. `places` (P,) begin at 1. A document that is no better than the right one
    counts as standing before it where it is as good: a model to which all look alike finds nothing. `first` (Q,) is the
    document that stands first, and `losses` (P,) is -ln of the share that the right document has in the softmax over
    all, at `temperature`.
    """

    def __init__(
        self,
        similar: Callable[[int, int], Vectors],
        *,
        queries: int,
        documents: int,
        right: Numbers,
        excluded: Numbers,
        temperature: float,
    ) -> None:
        self.queries, self.documents, self.right = queries, documents, right
        self.places = np.zeros(len(right), np.int64)
        self.first = np.zeros(self.queries, np.int64)
        self.losses = np.zeros(len(right), np.float64)
        step = max(1, AT_ONCE // max(1, self.documents))
        by_query = np.argsort(right[:, 0], kind="stable")
        owners = right[by_query, 0]
        for begin in range(0, self.queries, step):
            end = min(begin + step, self.queries)
            block = similar(begin, end)
            gone = excluded[(excluded[:, 0] >= begin) & (excluded[:, 0] < end)]
            mine = by_query[np.searchsorted(owners, begin) : np.searchsorted(owners, end)]
            self._look(block, begin, gone, mine, temperature)

    def _look(self, block: Vectors, begin: int, gone: Numbers, mine: Numbers, temperature: float) -> None:
        """Of the queries from `begin` on: `mine` are the numbers of their pairs."""
        wrong = block.copy()
        wrong[gone[:, 0] - begin, gone[:, 1]] = -np.inf
        self.first[begin : begin + len(block)] = wrong.argmax(axis=1)
        left = np.full(len(block), self.documents) - np.bincount(gone[:, 0] - begin, minlength=len(block))
        with np.errstate(invalid="ignore", divide="ignore"):
            top = wrong.max(axis=1, keepdims=True)
            sums = np.exp((wrong - top).astype(np.float64) / temperature).sum(axis=1)
        wrong[self.right[mine, 0] - begin, self.right[mine, 1]] = np.nan  # compares as false
        for pair in mine.tolist():
            query, document = self.right[pair]
            row = query - begin
            value = block[row, document]
            with np.errstate(invalid="ignore"):
                self.losses[pair] = np.log(sums[row]) - float(value - top[row, 0]) / temperature
            if not np.isfinite(value):
                self.places[pair] = left[row]
                continue
            others = self._others(pair, mine, query)
            better = int((block[row, self.right[others, 1]] > value).sum())
            equal_before = int((block[row, self.right[others[others < pair], 1]] == value).sum())
            self.places[pair] = 1 + int((wrong[row] >= value).sum()) + better + equal_before

    def _others(self, pair: int, mine: Numbers, query: int) -> Numbers:
        """The other right documents of the query."""
        return np.asarray(mine[(self.right[mine, 0] == query) & (mine != pair)])


def figures_of_places(places: Numbers, queries: Numbers) -> dict[str, float]:
    """recall_at_1, recall_at_10, mrr and ndcg_at_10: of each query, then their mean. Both of shape (P,)."""
    if not len(places):
        return dict.fromkeys(("recall_at_1", "recall_at_10", "mrr", "ndcg_at_10"), float("nan"))
    _, owner = np.unique(queries, return_inverse=True)
    count = np.bincount(owner)
    found = {f"recall_at_{k}": np.bincount(owner, places <= k) / count for k in (1, CUT)}
    first = np.full(len(count), np.iinfo(np.int64).max)
    np.minimum.at(first, owner, places)
    gains = np.bincount(owner, np.where(places <= CUT, 1 / np.log2(places + 1), 0.0))
    ideal = np.cumsum(1 / np.log2(np.arange(2, CUT + 2)))[np.minimum(count, CUT) - 1]
    found |= {"mrr": 1 / first, "ndcg_at_10": gains / ideal}
    return {name: float(values.mean()) for name, values in found.items()}


def ranks(values: NDArray[Any]) -> NDArray[np.float64]:
    """The place of each value in ascending order, from 1; equal ones share the mean of theirs."""
    _, owner, count = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    return np.asarray((ends - (count - 1) / 2)[owner], np.float64)


def correlations(one: NDArray[Any], other: NDArray[Any]) -> dict[str, float]:
    """spearman and pearson; not defined where one side is constant or not finite."""
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return {"spearman": float("nan"), "pearson": float("nan")}
    return {"spearman": _pearson(ranks(one), ranks(other)), "pearson": _pearson(one, other)}


def _pearson(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    one, other = one - one.mean(), other - other.mean()
    below = np.sqrt((one**2).sum() * (other**2).sum())
    return float((one * other).sum() / below) if below > 0 else float("nan")
