"""Shares: a partition, stratified, the same everywhere."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.data.splits import split

LABELS = st.lists(st.sampled_from("abcde"), min_size=1, max_size=200)
SHARE = st.floats(0.01, 0.45)


@given(labels=LABELS, validation=SHARE, test=SHARE, seed=st.integers(0, 2**31))
@settings(deadline=None)
def test_every_row_stands_in_exactly_one_part_and_every_label_in_train(
    labels: list[str], validation: float, test: float, seed: int
) -> None:
    parts = split(len(labels), {"validation": validation, "test": test}, seed=seed, labels=labels)
    assert sorted(row for rows in parts.values() for row in rows) == list(range(len(labels)))
    assert all(rows == sorted(rows) for rows in parts.values())
    assert {labels[row] for row in parts["train"]} == set(labels)
    assert parts == split(len(labels), {"validation": validation, "test": test}, seed=seed, labels=labels)


@given(labels=LABELS, share=SHARE, seed=st.integers(0, 1000))
@settings(deadline=None)
def test_each_label_has_its_share_to_within_a_row(labels: list[str], share: float, seed: int) -> None:
    counts, parts = Counter(labels), split(len(labels), {"validation": share}, seed=seed, labels=labels)
    taken = Counter(labels[row] for row in parts["validation"])
    free = sum(count - 1 for count in counts.values())
    assert len(parts["validation"]) == min(max(1, round(len(labels) * share)), free)
    # Rows that rare labels must keep in train, others give for them; and the part as a whole is rounded.
    short = sum(max(0.0, count * share - (count - 1)) for count in counts.values())
    for label, count in counts.items():
        assert -1 < taken[label] - min(count * share, count - 1) < 1.5 + short
    assert all(taken[label] == 0 for label, count in counts.items() if count == 1)


def test_without_labels_any_row_may_be_taken_and_seeds_differ() -> None:
    parts = split(1000, {"validation": 0.1}, seed=1)
    assert len(parts["validation"]) == 100
    assert parts != split(1000, {"validation": 0.1}, seed=2)
    assert split(1, {"validation": 0.5}, seed=1) == {"train": [0], "validation": []}
    assert split(2, {"validation": 0.01}, seed=1)["validation"]


def test_lists_of_labels_count_by_members_whatever_their_order() -> None:
    labels = [["a", "b"], ["b", "a"], ["c"], ["c"]] * 50
    taken = Counter("ab" if "a" in labels[row] else "c" for row in split(200, {"v": 0.1}, seed=3, labels=labels)["v"])
    assert taken == {"ab": 10, "c": 10}


def test_split_is_the_same_in_another_process_and_on_every_machine() -> None:
    program = "from tunesmith.data.splits import split; import sys\n"
    program += (
        "print(split(50, {'validation': 0.1}, seed=7, labels=list('abcab' * 10))['validation'], 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[1, 10, 27, 36, 43] False"
