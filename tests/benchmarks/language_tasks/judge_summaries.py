"""ROUGE-L of what a model wrote for `data/summaries-test.csv`, beside what needs no model.

    tunesmith predict last data/summaries-test.csv --json > written.jsonl
    python judge_summaries.py written.jsonl

Computed by lines of its own, so that the report's figure is checked by another program.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

DATA = Path(__file__).parent / "data"


def main(file: str) -> None:
    """Print a line for the model and one for each way without a model."""
    train, test = rows("summaries"), rows("summaries-test")
    descriptions = [row["description"] for row in test]
    with Path(file).open(encoding="utf-8") as lines:
        written = {found["input"]: found["text"] for found in map(json.loads, lines)}
    answers = {
        "the model": [written[text] for text in descriptions],
        **{f"the first {n} words": [" ".join(text.split()[:n]) for text in descriptions] for n in (7, 9)},
        "the synopsis of the nearest description": nearest(train, descriptions),
    }
    for name, texts in answers.items():
        scores = [rouge_l(text, row["synopsis"]) for text, row in zip(texts, test, strict=True)]
        print(f"{name}: {fmean(scores):.4f}")


def rows(name: str) -> list[dict[str, str]]:
    """Of a file that prepare.py wrote."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rouge_l(answer: str, reference: str) -> float:
    """F1 of the longest sequence of words that stands in both, gaps allowed (Lin 2004); no case, no marks."""
    mine, right = (re.findall(r"[a-z0-9]+", text.lower()) for text in (answer, reference))
    longest = [0] * (len(right) + 1)  # of the words so far with the first n of `right`
    for word in mine:
        before = longest
        longest = [0]
        for n, other in enumerate(right):
            longest.append(before[n] + 1 if word == other else max(before[n + 1], longest[n]))
    return 2 * longest[-1] / (len(mine) + len(right)) if longest[-1] else 0.0


def nearest(train: Sequence[dict[str, str]], descriptions: Sequence[str]) -> list[str]:
    """For each description, the synopsis of the one to train with that shares most words with it (TF-IDF)."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(sublinear_tf=True)
    known = words.fit_transform([row["description"] for row in train])
    likest = (words.transform(descriptions) @ known.T).toarray().argmax(axis=1)
    return [train[row]["synopsis"] for row in likest]


if __name__ == "__main__":
    main(sys.argv[1])
