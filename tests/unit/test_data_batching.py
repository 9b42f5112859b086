"""Batches and packing: everything once, little waste, rebuilt from their arguments."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.data.batching import epoch_batches, pack, split_alike, split_micro


def padded(batches: list[np.ndarray], lengths: np.ndarray) -> float:
    """Cells computed per cell needed."""
    return sum(len(rows) * int(lengths[rows].max()) for rows in batches) / sum(
        int(lengths[rows].sum()) for rows in batches
    )


@given(
    count=st.integers(0, 700),
    batch_size=st.integers(1, 40),
    seed=st.integers(0, 2**40),
    epoch=st.integers(0, 5),
    with_lengths=st.booleans(),
)
@settings(deadline=None)
def test_each_row_stands_in_exactly_one_batch_and_batches_are_reproducible(
    count: int, batch_size: int, seed: int, epoch: int, with_lengths: bool
) -> None:
    rows = np.arange(10, 10 + count) // 2 * 2  # most of them twice, as oversampling gives
    lengths = np.random.default_rng(seed).integers(1, 300, count + 12) if with_lengths else None
    batches = epoch_batches(rows, lengths, batch_size=batch_size, seed=seed, epoch=epoch)
    assert sorted(int(row) for batch in batches for row in batch) == sorted(rows.tolist())
    assert len(batches) == math.ceil(count / batch_size)
    assert sorted((len(batch) for batch in batches), reverse=True)[: count // batch_size] == [batch_size] * (
        count // batch_size
    )
    again = epoch_batches(rows, lengths, batch_size=batch_size, seed=seed, epoch=epoch)
    assert all(np.array_equal(one, two) for one, two in zip(batches, again, strict=True))


def test_length_buckets_waste_little_where_random_batches_waste_much() -> None:
    lengths = np.random.default_rng(0).lognormal(3.5, 0.7, 20_000).astype(np.int64).clip(4, 512)
    rows = np.arange(len(lengths))
    buckets = padded(epoch_batches(rows, lengths, batch_size=32, seed=1, epoch=0), lengths)
    at_random = padded(epoch_batches(rows, None, batch_size=32, seed=1, epoch=0), lengths)
    assert buckets < 1.07
    assert at_random > 2


def test_order_is_random_in_batches_and_between_epochs() -> None:
    lengths = np.random.default_rng(0).integers(5, 200, 12_800)
    first, second = (epoch_batches(np.arange(12_800), lengths, batch_size=32, seed=1, epoch=epoch) for epoch in (0, 1))
    means = np.array([lengths[rows].mean() for rows in first])
    assert abs(np.corrcoef(means[:-1], means[1:])[0, 1]) < 0.25  # neighbours are not alike
    neighbours = {frozenset(rows.tolist()) for rows in first} & {frozenset(rows.tolist()) for rows in second}
    assert not neighbours  # other batches in the next epoch, not only another order of the same


def test_batches_are_the_same_on_every_machine() -> None:
    lengths = np.array([5, 3, 9, 1, 7, 2, 8, 4, 6, 0])
    batches = epoch_batches(np.arange(10), lengths, batch_size=3, seed=7, epoch=2)
    assert [rows.tolist() for rows in batches] == [[2], [8, 4, 6], [1, 7, 0], [9, 3, 5]]
    assert [rows.tolist() for rows in epoch_batches(np.arange(10), None, batch_size=4, seed=7, epoch=0)] == [
        [0, 6, 1, 7],
        [3, 2, 9, 5],
        [8, 4],
    ]


@given(lengths=st.lists(st.integers(0, 50), min_size=1, max_size=60), micro=st.integers(1, 70))
@settings(deadline=None)
def test_micro_batches_hold_every_row_once_longest_first(lengths: list[int], micro: int) -> None:
    lengths_N = np.array(lengths)
    rows = np.arange(len(lengths))[::-1]
    parts = split_micro(rows, lengths_N, micro)
    joined = np.concatenate(parts)
    assert sorted(joined.tolist()) == sorted(rows.tolist())
    assert all(len(part) <= micro for part in parts)
    assert len(parts) == math.ceil(len(rows) / micro)
    assert np.all(np.diff(lengths_N[joined]) <= 0)
    assert np.array_equal(np.concatenate(split_micro(rows, None, micro)), rows)


@given(lengths=st.lists(st.integers(1, 300), max_size=200), most=st.integers(1, 5000), least=st.integers(0, 2000))
@settings(deadline=None)
def test_parts_of_like_length_hold_each_place_once_within_the_bound(lengths: list[int], most: int, least: int) -> None:
    given_N = np.array(lengths, np.int64)
    parts = split_alike(given_N, most=most, least=least)
    assert sorted(place for part in parts for place in part.tolist()) == list(range(len(lengths)))
    ordered = [int(given_N[place]) for part in parts for place in part]
    assert ordered == sorted(lengths, reverse=True)
    for part, following in pairwise([*parts, None]):
        assert part is not None
        longest, shortest = int(given_N[part].max()), int(given_N[part].min())
        assert len(part) == 1 or len(part) * longest <= most
        if following is not None:
            next_length = int(given_N[following[0]])
            is_full = (len(part) + 1) * longest > most
            assert is_full or (next_length < 0.75 * longest and len(part) * longest >= least)
        assert shortest >= 0.75 * longest or len(part[given_N[part] >= 0.75 * longest]) * longest < least


@given(window=st.integers(1, 200), data=st.data())
@settings(deadline=None)
def test_packing_holds_each_document_once_within_the_window_near_the_fewest_rows(
    window: int, data: st.DataObject
) -> None:
    lengths = data.draw(st.lists(st.integers(0, window), max_size=200))
    rows = pack(lengths, window)
    assert sorted(document for row in rows for document in row) == list(range(len(lengths)))
    assert all(sum(lengths[document] for document in row) <= window for row in rows)
    assert all(row == sorted(row) and row for row in rows)
    fewest = math.ceil(sum(lengths) / window)
    fullness = sorted(sum(lengths[document] for document in row) for row in rows)
    assert len(rows) <= max(1, 2 * fewest) or not lengths
    assert all(one + two > window for one, two in pairwise(fullness))  # no two could be joined
    assert rows == pack(lengths, window)


def test_packed_rows_are_of_much_the_same_length() -> None:
    lengths = [400, 136, 130, 120]
    assert [[lengths[document] for document in row] for row in pack(lengths, 512)] == [[400], [136, 130, 120]]
    random = np.random.default_rng(0)
    padded = needed = 0
    for _ in range(200):
        drawn = random.integers(20, 300, 8).tolist()
        rows = pack(drawn, 512)
        padded += len(rows) * max(sum(drawn[document] for document in row) for row in rows)
        needed += sum(drawn)
    assert padded <= 1.08 * needed


def test_packing_wastes_almost_nothing_on_many_documents() -> None:
    lengths = np.random.default_rng(0).integers(20, 513, 20_000)
    rows = pack(lengths.tolist(), 512)
    assert len(rows) <= 1.01 * lengths.sum() / 512 + 1 or len(rows) <= 1.05 * (lengths > 256).sum()
    assert sum(len(row) for row in rows) == 20_000


def test_a_document_longer_than_the_window_is_refused() -> None:
    with pytest.raises(ValueError, match="document 1 has 9 tokens, more than the window of 8"):
        pack([8, 9], 8)
