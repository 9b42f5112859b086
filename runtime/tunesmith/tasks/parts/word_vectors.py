"""Texts as counts of their words, each weighted by its rarity (TF-IDF): what a search without any model finds."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"(?u)\b\w\w+\b")


class WordSearch:
    """Cosines of texts by their words, as of scikit-learn's TfidfVectorizer that was fitted on the documents."""

    def __init__(self, documents: Sequence[str]) -> None:
        self._count = len(documents)
        counted = [_words(text) for text in documents]
        held_by = Counter(word for words in counted for word in words)
        self._rarity = {word: math.log((1 + len(documents)) / (1 + count)) + 1 for word, count in held_by.items()}
        places: dict[str, list[int]] = defaultdict(list)
        shares: dict[str, list[float]] = defaultdict(list)
        for document, words in enumerate(counted):
            for word, share in self._weighted(words).items():
                places[word].append(document)
                shares[word].append(share)
        self._documents = {word: (np.array(places[word]), np.array(shares[word], np.float32)) for word in places}

    def _weighted(self, words: Counter[str]) -> dict[str, float]:
        """Of length 1; words that no document holds are left out."""
        found = {word: count * self._rarity[word] for word, count in words.items() if word in self._rarity}
        length = math.sqrt(sum(value * value for value in found.values()))
        return {word: value / length for word, value in found.items()}

    def similarities(self, queries: Sequence[str]) -> NDArray[np.float32]:
        """Shape (Q, C)."""
        found = np.zeros((len(queries), self._count), np.float32)
        for row, query in enumerate(queries):
            for word, share in self._weighted(_words(query)).items():
                documents, shares = self._documents[word]
                found[row, documents] += np.float32(share) * shares
        return found


def _words(text: str) -> Counter[str]:
    return Counter(WORD.findall(text.lower()))
