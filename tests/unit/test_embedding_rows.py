"""Gradients of large embeddings that are written only where a batch has words, against PyTorch's own."""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import nn

from tunesmith.train.embedding_rows import LARGE_BYTES, write_rows_only

WIDTH = 8
WORDS = LARGE_BYTES // (4 * WIDTH)


class Reader(nn.Module):
    """Looks words up and judges their mean; `tied` also takes the table as its output layer."""

    def __init__(self, *, padding: int | None = None, tied: bool = False) -> None:
        super().__init__()
        self.table = nn.Embedding(WORDS, WIDTH, padding_idx=padding)
        self.judge = nn.Linear(WIDTH, WORDS, bias=False) if tied else nn.Linear(WIDTH, 3)
        if tied:
            self.judge.weight = self.table.weight

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.judge(self.table(ids).mean(1))
        return found


class Mixing(Reader):
    """Uses the table in a way that nobody sees from outside."""

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return super().forward(ids) + F.linear(self.table(ids).mean(1), self.table.weight[:3])


def two(model: Reader) -> tuple[Reader, Reader, int]:
    torch.manual_seed(0)
    changed = copy.deepcopy(model)
    return model, changed, write_rows_only(changed)


def train(model: Reader, batches: list[list[torch.Tensor]]) -> None:
    """Steps of accumulated micro-batches, clipped, with momentum."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for parts in batches:
        optimizer.zero_grad(set_to_none=True)
        for part in parts:
            model(part).square().sum().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()


def batches(*sizes: int) -> list[list[torch.Tensor]]:
    numbers = torch.Generator().manual_seed(3)
    return [[torch.randint(0, 300, (4, 6), generator=numbers) for _ in range(size)] for size in sizes]


def assert_equal(one: Reader, other: Reader) -> None:
    for (name, left), right in zip(one.state_dict().items(), other.state_dict().values(), strict=True):
        assert torch.equal(left, right), name


def test_training_is_the_same_bit_for_bit() -> None:
    usual, changed, count = two(Reader(padding=0))
    assert count == 1
    steps = batches(1, 3, 1, 2)
    steps[2][0][:, 3:] = 0  # padding
    train(usual, steps)
    train(changed, steps)
    assert_equal(usual, changed)


def test_a_gradient_holds_nothing_of_the_step_before() -> None:
    _, changed, _ = two(Reader())
    for ids in ([1, 2], [3, 4]):
        changed.zero_grad(set_to_none=True)
        changed(torch.tensor([ids])).sum().backward()
        gradient = changed.table.weight.grad
        assert gradient is not None
        assert gradient.abs().sum(1).nonzero().flatten().tolist() == ids


def test_tied_small_and_frozen_tables_are_left_alone() -> None:
    assert two(Reader(tied=True))[2] == 0
    assert write_rows_only(nn.Embedding(10, 4)) == 0
    assert write_rows_only(nn.Embedding(WORDS, WIDTH).requires_grad_(False)) == 0
    assert write_rows_only(nn.Embedding(WORDS, WIDTH, sparse=True)) == 0


def test_a_table_that_is_also_used_otherwise_is_noticed() -> None:
    usual, changed, count = two(Mixing())
    assert count == 1
    train(usual, batches(1, 2, 1))
    train(changed, batches(1, 2, 1))
    for left, right in zip(usual.parameters(), changed.parameters(), strict=True):
        torch.testing.assert_close(left, right)


def test_looking_up_without_a_gradient_is_as_before() -> None:
    usual, changed, _ = two(Reader())
    with torch.no_grad():
        assert torch.equal(usual(torch.tensor([[5, 6]])), changed(torch.tensor([[5, 6]])))
