"""The numbers of the steps, from the device to the recorder: soon, and without a step that waits for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch

from tunesmith.contracts.training import Recorder

SOON_S = 0.03  # from one handing over to the next: a viewer sees a step within a tenth of a second
LATE_S = 0.2
SHARE = 100  # of the time between two of them, handing over takes this part at most; where it is slower, it comes later


@dataclass(slots=True)
class _Steps:
    """What consecutive steps measured, losses and norms still on the device."""

    first: int = 0
    losses: list[torch.Tensor] = field(default_factory=list)
    norms: list[torch.Tensor] = field(default_factory=list)
    parts: dict[str, list[torch.Tensor]] = field(default_factory=dict)
    rates: list[float] = field(default_factory=list)
    rows: int = 0


class StepNumbers:
    """Keeps what the steps measure and hands it over in bulk.

    `look(step, loss, norm)` is called for each step that is handed over (the norm is 0 where there is none), `flush`
    behind each bulk. `samples_per_second` is of the training alone, None until a step was measured.
    """

    def __init__(
        self,
        recorder: Recorder,
        *,
        device: torch.device,
        clock: Callable[[], float],
        look: Callable[[int, float, float], None],
        flush: Callable[[], None],
    ) -> None:
        self._recorder, self._clock, self._look, self._flush = recorder, clock, look, flush
        self._copies = device.type == "cuda"
        # Elsewhere but on the processor, and on devices that copy behind the training, reading would stop the training.
        self._soon_s = SOON_S if device.type in ("cpu", "cuda") else LATE_S
        self._rhythm_s = self._soon_s
        self._waiting = _Steps()
        self._coming: _Copy | None = None
        self._handed = self._measured_from = clock()
        self._rows = 0
        self.samples_per_second: float | None = None

    def add(self, step: int, loss: torch.Tensor, rate: float, norm: torch.Tensor | None, rows: int) -> None:
        """Take what the step after the one before measured: `loss` and `norm` are float32, shape (), on the device."""
        waiting = self._waiting
        if not waiting.losses:
            waiting.first = step
        waiting.losses.append(loss)
        waiting.rates.append(rate)
        waiting.rows += rows
        if norm is not None:
            waiting.norms.append(norm)

    def add_parts(self, parts: Mapping[str, torch.Tensor]) -> None:
        """The parts that the loss of the step to be added next is the sum of; the same names at every step."""
        for name, value in parts.items():
            self._waiting.parts.setdefault(name, []).append(value)

    def hand_over(self, now: float) -> bool:
        """Where it is time, begin to copy, or hand over what has been copied by now; whether something was."""
        if self._coming is None:
            if now - self._handed < self._rhythm_s or not self._waiting.losses:
                return False
            self._handed = now
            self._coming = self._begin()
        if not self._coming.is_there():
            return False
        self._record()
        self._rhythm_s = min(LATE_S, max(self._soon_s, SHARE * (self._clock() - now)))
        return True

    def drain(self) -> bool:
        """Hand everything over now, waiting for the device; whether there was anything."""
        had_some = False
        while self._coming is not None or self._waiting.losses:
            if self._coming is None:
                self._coming = self._begin()
            self._record()
            had_some = True
        self._handed = self._clock()
        return had_some

    def drop(self) -> None:
        """Forget what was not handed over."""
        self._waiting, self._coming = _Steps(), None

    def leave_out(self, seconds: float) -> None:
        """These seconds were not spent on steps."""
        self._measured_from += seconds

    def _begin(self) -> _Copy:
        steps, self._waiting = self._waiting, _Steps()
        return _Copy(steps, behind=self._copies)

    def _record(self) -> None:
        assert self._coming is not None
        coming, self._coming = self._coming, None
        steps, (losses, norms, parts) = coming.steps, coming.values()
        self._recorder.scalars("loss", steps.first, losses)
        self._recorder.scalars("learning_rate", steps.first, steps.rates)
        if norms:
            self._recorder.scalars("gradient_norm", steps.first, norms)
        for name, values in parts.items():
            self._recorder.scalars(f"loss_{name}", steps.first, values)
        for index, loss in enumerate(losses):
            self._look(steps.first + index, loss, norms[index] if norms else 0.0)
        self._measure(steps.rows)
        self._flush()

    def _measure(self, rows: int) -> None:
        self._rows += rows
        now = self._clock()
        if now - self._measured_from >= LATE_S or self.samples_per_second is None:
            self.samples_per_second = self._rows / max(now - self._measured_from, 1e-9)
            self._rows, self._measured_from = 0, now


class _Copy:
    """The numbers of `steps` on their way to the processor's memory; `behind` the training, on a CUDA device."""

    def __init__(self, steps: _Steps, *, behind: bool) -> None:
        self.steps = steps
        self._losses = torch.stack(steps.losses)
        self._norms = torch.stack(steps.norms) if steps.norms else None
        self._parts = {name: torch.stack(values) for name, values in steps.parts.items()}
        self._event: torch.cuda.Event | None = None
        if behind:
            self._losses = _pinned(self._losses)
            self._norms = None if self._norms is None else _pinned(self._norms)
            self._parts = {name: _pinned(values) for name, values in self._parts.items()}
            self._event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._event.record()

    def is_there(self) -> bool:
        """Whether `values` would not wait."""
        return self._event is None or bool(self._event.query())  # type: ignore[no-untyped-call]

    def values(self) -> tuple[list[float], list[float], dict[str, list[float]]]:
        """Losses, norms and the parts of the losses, as Python's numbers."""
        if self._event is not None:
            self._event.synchronize()
        norms = [] if self._norms is None else self._norms.tolist()
        return self._losses.tolist(), norms, {name: values.tolist() for name, values in self._parts.items()}


def _pinned(tensor: torch.Tensor) -> torch.Tensor:
    return torch.empty_like(tensor, device="cpu", pin_memory=True).copy_(tensor, non_blocking=True)
