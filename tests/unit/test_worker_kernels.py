"""Which trainings keep few compiled kernels."""

from __future__ import annotations

import os

import pytest

from tunesmith.worker.kernels import FEW, VARIABLES, keep_few


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "")  # so that what the test leaves is taken away
        monkeypatch.delenv(name)


def kept() -> list[str | None]:
    return [os.environ.get(name) for name in VARIABLES]


@pytest.mark.parametrize("task", ["causal-lm", "text-classification", "regression"])
def test_few_are_kept_where_hardly_a_shape_comes_again(task: str) -> None:
    keep_few(task)
    assert kept() == [str(FEW), str(FEW)]


@pytest.mark.parametrize("task", ["image-classification", "unheard-of", None, 3])
def test_all_are_kept_elsewhere(task: object) -> None:
    keep_few(task)
    assert kept() == [None, None]


def test_the_user_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLES[0], "2000")
    keep_few("causal-lm")
    assert kept() == ["2000", str(FEW)]
