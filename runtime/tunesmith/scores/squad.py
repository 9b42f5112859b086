"""Exact match and F1 of answers, as SQuAD defines them."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised(answer: str) -> str:
    """In lower case, without punctuation, articles and needless blanks."""
    return " ".join(_ARTICLES.sub(" ", answer.lower().translate(_PUNCTUATION)).split())


def exact(answer: str, right: Sequence[str]) -> float:
    """1 where the answer equals one of the `right` ones once both are normalised, else 0. None are right: no answer is.

    Source: Rajpurkar et al. 2016, arXiv:1606.05250; 2018, arXiv:1806.03822.
    """
    return float(any(normalised(answer) == normalised(each) for each in right or ("",)))


def f1(answer: str, right: Sequence[str]) -> float:
    """The overlap in words with the right answer that is nearest: 2 * shared / (words of both). Source: as `exact`."""
    return max(_f1(normalised(answer).split(), normalised(each).split()) for each in right or ("",))


def _f1(answer: Sequence[str], right: Sequence[str]) -> float:
    if not answer or not right:
        return float(answer == right)
    shared = (Counter(answer) & Counter(right)).total()
    return 2 * shared / (len(answer) + len(right))
