"""The gradients of a step: of one micro-batch after the other, or of a batch whose loss is more than their sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext

import numpy as np
import torch
from numpy.typing import NDArray

from tunesmith.contracts.loss import LossFunction
from tunesmith.contracts.model import LoadedModel
from tunesmith.contracts.task import Batch, TaskRuntime
from tunesmith.contracts.training import Recorder, Watch
from tunesmith.data.batching import split_alike, split_micro
from tunesmith.data.features import Features, count
from tunesmith.errors import Place, TunesmithError
from tunesmith.randomness import Draws
from tunesmith.train.batches import sum_of_parts, to_device
from tunesmith.train.dropout import fast_dropout
from tunesmith.train.learning import Learning
from tunesmith.train.modes import batch_norms_at_rest, needs_several_rows
from tunesmith.train.precision import Precision
from tunesmith.train.progress import Progress
from tunesmith.train.seeding import random_state, set_random_state

LEAST_CELLS = {"cpu": 512}
"""Tokens that pieces are computed together for, however unlike they are in length: fewer do not pay for a part."""
MANY_CELLS = 32_768
"""The same on devices whose kernels take time to start."""


class Gradients:
    """Adds the gradients of a mean loss over the training samples `features` to the model's weights."""

    def __init__(
        self,
        *,
        seed: int,
        task: TaskRuntime,
        model: LoadedModel,
        loss: LossFunction,
        features: Features,
        class_weights: Sequence[float] | None,
        precision: Precision,
        device: torch.device,
        progress: Progress,
        learning: Learning,
        recorder: Recorder,
        watch: Watch | None,
    ) -> None:
        self._seed, self._task, self._model, self._loss = seed, task, model, loss
        self._features, self._precision, self._device = features, precision, device
        self._progress, self._learning, self._recorder, self._watch = progress, learning, recorder, watch
        self._dropout = fast_dropout if device.type == "cpu" else nullcontext
        self._class_weights = (
            torch.tensor(class_weights, dtype=torch.float32, device=device) if class_weights is not None else None
        )
        self._weights = {
            part: None if bool((weights == 1).all()) else weights
            for part, weights in task.denominators(features, class_weights).items()
        }
        lengths = task.lengths(features)
        self._lengths = None if lengths is None else lengths.astype(np.int32)
        self._told_of_one = False

    @property
    def has_targets(self) -> bool:
        """Whether there is anything to learn in any sample."""
        return any(weights is None or bool(weights.any()) for weights in self._weights.values())

    def add(self, step: int, samples: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """Gradients of the mean loss over all targets of the step, however it is split. Returns that mean by part."""
        micro = self._progress.micro_batch_size
        targets = {part: self._targets(weights, samples) for part, weights in self._weights.items()}
        draws = Draws(self._seed, step)
        if not self._task.separable:
            return self._of_whole(samples, micro, targets, draws)
        parts = [samples] if len(samples) <= micro else split_micro(samples, self._lengths, micro)
        return self._of_parts(parts, targets, draws)

    def forward(self, samples: NDArray[np.int64]) -> None:
        """The loss of these samples, and nothing done with it: to see where it fails."""
        with self._precision.autocast():
            self._task.loss_sums(self._model, self._batch(samples), self._loss, self._class_weights)

    def _batch(self, samples: NDArray[np.int64], draws: Draws | None = None) -> Batch:
        return to_device(self._task.collate(self._features, samples, draws), self._device)

    def _targets(self, weights: NDArray[np.float64] | None, samples: NDArray[np.int64]) -> float:
        """What the sum of a part of the loss is divided by."""
        return len(samples) if weights is None else float(weights[samples].sum()) or 1.0

    def _of_parts(
        self, parts: list[NDArray[np.int64]], targets: Mapping[str, float], draws: Draws
    ) -> dict[str, torch.Tensor]:
        """Forward and backward, micro-batch by micro-batch."""
        sums: dict[str, torch.Tensor] = {}
        for part in parts:
            batch = self._batch(part, draws)
            with self._dropout():  # around the backward pass, too, where activations may be computed again
                with self._precision.autocast():
                    try:
                        found = self._task.loss_sums(self._model, batch, self._loss, self._class_weights)
                    except ValueError as error:
                        found = self._loss_of_one(error, part, batch)
                    losses = {name: value / targets[name] for name, value in found.items()}
                    loss = sum_of_parts(losses)
                if self._progress.step == 0 and not sums:
                    self._learning.first_loss(loss)
                self._precision.scale(loss).backward()  # type: ignore[no-untyped-call]
            for name, value in losses.items():
                sums[name] = sums[name] + value.detach() if name in sums else value.detach()
            if self._watch is not None:
                self._watch.part(part, batch)
        return sums

    def _of_whole(
        self, samples: NDArray[np.int64], micro: int, targets: Mapping[str, float], draws: Draws
    ) -> dict[str, torch.Tensor]:
        """The same for a loss that no micro-batch has of its own: what it needs of each piece is computed part by part,
        then the loss of all. Parts whose activations would be more at once than those of the `micro` longest samples
        are computed without gradients first, and once more to pass the gradients on.

        Source: Gao et al. 2021, arXiv:2101.06983 (gradient caching).
        """
        task, model = self._task, self._model
        pieces = task.pieces(self._features, samples)
        lengths = task.piece_lengths(self._features, pieces)
        most = _cells_of_longest(lengths, micro)
        parts = split_alike(lengths.ravel(), most=most, least=LEAST_CELLS.get(self._device.type, MANY_CELLS))
        first = _first_that_stays([len(part) * int(lengths.ravel()[part[0]]) for part in parts], most)

        def represented(part: NDArray[np.int64]) -> torch.Tensor:
            batch = to_device(task.collate_pieces(self._features, pieces.ravel()[part], draws), self._device)
            return task.represent(model, batch).float()

        states = []
        with self._dropout():
            with torch.no_grad(), self._precision.autocast():
                found = []
                for part in parts[:first]:
                    states.append(random_state(self._device))
                    found.append(represented(part))
            with self._precision.autocast():  # apart from the one above, whose casts of weights pass no gradients
                staying = [represented(part) for part in parts[first:]]
        if self._progress.step == 0:
            self._learning.first_loss(staying[0].sum())
        whole = torch.cat([*found, *(each.detach() for each in staying)]).requires_grad_()
        back = np.empty(lengths.size, np.int64)
        back[np.concatenate(parts)] = np.arange(lengths.size)
        in_order = whole.index_select(0, torch.from_numpy(back).to(self._device))
        sums = task.loss_of(in_order.view(*lengths.shape, *whole.shape[1:]), self._features, samples, self._loss)
        losses = {name: value / targets[name] for name, value in sums.items()}
        (gradient,) = torch.autograd.grad(self._precision.scale(sum_of_parts(losses)), whole)
        of_parts = torch.split(gradient, [len(part) for part in parts])
        with self._dropout():
            torch.autograd.backward(staying, of_parts[first:])
            del staying
            for part, state, each in zip(parts[:first], states, of_parts, strict=False):
                set_random_state(state, self._device)
                with self._precision.autocast():
                    again = represented(part)
                torch.autograd.backward(again, each)
                del again
        if self._watch is not None:
            self._watch.part(samples, self._batch(samples, draws))
        return {name: value.detach() for name, value in losses.items()}

    def _loss_of_one(self, error: ValueError, part: NDArray[np.int64], batch: Batch) -> Mapping[str, torch.Tensor]:
        """The loss of a part with a single sample, which batch norm refused; raises `error` where it is not the case.

        Raises train.batch-of-one where every part has one sample: running figures would never be learnt.
        """
        if len(part) != 1 or not needs_several_rows(error):
            raise error
        if min(count(self._features), self._progress.micro_batch_size) == 1:
            raise TunesmithError(
                "train.batch-of-one",
                "batch norm cannot be trained with one row at a time: a single row has no spread",
                place=Place(key="training.batch_size"),
                hint="raise training.batch_size (and micro_batch_size, if the job sets it) to 2 or more",
            ) from error
        if not self._told_of_one:
            self._told_of_one = True
            self._recorder.event(
                "warning",
                step=self._progress.step + 1,
                code="train.row-alone",
                message="a batch has one row, of which batch norm cannot take mean and spread: "
                "its running figures are used",
            )
        with batch_norms_at_rest(self._model.module):
            return self._task.loss_sums(self._model, batch, self._loss, self._class_weights)


def _cells_of_longest(lengths_BK: NDArray[np.int64], micro: int) -> int:
    """How many cells the `micro` longest samples fill, each of their pieces filled up to the longest in its place."""
    some = min(micro, len(lengths_BK))
    longest = np.argsort(-lengths_BK.sum(axis=1), kind="stable")[:some]
    return some * int(lengths_BK[longest].max(axis=0).sum())


def _first_that_stays(cells: Sequence[int], most: int) -> int:
    """The first of the parts from which on the activations of all stay: the last ones, with at most `most` cells."""
    first = len(cells) - 1
    while first and sum(cells[first - 1 :]) <= most:
        first -= 1
    return first
