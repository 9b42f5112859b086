"""Shares: a partition, stratified, the same everywhere."""

from __future__ import annotations

import subprocess
import sys
from array import array
from collections import Counter
from hashlib import sha256
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.data.shares import Strata, split

LABELS = st.lists(st.sampled_from("abcde"), min_size=1, max_size=200)
SHARE = st.floats(0.01, 0.45)


@given(labels=LABELS, validation=SHARE, test=SHARE, seed=st.integers(0, 2**31))
@settings(deadline=None)
def test_every_row_stands_in_exactly_one_part_and_every_label_in_train(
    labels: list[str], validation: float, test: float, seed: int
) -> None:
    parts = split(len(labels), {"validation": validation, "test": test}, seed=seed, strata=Strata(of=labels))
    assert sorted(row for rows in parts.values() for row in rows) == list(range(len(labels)))
    assert all(list(rows) == sorted(rows) for rows in parts.values())
    assert {labels[row] for row in parts["train"]} == set(labels)
    assert parts == split(len(labels), {"validation": validation, "test": test}, seed=seed, strata=Strata(of=labels))


@given(labels=LABELS, share=SHARE, seed=st.integers(0, 1000))
@settings(deadline=None)
def test_each_label_has_its_share_to_within_a_row(labels: list[str], share: float, seed: int) -> None:
    counts, parts = Counter(labels), split(len(labels), {"validation": share}, seed=seed, strata=Strata(of=labels))
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
    assert {name: list(rows) for name, rows in split(1, {"validation": 0.5}, seed=1).items()} == {
        "train": [0],
        "validation": [],
    }
    assert split(2, {"validation": 0.01}, seed=1)["validation"]


SETS = st.lists(st.sets(st.sampled_from("abcdef"), max_size=3), min_size=2, max_size=120)


@given(sets=SETS, validation=SHARE, test=SHARE, seed=st.integers(0, 1000))
@settings(deadline=None)
def test_rows_with_several_labels_are_parted_whole_and_every_label_stays_in_train(sets, validation, test, seed) -> None:
    strata = Strata(of=[tuple(sorted(labels)) for labels in sets], several=True)
    shares = {"validation": validation, "test": test}
    parts = split(len(sets), shares, seed=seed, strata=strata)
    assert sorted(row for rows in parts.values() for row in rows) == list(range(len(sets)))
    assert {label for row in parts["train"] for label in sets[row]} == {label for labels in sets for label in labels}
    assert all(len(parts[name]) <= max(1, round(len(sets) * share)) for name, share in shares.items())
    assert parts == split(len(sets), shares, seed=seed, strata=strata)


def several(count: int, seed: int) -> list[tuple[str, ...]]:
    """Rows with a common label, some rarer ones and many that come once in combination."""
    random = Random(seed)
    return [
        tuple(label for place, label in enumerate("abcdefgh") if random.random() < 0.5 / (place + 1))
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(10))
def test_several_labels_keep_their_share_and_the_part_its_size(seed: int) -> None:
    sets = several(400, seed)
    parts = split(400, {"validation": 0.1, "test": 0.15}, seed=seed, strata=Strata(of=sets, several=True))
    total = Counter(label for labels in sets for label in labels)
    for name, share in (("validation", 0.1), ("test", 0.15)):
        assert len(parts[name]) == round(400 * share)
        taken = Counter(label for row in parts[name] for label in sets[row])
        assert all(abs(taken[label] - share * rows) <= 2 for label, rows in total.items())


def test_combinations_that_come_once_are_split_all_the_same() -> None:
    sets = [(f"t{row % 15}", f"t{(row * 7 + row // 15) % 15}") for row in range(115)]
    parts = split(115, {"validation": 0.1}, seed=1, strata=Strata(of=sets, several=True))
    assert len(parts["validation"]) in (11, 12)


@given(sizes=st.lists(st.integers(1, 5), min_size=4, max_size=60), share=st.floats(0.1, 0.4), seed=st.integers(0, 99))
@settings(deadline=None)
def test_equal_rows_stay_on_one_side(sizes: list[int], share: float, seed: int) -> None:
    twins = [group for group, size in enumerate(sizes) for _ in range(size)]
    first = [twins.index(group) for group in twins]
    labels = [str(group % 2) for group in twins]
    for strata in (None, Strata(of=labels), Strata(of=[(label,) for label in labels], several=True)):
        parts = split(len(twins), {"validation": share}, seed=seed, strata=strata, twins=first)
        assert sorted(row for rows in parts.values() for row in rows) == list(range(len(twins)))
        assert not {twins[row] for row in parts["train"]} & {twins[row] for row in parts["validation"]}
        assert 0 < len(parts["validation"]) <= max(round(len(twins) * share), max(sizes))


def test_equal_rows_with_different_labels_stay_together_and_each_label_in_train() -> None:
    labels = ["a", "b", *"a" * 30, *"c" * 30]
    for seed in range(20):
        parts = split(62, {"validation": 0.3}, seed=seed, strata=Strata(of=labels), twins=[0, 0, *range(2, 62)])
        assert {labels[row] for row in parts["train"]} == {"a", "b", "c"}
        assert {0, 1} <= set(parts["train"])  # the only row of b, and its twin


@given(labels=LABELS, share=SHARE, seed=st.integers(0, 1000))
@settings(deadline=None)
def test_looking_for_twins_changes_nothing_where_there_are_none(labels: list[str], share: float, seed: int) -> None:
    plain = split(len(labels), {"validation": share}, seed=seed, strata=Strata(of=labels))
    own = list(range(len(labels)))
    assert split(len(labels), {"validation": share}, seed=seed, strata=Strata(of=labels), twins=own) == plain


def test_split_is_the_same_in_another_process_and_on_every_machine() -> None:
    program = (
        "import sys; from tunesmith.data.shares import Strata, split\n"
        "parts = split(50, {'validation': 0.1}, seed=7, strata=Strata(of=list('abcab' * 10)))\n"
        "print(list(parts['validation']), 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[1, 10, 27, 36, 43] False"


def test_a_split_of_rows_with_several_labels_is_the_one_of_earlier_versions() -> None:
    """By the checksums of what went to validation and test before the labels of rows were kept by number."""
    random = Random(7)
    sets = [tuple(random.sample("abcdefgh", random.randint(0, 3))) for _ in range(3000)]
    known: dict[int, int] = {}
    twins = array("i", (known.setdefault(random.randrange(2500), row) for row in range(3000)))
    found = []
    for equal in (None, twins):
        parts = split(3000, {"validation": 0.2, "test": 0.1}, seed=5, strata=Strata(of=sets, several=True), twins=equal)
        found += [sha256(parts[name].tobytes()).hexdigest()[:16] for name in ("validation", "test")]
    assert found == ["cc56435dff418aed", "22cab6426d175c60", "820f1e13019c3b06", "08753e31943f4496"]
