"""What becomes of a checkpoint that is written behind the training."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch

from tunesmith.errors import TunesmithError
from tunesmith.train.checkpoint import State, read
from tunesmith.train.saving import Saver


class Recorded:
    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def event(self, kind: str, **fields: Any) -> None:
        self.events.append((kind, fields))


def saver_of(folder: Path, recorded: Recorded, kept: list[Collection[int] | None] | None = None) -> Saver:
    return Saver(
        folder,
        keep=2,
        recorder=recorded,  # type: ignore[arg-type]
        sync_recorded=lambda: None,
        disk_full=lambda message: None,
        disk_free=lambda: None,
        kept=lambda: nullcontext(kept[-1] if kept else ()),
    )


def save(saver: Saver, step: int, *, stays: bool = False, **weights: torch.Tensor) -> None:
    saver.save(lambda: State(step=step, tensors={"model": weights}), "rhythm", None, lambda: False, stays=stays)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_become_no_checkpoint(tmp_path: Path, dtype: torch.dtype, value: float) -> None:
    recorded = Recorded()
    saver = saver_of(tmp_path, recorded)
    save(saver, 1, good=torch.ones(3, dtype=dtype))
    spoilt = torch.ones(4, dtype=dtype)
    spoilt[2] = value
    save(saver, 2, good=torch.ones(3, dtype=dtype), head=spoilt)
    with pytest.raises(TunesmithError, match=r"train\.spoilt-weights") as raised:
        saver.finish(lambda: False)
    assert "head" in str(raised.value)
    assert "good" not in str(raised.value)
    saver.finish(lambda: False)  # nothing is under way any more
    assert [folder.name for folder in tmp_path.iterdir()] == ["step-1"]
    assert [fields["step"] for kind, fields in recorded.events if kind == "checkpoint"] == [1]


def test_weights_whose_sum_overflows_are_finite_all_the_same(tmp_path: Path) -> None:
    saver = saver_of(tmp_path, Recorded())
    save(saver, 1, large=torch.full((4,), 3e38))
    saver.finish(lambda: False)
    assert [folder.name for folder in tmp_path.iterdir()] == ["step-1"]


def test_what_changes_after_it_was_taken_is_written_as_it_was(tmp_path: Path) -> None:
    saver = saver_of(tmp_path, Recorded())
    weight = torch.ones(1000, requires_grad=True)
    save(saver, 1, weight=weight)
    with torch.no_grad():
        weight.zero_()
    saver.finish(lambda: False)
    save(saver, 2, stays=True, weight=weight)
    saver.finish(lambda: False)
    first, second = (read(tmp_path / f"step-{step}").tensors["model"]["weight"] for step in (1, 2))
    assert torch.equal(first, torch.ones(1000))
    assert torch.equal(second, torch.zeros(1000))


def test_what_a_user_keeps_is_not_deleted_and_nothing_is_while_that_cannot_be_known(tmp_path: Path) -> None:
    kept: list[Collection[int] | None] = [{1}]
    saver = saver_of(tmp_path, Recorded(), kept)

    def after(step: int) -> list[int]:
        save(saver, step, weight=torch.ones(3))
        saver.finish(lambda: False)
        return sorted(int(folder.name[5:]) for folder in tmp_path.iterdir())

    assert [after(step) for step in (1, 2, 3, 4)] == [[1], [1, 2], [1, 2, 3], [1, 3, 4]]
    kept.append(None)
    assert after(5) == [1, 3, 4, 5]
    kept.append(())
    assert after(6) == [5, 6]


def test_what_cannot_be_written_is_an_error_at_once_and_no_checkpoint_is_reported(tmp_path: Path) -> None:
    recorded = Recorded()
    saver = saver_of(tmp_path, recorded)
    save(saver, 1, odd=torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8))
    with pytest.raises(TunesmithError, match=r"train\.tensor-not-kept"):
        saver.finish(lambda: False)
    assert (recorded.events, list(tmp_path.iterdir())) == ([], [])


def test_a_writing_thread_that_dies_is_heard(tmp_path: Path) -> None:
    recorded = Recorded()
    saver = saver_of(tmp_path, recorded)
    saver.save(lambda: State(step=1, tensors={"model": {}}, values={"x": object()}), "rhythm", None, lambda: False)
    with pytest.raises(TypeError):
        saver.finish(lambda: False)
    assert [kind for kind, _ in recorded.events] == []


def test_complex_and_sparse_weights_that_are_not_finite_become_no_checkpoint(tmp_path: Path) -> None:
    for spoilt in (torch.tensor([1 + 1j, complex(0, float("nan"))]), torch.tensor([0.0, float("inf")]).to_sparse()):
        saver = saver_of(tmp_path, Recorded())
        save(saver, 1, head=spoilt)
        with pytest.raises(TunesmithError, match=r"train\.spoilt-weights"):
            saver.finish(lambda: False)
