"""Rebuild one step of a run exactly: nearest checkpoint before, then forward. Nothing in the run's folder changes."""

from __future__ import annotations

from dataclasses import dataclass

from tunesmith.data.features import rows_of
from tunesmith.errors import Place, TunesmithError
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.series import read_series
from tunesmith.train import checkpoint
from tunesmith.train.null_recorder import NullRecorder
from tunesmith.worker.conditions import AtStep
from tunesmith.worker.debugger import unfollowed
from tunesmith.worker.stopping import Stopper
from tunesmith.worker.training import prepare


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One step again. `recorded` is the loss that the run wrote down, None where it has none; `rows` are the places."""

    step: int
    loss: float
    recorded: float | None
    rows: tuple[Place, ...]
    from_step: int

    @property
    def exact(self) -> bool:
        """Whether the loss is the recorded one, bit for bit (NaN equals NaN)."""
        return self.recorded is not None and (
            self.loss == self.recorded or (self.loss != self.loss and self.recorded != self.recorded)
        )


def replay(run: RunFolder, step: int, *, stop: bool) -> Replayed:
    """Go to just before `step` and take it. `stop`: in the debugger, before its update; then nothing is compiled.

    No breakpoint stops the steps on the way. Raises TunesmithError run.no-such-step where the run never took it.
    """
    null = NullRecorder()
    before = [folder for folder in run.checkpoints() if checkpoint.step_of(folder) < step]
    newest, _ = checkpoint.newest_good(before)
    recorded = _recorded(run, step)
    remark = "" if recorded is None else f", whose loss was recorded as {recorded!r}"
    stopper = Stopper([AtStep(step=step, remark=remark)]) if stop else None
    training = prepare(run, null, null, lambda progress: None, checkpoint_folder=newest, stopper=stopper)
    total = training.loop.plan.total_steps
    if not 1 <= step <= total:
        raise TunesmithError(
            "run.no-such-step", "the run has no such step", found=str(step), allowed=(f"1 to {total}",)
        )
    began = training.loop.progress.step
    if stop:
        unfollowed(lambda: training.loop.run_to(step))
    else:
        training.loop.run_to(step)
    rows = training.loop.rows_of_next_step()
    loss = float(training.loop.step())
    places = tuple(training.data.train.place(int(row)) for row in rows_of(training.train, rows))
    return Replayed(step=step, loss=loss, recorded=recorded, rows=places, from_step=began)


def _recorded(run: RunFolder, step: int) -> float | None:
    series = run.path / "series" / "loss.bin"
    if not series.exists():
        return None
    records = read_series(series)
    found = records["value"][records["step"] == step]
    return float(found[-1]) if len(found) else None
