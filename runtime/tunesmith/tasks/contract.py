"""What a task does for the loop, for evaluation and for prediction. One task, one file, one object like this."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import torch
    from numpy.typing import NDArray

    from tunesmith.data.features import Features
    from tunesmith.data.rows import Rows
    from tunesmith.errors import Problem
    from tunesmith.judged import Judged
    from tunesmith.models.contract import Head, LoadedModel
    from tunesmith.train.contract import LossFunction

Batch: TypeAlias = "dict[str, torch.Tensor]"


UNREAD = frozenset({"data.text-too-long", "data.longer-than-window", "data.equal-after-cut", "data.unknown-tokens"})
"""Codes of `inspect` that say what of the texts the model will not see. Prediction tells them, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the training rows say before any model is there; kept with the run, so that `predict` needs no data.

    `labels`: names in the order of the outputs (classification), () otherwise. `counts`: training rows per label.
    `values`: what else the task must remember (mean and deviation of a target, image size, ...); JSON only.
    """

    labels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    values: Mapping[str, Any]


class TaskRuntime(ABC):
    """Made by `tasks/NAME.py: build(job, facts) -> TaskRuntime`. Free of torch until a method that needs it is called.

    `tasks/NAME.py` also has `facts(job, rows) -> Facts` (torch-free, from the training rows) and
    `inspect(job, rows, facts, reads) -> list[Problem]` (torch-free: what `check` and the start of a run tell of the
    rows: empty texts, unknown labels, cut rows, rows with no trainable token; each with its place). It may have
    `faults(job, rows, facts)` (rows that cannot be used) and `strata(job, rows) -> Strata` (what a split keeps in
    proportion), `suits(columns, reader) -> int` (how well a file fits whose columns are of these kinds, 0 for not at
    all) and `model_for(columns) -> Any` (what stands under `model` of a new job with these columns, None for what its
    template has).
    """

    packs: ClassVar[bool] = False
    """Whether one input of the model holds several rows, which nobody does who uses the exported model."""

    @abstractmethod
    def head(self) -> Head:
        """What the model must carry."""

    @abstractmethod
    def inputs(self, *, judged: bool = False) -> Mapping[str, bool]:
        """The roles of which this run's model reads a row, the main one first, and whether each is needed. `judged`: to
        hear how likely the row's own answer is, where the task can tell that."""

    @abstractmethod
    def made_up(self, model: LoadedModel, count: int, rng: np.random.Generator, folder: Path) -> Rows:
        """Rows of noise without answers, of lengths or sizes that differ, to compare an exported model with this one.
        Files that they need go into `folder`."""

    def usage_notes(self) -> Sequence[str]:
        """What who uses the bare model must know, each a sentence; () for nothing."""
        return ()

    @abstractmethod
    def encode(self, rows: Rows, model: LoadedModel) -> Features:
        """All rows as arrays, targets included where the rows have them (`predict` has none). Cached by the caller."""

    @abstractmethod
    def encoding_key(self, model: LoadedModel) -> Mapping[str, Any]:
        """Everything besides the rows that decides what `encode` returns (tokenizer fingerprint, lengths): JSON."""

    @abstractmethod
    def lengths(self, features: Features) -> NDArray[np.int64] | None:
        """Length of each row for bucketing, shape (N,); None where all rows cost the same."""

    @abstractmethod
    def weights(self, features: Features, class_weights: Sequence[float] | None) -> NDArray[np.float64]:
        """What each row adds to the denominator of the mean loss, shape (N,): its number of targets (tokens), or its
        class weight. A step's loss is the sum of weighted losses over the sum of these, however it is split."""

    @abstractmethod
    def collate(self, features: Features, rows: NDArray[np.int64]) -> Batch:
        """CPU tensors for these rows: padded to the longest, or packed with document masks."""

    @abstractmethod
    def example(self, model: LoadedModel) -> Batch:
        """A made-up batch of two rows without targets, of the shapes that `collate` gives: what `outputs` can take."""

    @abstractmethod
    def loss_sum(
        self, model: LoadedModel, batch: Batch, loss: LossFunction, class_weights: torch.Tensor | None
    ) -> torch.Tensor:
        """Sum over all targets of the (class-weighted) loss; float32 scalar on the device, no sync."""

    @abstractmethod
    def outputs(self, model: LoadedModel, batch: Batch) -> torch.Tensor:
        """Logits or values for evaluation and prediction, float32, first dimension rows. For causal-lm: (rows, 2) with
        the summed negative log-likelihood and the number of targets of each document, in the order of the rows."""

    @abstractmethod
    def metrics(self, outputs: NDArray[np.float32], features: Features) -> dict[str, float]:
        """By name, everything in the task's `MEMBER.metrics`."""

    @abstractmethod
    def row_losses(self, outputs: NDArray[np.float32], features: Features) -> NDArray[np.float64]:
        """How badly each row is predicted (cross-entropy, squared error, nats a token), for `hardest rows`: (N,)."""

    @abstractmethod
    def judge(self, outputs: NDArray[np.float32], features: Features, rows: Rows | None) -> Judged:
        """Everything that the report says and draws of held-out rows; there is at least one. `features` and `rows` are
        theirs, in the order of `outputs`; `rows` may be None where only the arrays are left."""

    @abstractmethod
    def decode(self, outputs: NDArray[np.float32]) -> list[dict[str, Any]]:
        """For `predict`: one JSON-able answer a row (label and probabilities, value, ...)."""


__all__ = ["UNREAD", "Batch", "Facts", "Problem", "TaskRuntime"]
