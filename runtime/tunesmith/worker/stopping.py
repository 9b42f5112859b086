"""Stops a training in the debugger: between the gradients of a step and its update, with everything in plain names."""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tunesmith.contracts.loss import LossFunction
from tunesmith.contracts.task import Batch
from tunesmith.data.features import rows_of
from tunesmith.data.rows import Rows
from tunesmith.errors import TunesmithError
from tunesmith.files import write_atomic
from tunesmith.train.assemble import project_cache
from tunesmith.worker import stop_here
from tunesmith.worker.conditions import AtRow, AtStep, Condition, Spike
from tunesmith.worker.prepared import Training
from tunesmith.worker.spikes import Losses

log = logging.getLogger("tunesmith.worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A micro-batch: `rows` are numbers of training rows; `losses` has one entry for each target."""

    rows: NDArray[np.int64]
    batch: Batch
    outputs: torch.Tensor
    targets: torch.Tensor
    losses: torch.Tensor

    def is_finite(self) -> bool:
        return bool(torch.isfinite(self.outputs).all() and torch.isfinite(self.losses).all())

    def greatest_loss(self) -> float:
        return float(self.losses.max()) if self.losses.numel() else -math.inf


class Stopper:
    """Looks at each step (`Watch` of contracts/training.py) and stops where a condition holds.

    Reading the loss makes each step wait for the device; every number stays the same.
    """

    def __init__(self, conditions: Sequence[Condition] = ()) -> None:
        self._conditions = conditions
        self._usual = Losses()
        self._was_finite = True
        self._seen: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
        self.parts: list[Part] = []
        self._training: Training | None = None
        self._wanted: dict[AtRow, list[int]] = {}

    def attach(self, training: Training) -> None:
        """Know the rows. Raises TunesmithError run.row-not-trained or run.no-such-step: it would never stop there."""
        self._training = training
        total = training.loop.plan.total_steps
        for condition in self._conditions:
            if isinstance(condition, AtStep) and condition.step > total:
                found, allowed = str(condition.step), (f"1 to {total}",)
                raise TunesmithError("run.no-such-step", "the run has no such step", found=found, allowed=allowed)
            if isinstance(condition, AtRow):
                self._wanted[condition] = condition.among(training.data.train)
                if not self._wanted[condition]:
                    raise _not_trained(condition, training.data.train)

    def watched(self, loss: LossFunction) -> LossFunction:
        def watched_loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
            losses = loss(prediction, target)
            outputs = prediction.detach()
            # A leaf is memory over which the output layer of a language model writes its gradient.
            self._seen.append((outputs.clone() if prediction.is_leaf else outputs, target, losses.detach()))
            return losses

        return watched_loss

    def begin(self) -> None:
        self._seen, self.parts = [], []

    def part(self, rows: NDArray[np.int64], batch: Batch) -> None:
        seen = self._seen or [(torch.empty(0), torch.empty(0), torch.empty(0))]  # no target is among these rows
        outputs, targets, losses = (each[0] if len(each) == 1 else torch.cat(each) for each in zip(*seen, strict=True))
        self._seen = []
        if self._training is not None:
            rows = rows_of(self._training.train, rows)
        self.parts.append(Part(rows=rows, batch=batch, outputs=outputs, targets=targets, losses=losses))

    def before_update(self, step: int, loss: torch.Tensor) -> None:
        value = loss.item()
        above = self._usual.deviations(value) if math.isfinite(value) else 0.0
        found = [self._reason(condition, step, value, above) for condition in self._conditions]
        if math.isfinite(value):
            self._usual.add(value)
        if any(found):
            self._stop(step, "; ".join(reason for reason in found if reason), loss)
        self.parts = []  # batches and outputs may be large

    def _reason(self, condition: Condition, step: int, loss: float, above: float) -> str:
        """Why to stop, in words; empty where the condition does not hold."""
        if isinstance(condition, AtStep):
            return f"this is step {step}{condition.remark}" if step == condition.step else ""
        if isinstance(condition, Spike):
            reason = f"the loss {loss:.6g} lies {above:.1f} median absolute deviations above the median of those before"
            return reason if above > condition.deviations else ""
        if isinstance(condition, AtRow):
            held = any(self._holds(condition, part) for part in self.parts)
            return f"the batch holds {condition.file}:{condition.line}" if held else ""
        odd = "loss" if not math.isfinite(loss) else "" if self._has_finite_gradients() else "gradient"
        # Of consecutive steps the first alone: behind it there is nothing new to see.
        first, self._was_finite = self._was_finite, not odd
        return f"the {odd} is not finite" if odd and first else ""

    def _has_finite_gradients(self) -> bool:
        assert self._training is not None  # `attach` comes before the first step
        if self._training.precision.name == "fp16":
            return True  # its scale is found by letting gradients overflow
        grads = [parameter.grad for parameter in self._training.assembled.model.module.parameters()]
        return all(bool(torch.isfinite(grad).all()) for grad in grads if grad is not None)

    def _holds(self, condition: AtRow, part: Part) -> bool:
        return bool(np.isin(self._wanted[condition], part.rows).any())

    def _telling(self) -> Part:
        """The micro-batch to show: the one with the row, the first that is not finite, or that of the greatest loss."""
        with_row = [part for part in self.parts if any(self._holds(condition, part) for condition in self._wanted)]
        odd = [part for part in self.parts if not part.is_finite()]
        return next(iter(odd or with_row), None) or max(self.parts, key=Part.greatest_loss)

    def _as_read(self, numbers: NDArray[np.int64]) -> list[dict[str, Any]]:
        """Training rows as the file has them: their place and each role's value."""
        assert self._training is not None  # `attach` comes before the first step
        rows = self._training.data.train
        return [
            {"place": str(rows.place(number)), **{role: cells[number] for role, cells in rows.columns.items()}}
            for number in numbers.tolist()
        ]

    def _stop(self, step: int, reason: str, loss: torch.Tensor) -> None:
        assert self._training is not None  # `attach` comes before the first step
        part = self._telling()
        log.info("stopped in step %d before its update: %s", step, reason)
        _placed(project_cache(self._training.job.folder) / "stop_here.py")(
            step=step,
            reason=reason,
            rows=self._as_read(part.rows),
            batch=part.batch,
            outputs=part.outputs,
            targets=part.targets,
            losses=part.losses,
            loss=loss,
            model=self._training.assembled.model.module,
            parts=self.parts,
        )
        log.info("going on with step %d", step)


def _placed(file: Path) -> Callable[..., int]:
    """`stop_here` as if it stood in `file`, where debuggers stop although they leave out installed packages."""
    source = Path(stop_here.__file__).read_text(encoding="utf-8")
    with contextlib.suppress(OSError):  # then the debugger stops all the same and shows no text
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(file, source, durable=False)
    names: dict[str, Any] = {"__name__": stop_here.__name__}
    exec(compile(source, str(file), "exec"), names)
    placed: Callable[..., int] = names["stop_here"]
    return placed


def _not_trained(condition: AtRow, rows: Rows) -> TunesmithError:
    near = [place for place in map(rows.place, range(len(rows))) if abs((place.line or 0) - condition.line) <= 3]
    return TunesmithError(
        "run.row-not-trained",
        "no training row was read from there",
        found=f"{condition.file}:{condition.line}",
        allowed=tuple(str(place) for place in near[:6]),
        hint="it may be among the validation or test rows, be the file's header, or have been skipped as a bad row",
    )
