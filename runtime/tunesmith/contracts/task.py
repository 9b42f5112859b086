"""What a task does for the loop, for evaluation and for prediction. One task, one file, one object like this."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import torch
    from numpy.typing import NDArray
    from torch import nn

    from tunesmith.contracts.loss import LossFunction
    from tunesmith.contracts.model import Head, LoadedModel
    from tunesmith.data.features import Features, Ragged
    from tunesmith.data.rows import Rows
    from tunesmith.errors import Problem
    from tunesmith.judged import Judged
    from tunesmith.randomness import Draws

Batch: TypeAlias = "dict[str, Any]"
"""By name: tensors, or lists and mappings of them where the samples of a batch have unequal shapes."""

Outputs: TypeAlias = Any
"""Of all samples in their order: a float32 array with the samples as its first dimension, or a list of such arrays, one
a sample."""

LOSS = "loss"
"""The part of a loss that has one part only."""


REPORTED_ROWS = 1000
"""Of so many rows of each part, the first ones, a report takes the dear pass at most."""

UNREAD = frozenset({"data.text-too-long", "data.longer-than-window", "data.equal-after-cut", "data.unknown-tokens"})
"""Codes of `check_rows` that say what of the texts the model will not see. Prediction reports them, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the training rows say before any model is there; kept with the run, so that `predict` needs no data.

    `labels`: names in the order of the outputs (classification), () otherwise. `counts`: training rows per label.
    `values`: what else the task must remember (mean and deviation of a target, image size, ...); JSON only.
    """

    labels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Untuned:
    """A model that is not tuned yet, to be asked about `rows`: for the task's `outputs` of features and, where the task
    writes, for its `answers` to some of the rows."""

    rows: Rows
    outputs: Callable[[Features], Outputs]
    answers: Callable[[Rows], list[Any]]


class TaskRuntime(ABC):
    """Made by `tasks/NAME.py: build(job, facts) -> TaskRuntime`. Free of torch until a method that needs it is called.

    `tasks/NAME.py` also has `facts(job, rows) -> Facts` (torch-free, from the training rows) and
    `check_rows(job, rows, facts, reads) -> list[Problem]` (torch-free: what `check` and the start of a run report of
    the rows: empty texts, unknown labels, cut rows, rows with no trainable token; each with its place; where it takes
    `features` too, it gets what `encode` made of the rows, once that is there). It may have
    `unusable_rows(job, rows, facts)` (rows that must be left out or mended) and `strata(job, rows) -> Strata` (what a
    split keeps in proportion; `MEMBER.split` says how rows are divided where the job does not, and why),
    `suits(columns, reader) -> int` (how well a file fits whose columns are of these kinds, 0 for not at all) and
    `model_for(columns) -> Any` (what stands under `model` of a new job with these columns, None for what its template
    has).
    """

    separable: ClassVar[bool] = True
    """Whether a batch's loss is a sum over its samples. Where it is not, as with negatives taken from the batch, a step
    is not split: its `pieces` are represented some at a time, those of like length together, and the loss is taken of
    the whole (gradient caching, where not all fits memory)."""

    writes: ClassVar[bool] = False
    """Whether it has a dear way of judging beside `outputs`: `answers`, such as generated text."""

    generates: ClassVar[bool] = False
    """Whether its models answer with text of their own making: see `generate`."""

    searches: ClassVar[bool] = False
    """Whether rows are looked for by a text: see `found_by`."""

    @abstractmethod
    def head(self) -> Head:
        """What the model must carry."""

    @abstractmethod
    def inputs(self, *, judged: bool = False) -> Mapping[str, bool]:
        """The roles of which this run's model reads a row, the main one first, and whether each is needed. `judged`: to
        get how likely the row's own answer is, where the task knows that."""

    @abstractmethod
    def made_up(self, model: LoadedModel, count: int, rng: np.random.Generator, folder: Path) -> Rows:
        """Rows of noise without answers, of lengths or sizes that differ, to compare an exported model with this one.
        Files that they need go into `folder`."""

    def usage_notes(self) -> Sequence[str]:
        """What who uses the bare model must know, each a sentence; () for nothing."""
        return ()

    @property
    def answered_rows(self) -> int:
        """Of how many validation rows an evaluation takes the dear pass; a report takes REPORTED_ROWS of each part."""
        return 100

    def generation(self, model: LoadedModel) -> Any:
        """transformers' GenerationConfig by which others write text as this task does; None for the model's own.

        Where the task `writes`, there is one.
        """
        return None

    def usage(self) -> Sequence[str]:
        """Lines of Python that ask `model` (a transformers model) and `tokenizer` for an answer; () for none."""
        return ()

    def files_beside(self, model: LoadedModel) -> Mapping[str, Any]:
        """What the `library` of its head reads beside an exported model: JSON by path within the folder."""
        return {}

    def opened(self) -> Sequence[str]:
        """Lines of Python by which that library opens the folder and answers."""
        return ()

    def with_ending(self, module: nn.Module, model: LoadedModel) -> nn.Module:
        """`module`, which is `model`'s or made from it, with what the task does to its outputs before anybody uses
        them: what runtimes without our code must be given. Takes the same inputs."""
        return module

    @abstractmethod
    def encode(self, rows: Rows, model: LoadedModel) -> Features:
        """All rows as arrays, targets included where the rows have them (`predict` has none). Cached by the caller.

        One sample a row; where a row makes several, such as the windows of a long text, the entry `row` (int64, shape
        (N,)) says of which row each sample is. Of many rows some are encoded at a time, with the same result.
        """

    def left_out(self, name: str, features: Features) -> Ragged | NDArray[np.generic]:
        """A feature that `encode` leaves out where it says nothing of the rows, for samples whose other features are
        these. Only a task that leaves any out has this."""
        raise NotImplementedError(name)

    def samples(self, features: Features, *, seed: int, epoch: int) -> NDArray[np.int64]:
        """The samples of an epoch, before they are shuffled; decided by the arguments alone. All of them, once."""
        import numpy as np

        from tunesmith.data.features import count

        return np.arange(count(features), dtype=np.int64)

    def asks_untuned(self, *, learnt: bool) -> bool:
        """Whether `untuned` says anything of rows that are `learnt`, or of those that judge."""
        return False

    def untuned(self, features: Features, model: Untuned, *, learnt: bool) -> Features:
        """What is kept beside `features` of what the model says of their rows before it is tuned: texts that it takes
        for right, how well it does by itself. Cached by the caller."""
        raise NotImplementedError

    def like_untuned(self, features: Features) -> Features:
        """Made-up values in place of what `untuned` would find for rows that are learnt, with which a step costs as
        much: for an estimate or a trial, which ask no model. Empty where a step takes nothing of it."""
        return {}

    def doubts(self, features: Features) -> Sequence[tuple[str, str]]:
        """Code and sentence of what readers of the figures must know about the training's samples."""
        return ()

    @abstractmethod
    def encoding_key(self, model: LoadedModel) -> Mapping[str, Any]:
        """Everything besides the rows that decides what `encode` returns (tokenizer fingerprint, lengths): JSON."""

    @abstractmethod
    def lengths(self, features: Features) -> NDArray[np.int64] | None:
        """Length of each row for bucketing, shape (N,); None where all rows cost the same."""

    @abstractmethod
    def weights(self, features: Features, class_weights: Sequence[float] | None) -> NDArray[np.float64]:
        """What each sample adds to the denominator of the mean loss, shape (N,): its number of targets (tokens), or its
        class weight. A step's loss is the sum of weighted losses over the sum of these, however it is split."""

    def denominators(
        self, features: Features, class_weights: Sequence[float] | None
    ) -> Mapping[str, NDArray[np.float64]]:
        """`weights` by part of the loss, for a loss of several parts that are means over different things."""
        return {LOSS: self.weights(features, class_weights)}

    @abstractmethod
    def collate(self, features: Features, rows: NDArray[np.int64], draws: Draws | None = None) -> Batch:
        """CPU tensors for these samples: padded to the longest, or packed with document masks. `draws`: the random
        numbers of each sample in this step of a training, for augmentation or masking; None where nothing is learnt."""

    @abstractmethod
    def example(self, model: LoadedModel) -> Batch:
        """A made-up batch of two rows without targets, of the shapes that `collate` gives: what `outputs` can take."""

    @abstractmethod
    def loss_sum(
        self, model: LoadedModel, batch: Batch, loss: LossFunction, class_weights: torch.Tensor | None
    ) -> torch.Tensor:
        """Sum over all targets of the (class-weighted) loss; float32 scalar on the device, no sync."""

    def loss_sums(
        self, model: LoadedModel, batch: Batch, loss: LossFunction, class_weights: torch.Tensor | None
    ) -> Mapping[str, torch.Tensor]:
        """`loss_sum` by part; each is divided by its part of `denominators`, and the loss is the sum of the parts."""
        return {LOSS: self.loss_sum(model, batch, loss, class_weights)}

    def pieces(self, features: Features, samples: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where the loss is not `separable`: what is represented on its own of each sample, such as the texts of a
        pair. Numbers by which `collate_pieces` knows them, shape (B, K)."""
        raise NotImplementedError

    def piece_lengths(self, features: Features, pieces: NDArray[np.int64]) -> NDArray[np.int64]:
        """The length of each of the `pieces`, of the same shape: what it costs, and what it is filled up to with
        others."""
        raise NotImplementedError

    def collate_pieces(self, features: Features, pieces: NDArray[np.int64], draws: Draws | None = None) -> Batch:
        """CPU tensors for these pieces, shape (P,), as `represent` takes them. `draws` as in `collate`."""
        raise NotImplementedError

    def represent(self, model: LoadedModel, batch: Batch) -> torch.Tensor:
        """Where the loss is not `separable`: what it needs of each piece of the batch, float, shape (P, ...), with
        gradients."""
        raise NotImplementedError

    def loss_of(
        self, represented: torch.Tensor, features: Features, samples: NDArray[np.int64], loss: LossFunction
    ) -> Mapping[str, torch.Tensor]:
        """Where the loss is not `separable`: `loss_sums` of what `represent` gave for the pieces of all `samples` of
        the step, shape (B, K, ...)."""
        raise NotImplementedError

    @abstractmethod
    def outputs(self, model: LoadedModel, batch: Batch) -> torch.Tensor | Sequence[torch.Tensor]:
        """What evaluation and prediction need of each sample, float32: a tensor whose first dimension is samples, or
        one tensor a sample. No more than can be kept for all rows: of a language model two numbers a document, not
        its logits."""

    @abstractmethod
    def metrics(self, outputs: Outputs, features: Features) -> dict[str, float]:
        """By name, all of the task's `MEMBER.metrics` that are not dear.

        `outputs` may come from several processes, each a part of the samples: see `merged` in train/evaluate.py.
        """

    @abstractmethod
    def row_losses(self, outputs: Outputs, features: Features) -> NDArray[np.float64]:
        """How badly each row is predicted (cross-entropy, squared error, nats a token), for `hardest rows`: (R,)."""

    def answers(self, model: LoadedModel, rows: Rows, between: Callable[[int], None]) -> list[Any]:
        """The dear pass, where the task `writes`: one text a row. `between` takes the number of rows that
        are done, and may raise to give up."""
        raise NotImplementedError

    def generate(
        self,
        model: LoadedModel,
        rows: Rows,
        *,
        max_new_tokens: int | None = None,
        temperature: float = 0.0,
        seed: int = 0,
        first: int = 0,
    ) -> list[str]:
        """Where it `generates`: one text a row, of at most `max_new_tokens` (None: as many as the task thinks right).

        A temperature of 0 takes the likeliest text as the task looks for it; above it tokens are drawn, by `seed` and
        the row's number alone, which is `first` for the first row.
        """
        raise NotImplementedError

    def answer_metrics(self, answers: Sequence[Any], rows: Rows) -> dict[str, float]:
        """The dear ones of the task's metrics, by name."""
        raise NotImplementedError

    @abstractmethod
    def judge(
        self, outputs: Outputs, features: Features, rows: Rows | None, answers: Sequence[Any] | None = None
    ) -> Judged:
        """Everything that the report says and draws of held-out rows; there is at least one. `features` and `rows` are
        theirs, in the order of `outputs`; `rows` may be None where only the arrays are left. `answers` are those of the
        first rows, where the task `writes`."""

    def to_find(self, rows: Rows) -> Rows:
        """Where it `searches`: the rows as what is looked for, of which `outputs` are taken."""
        raise NotImplementedError

    def found_by(self, asked: Outputs, to_find: Outputs) -> NDArray[np.float32]:
        """Where it `searches`: how well each row answers each text that asks, shape (asked, rows)."""
        raise NotImplementedError

    @abstractmethod
    def decode(self, outputs: Outputs, features: Features, rows: Rows) -> list[dict[str, Any]]:
        """For `predict`: one JSON-able answer a row (label and probabilities, value, ...)."""


__all__ = ["LOSS", "REPORTED_ROWS", "UNREAD", "Batch", "Facts", "Outputs", "Problem", "TaskRuntime", "Untuned"]
