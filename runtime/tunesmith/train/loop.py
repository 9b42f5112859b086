"""The training loop: one for every task.

A step, in order: take the rows, set the random numbers, forward and backward over the micro-batches, clip, update (or
skip, where a number is not finite), remember the loss. Between two steps: evaluate, save, obey.
Nothing in a step waits for the device: numbers stay there and are read in bulk (`StepNumbers`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from tunesmith.contracts.loss import LossFunction
from tunesmith.contracts.model import LoadedModel
from tunesmith.contracts.task import Outputs, TaskRuntime
from tunesmith.contracts.training import Commands, Recorder, Watch
from tunesmith.data.features import Features
from tunesmith.data.rows import Rows
from tunesmith.errors import Place, TunesmithError
from tunesmith.job.job import Job
from tunesmith.methods.parts.model_parts import model_parts
from tunesmith.options import Interval
from tunesmith.scores.metrics import Metric
from tunesmith.shortages import is_out_of_memory
from tunesmith.train.batches import sum_of_parts
from tunesmith.train.checkpoint import State
from tunesmith.train.clip import clip_
from tunesmith.train.device import takes_found_inf
from tunesmith.train.diagnosis import explained
from tunesmith.train.ema import Ema
from tunesmith.train.evaluate import answered_rows, answers_of, figures_of, outputs_of
from tunesmith.train.gradients import Gradients
from tunesmith.train.learning import Learning
from tunesmith.train.live_state import LiveState
from tunesmith.train.modes import train_mode
from tunesmith.train.own_state import AroundState, ModuleState
from tunesmith.train.plan import Plan
from tunesmith.train.precision import Precision
from tunesmith.train.progress import Progress
from tunesmith.train.saving import Saver
from tunesmith.train.seeding import generators_apart, seed_step
from tunesmith.train.step_numbers import StepNumbers

Ending = Literal["finished", "stopped", "paused"]


class _AskedToStop(Exception):
    """An evaluation is left out: the run is to stop or to pause."""


POLL_S = 0.2  # how often the loop looks at commands
NORM_FROM_PARAMETERS = 1_000_000  # below, the gradient norm is only taken where the job clips: it would cost 5 %


class Loop:
    """Trains one model. `run()` goes on from where the progress stands until the end, a command or an error."""

    def __init__(
        self,
        *,
        job: Job,
        task: TaskRuntime,
        metric: Metric,
        model: LoadedModel,
        loss: LossFunction,
        optimizer: torch.optim.Optimizer,
        module_state: ModuleState,
        around: AroundState,
        base: Mapping[str, str],
        rate: Callable[[int], float],
        plan: Plan,
        precision: Precision,
        device: torch.device,
        train: Features,
        validation: Features | None,
        named: Callable[[NDArray[np.int64]], str] | None = None,
        validation_rows: Rows | None = None,
        class_weights: list[float] | None,
        recorder: Recorder,
        commands: Commands,
        saver: Saver,
        report_progress: Callable[[Mapping[str, Any]], None],
        watch: Watch | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.job, self.task, self.model, self._metric = job, task, model, metric
        self.plan, self.progress = plan, Progress(learning_rate=job.training.learning_rate)
        self.progress.micro_batch_size = job.training.micro_batch_size or job.training.batch_size
        self.last_loss = math.nan
        self.nothing_learnt = ""  # why, once the training is over
        self._optimizer, self._rate = optimizer, rate
        self._precision, self._device = precision, device
        self._validation, self._validation_rows = validation, validation_rows
        self._recorder, self._commands, self._saver = recorder, commands, saver
        self._report_progress, self._watch, self._clock = report_progress, watch, clock
        self._parameters = [p for p in model.module.parameters() if p.requires_grad]
        is_large = sum(p.numel() for p in self._parameters) > NORM_FROM_PARAMETERS
        self._takes_norm = is_large or job.training.clip_norm is not None or precision.name == "fp16"
        self._ema = Ema(model.module, decay=job.training.ema) if job.training.ema else None
        self.module_state, self.around = module_state, around
        self._state = LiveState(
            module=model.module,
            module_state=module_state,
            around=around,
            base=base,
            parts={part.name: {"weights": part.weights, "tuned": part.tuned} for part in model_parts(model)},
            optimizer=optimizer,
            ema=self._ema,
            precision=precision,
            progress=self.progress,
            recorder=recorder,
        )
        self._numbers = StepNumbers(
            recorder,
            device=device,
            clock=clock,
            look=self._look,
            flush=lambda: saver.guard(recorder.flush, self._obey_while_waiting),
        )
        self._last_poll = self._last_evaluation = self._last_save = clock()
        self._saved_step = -1
        self.learning = Learning(model.module, self.progress, recorder)
        self._gradients = Gradients(
            seed=job.seed,
            task=task,
            model=model,
            loss=loss,
            features=train,
            class_weights=class_weights,
            precision=precision,
            device=device,
            progress=self.progress,
            learning=self.learning,
            recorder=recorder,
            watch=watch,
        )
        self._named = named  # file and lines of training samples
        self._put_off: list[Mapping[str, Any]] = []  # commands that came while the disk was full
        self._skips_on_device = device.type == "cuda" and takes_found_inf(optimizer)

    # -- one step -----------------------------------------------------------------------------------------------------

    def step(self) -> torch.Tensor:
        """One optimizer step: rows in, weights changed, numbers remembered. Returns the mean loss, on the device."""
        step = self.progress.step + 1
        rows = self.plan.rows(step)
        rate = self.progress.learning_rate * self._rate(step)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        while True:
            try:
                loss = self._mean_loss(step, rows)
                break
            except (MemoryError, RuntimeError, OSError) as error:
                if not is_out_of_memory(error) or not self._smaller_micro_batch(step, rows):
                    raise
        if self._watch is not None:
            self._watch.before_update(step, loss)
        norm = self._update(loss)
        if self._ema is not None:
            self._ema.update()
        self.progress.step = step
        self._numbers.add(step, loss, rate, norm, len(rows))
        return loss

    def _mean_loss(self, step: int, rows: NDArray[np.int64]) -> torch.Tensor:
        """Gradients of the mean loss over all targets of the step, however it is split. Returns that mean."""
        for parameter in self._parameters:  # optimizer.zero_grad takes a dozen microseconds more
            parameter.grad = None
        if self._watch is not None:
            self._watch.begin()
        seed_step(self.job.seed, step, self._device)
        sums = self._gradients.add(step, rows)
        self.learning.look()
        if len(sums) > 1:
            self._numbers.add_parts(sums)
        return sum_of_parts(sums)

    def _update(self, loss: torch.Tensor) -> torch.Tensor | None:
        """Clip and step; a step with a number that is not finite changes nothing. Returns the gradient norm."""
        norm: torch.Tensor | None = None
        grads = [p.grad for p in self._parameters if p.grad is not None] if self._takes_norm else []
        if self._takes_norm:
            self._precision.unscale_(grads)
            norm = clip_(grads, max_norm=self.job.training.clip_norm or math.inf)
        sign = loss if norm is None else loss + norm
        if self._skips_on_device:
            bad = (~torch.isfinite(sign)).float()
            self._optimizer.grad_scale, self._optimizer.found_inf = None, bad  # type: ignore[attr-defined]
            self._optimizer.step()
            self._precision.after_step(bad)
        elif math.isfinite(sign.item()):
            self._optimizer.step()
            self._precision.after_step(None)
        else:
            self._precision.after_step(torch.ones((), device=self._device))
        return norm

    def _smaller_micro_batch(self, step: int, rows: NDArray[np.int64]) -> bool:
        """Halve the micro-batch after an out-of-memory error; False where a single row does not fit."""
        before = min(self.progress.micro_batch_size, len(rows))
        self._optimizer.zero_grad(set_to_none=True)
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        if before <= 1:
            return False
        self.progress.micro_batch_size = after = (before + 1) // 2
        self._recorder.event(
            "memory-step-down",
            step=step,
            micro_batch_size=after,
            accumulation=math.ceil(self.job.training.batch_size / after),
            message=f"out of memory: going on with micro-batches of {after} instead of {before} rows; "
            "the batch size and so the result stay as they are",
        )
        return True

    # -- between steps ------------------------------------------------------------------------------------------------

    def run(self) -> Ending:
        """Train to the end.

        Raises TunesmithError train.not-finite after too many bad steps in a row, train.no-target or train.no-gradient
        where nothing can be learnt.
        """
        if not self._gradients.has_targets:
            raise TunesmithError(
                "train.no-target",
                "no training row has anything to learn: every row has 0 targets",
                place=Place(key="data"),
                hint="`tunesmith check` names the rows and says why",
            )
        train_mode(self.model.module)
        self.learning.begin()
        if self.progress.step == 0:
            self._report(force=True)
            self.tell_lost()
        if self.progress.owes_evaluation:
            self._saved_step = -1  # the checkpoint of this step knows nothing of it
            if (ending := self._judge_and_save(always=True)) is not None:
                return ending
        while self.progress.step < self.plan.total_steps and not self.progress.early_stopped:
            self.step()
            if self.progress.step == 1:
                self.tell_lost()
            self.learning.stepped()
            if (ending := self._between_steps()) is not None:
                return ending
        self._drain()
        self.nothing_learnt = self.learning.conclude()
        if self.progress.evaluated_step != self.progress.step and self._evaluate() is None:
            return self._leave()
        if self._validation is not None and self.progress.best is None:
            self.learning.doubt(
                "train.no-best",
                f"{self.job.evaluation.metric} was not a number in any evaluation: there is no best checkpoint, and "
                "the last one stands in its place",
                "look at the validation rows, and whether the training diverged",
            )
        self._save("end", wait=True)
        self._report(force=True)
        return "finished"

    def run_to(self, step: int) -> None:
        """Go forward to just before `step`, without evaluating or saving (replay)."""
        train_mode(self.model.module)
        while self.progress.step < step - 1:
            self.step()
        self._numbers.drop()

    def explained(self, error: BaseException) -> TunesmithError | None:
        """What an error that a step raised is about, in the words of the job; None where nothing better is known."""

        def forward() -> None:
            self._gradients.forward(self.plan.rows(self.progress.step + 1)[: self.progress.micro_batch_size])

        return explained(error, self.model.module, forward, self.job)

    def tell_lost(self) -> None:
        """Record, as warnings, what a checkpoint of this moment would not hold."""
        self._state.tell_lost()

    def rows_of_next_step(self) -> NDArray[np.int64]:
        """The training rows that the next step will take."""
        return self.plan.rows(self.progress.step + 1)

    def _between_steps(self) -> Ending | None:
        now, step = self._clock(), self.progress.step
        if self._numbers.hand_over(now):
            self._report()
        is_due = step == self.plan.total_steps or self._due(self.job.evaluation.every, self._last_evaluation)
        self.progress.owes_evaluation = self._validation is not None and is_due
        if now - self._last_poll >= POLL_S:
            self._last_poll = now
            self._saver.tend(self._obey_while_waiting)
            if (ending := self._obey()) is not None:
                return ending
        if self.progress.owes_evaluation:
            return self._judge_and_save()
        if self._due(self.job.checkpoints.every, self._last_save):
            self._save("rhythm")
        return None

    def _judge_and_save(self, *, always: bool = False) -> Ending | None:
        gained = self._evaluate()
        if gained is None:
            return self._leave()
        if always or gained or self._due(self.job.checkpoints.every, self._last_save):
            self._save("best" if gained else "rhythm")
        return None

    def _leave(self) -> Ending:
        """Obey the command for which an evaluation was left out."""
        ending = self._obey()
        assert ending is not None
        return ending

    def _due(self, every: Interval, last: float) -> bool:
        if every.unit == "minutes":
            return self._clock() - last >= every.count * 60
        per = every.count * (self.plan.steps_per_epoch if every.unit == "epochs" else 1)
        step = self.progress.step
        # The number of whole intervals passed grows at this step: also right for half epochs of odd length.
        return math.floor(step / per + 1e-9) > math.floor((step - 1) / per + 1e-9)

    def _drain(self) -> None:
        """Hand over all numbers of the steps so far."""
        if self._numbers.drain():
            self._report()

    def _look(self, step: int, loss: float, norm: float) -> None:
        """Whether a step's numbers, on their way to the recorder, are finite."""
        self.learning.saw(loss)
        if math.isfinite(loss) and math.isfinite(norm):
            self.progress.non_finite_in_row = 0
            self.last_loss = loss
        elif self._precision.name != "fp16" or not math.isfinite(loss):
            self._not_finite(step, loss, norm)  # float16's scale is found by letting gradients overflow

    def _not_finite(self, step: int, loss: float, norm: float) -> None:
        limit = self.job.training.non_finite_limit
        self.progress.non_finite_in_row += 1
        samples = self.plan.rows(step)
        rows = samples.tolist()
        what = "loss" if not math.isfinite(loss) else "gradient"
        where = "" if self._named is None else f" (its rows: {self._named(samples)})"
        self._recorder.event("non-finite", step=step, loss=loss, gradient_norm=norm, rows=rows, message=(
            f"the {what} of step {step} is not finite; the step was skipped{where}"
        ))  # fmt: skip
        if self.progress.non_finite_in_row >= limit:
            raise TunesmithError(
                "train.not-finite",
                f"the {what} was not finite at {limit} steps in a row, the last one step {step}",
                hint=f"lower training.learning_rate (now {self.progress.learning_rate:g}), set training.clip_norm to 1 "
                "or training.precision to fp32, and look at the rows named in the run's events; the last checkpoint "
                "is from before",
            )

    def _obey(self) -> Ending | None:
        commands, self._put_off = [*self._put_off, *self._commands.take()], []
        for command in commands:
            name = command.get("command")
            if name in ("stop", "pause"):
                self._save(str(name), wait=True)
                self._report(force=True)
                return "stopped" if name == "stop" else "paused"
            if name == "checkpoint" and self.progress.owes_evaluation:
                self._put_off.append(command)  # a checkpoint is of a step that is over
            elif name == "checkpoint":
                self._save("command")
            elif name == "set" and isinstance(command.get("learning_rate"), (int, float)):
                self.progress.learning_rate = float(command["learning_rate"])
                self._recorder.event("set", step=self.progress.step, learning_rate=self.progress.learning_rate)
        return None

    def _obey_while_waiting(self) -> bool:
        """While the disk is full: whether to give up waiting (stop or pause was asked for); the rest comes later."""
        self._put_off += self._commands.take()
        return any(command.get("command") in ("stop", "pause") for command in self._put_off)

    # -- evaluation and checkpoints ------------------------------------------------------------------------------------

    def outputs_of_current_weights(self, features: Features, between: Callable[[], None] = lambda: None) -> Outputs:
        """The task's outputs for all rows with the module's weights as they are. `between` as in `outputs_of`."""
        with generators_apart(self.job.seed, "evaluation"):
            return outputs_of(
                self.task,
                self.model,
                features,
                batch_size=self.job.evaluation.batch_size,
                device=self._device,
                autocast=self._precision.autocast,
                between=between,
            )

    def _outputs(self, features: Features) -> Outputs:
        """The same with the weights that evaluation looks at: the averaged ones, where the job averages."""
        with self._ema.averaged() if self._ema is not None else nullcontext():
            return self.outputs_of_current_weights(features, self._leave_if_asked)

    def _leave_if_asked(self) -> None:
        """Between two batches of an evaluation. Raises _AskedToStop where the run is to stop or to pause."""
        now = self._clock()
        if now - self._last_poll >= POLL_S:
            self._last_poll = now
            if self._obey_while_waiting():
                raise _AskedToStop

    def _figures(self) -> dict[str, float]:
        """Of the validation rows, with the weights that evaluation looks at; the dear ones of some rows only."""
        assert self._validation is not None
        figures = figures_of(self.task, self._outputs(self._validation), self._validation)
        if self.task.writes and self._validation_rows is not None and self.task.answered_rows:
            rows = answered_rows(self._validation_rows, self.task.answered_rows)
            with self._ema.averaged() if self._ema is not None else nullcontext():
                answers = self.answers_of_current_weights(rows, self._leave_if_asked)
            figures |= self.task.answer_metrics(answers, rows)
        return figures

    def answers_of_current_weights(self, rows: Rows, leave: Callable[[], None] = lambda: None) -> list[Any]:
        """The dear pass over these rows, with the module's weights as they are. `leave` is called after each batch and
        may raise to give up."""

        def between(done: int) -> None:
            self._report(message=f"writing answers: {done:,} of {len(rows):,} rows")
            leave()

        with generators_apart(self.job.seed, "evaluation"):
            return answers_of(
                self.task,
                self.model,
                rows,
                autocast=self._precision.autocast,
                between=between,
            )

    def _evaluate(self) -> bool | None:
        """Measure on the validation rows; whether this is the best so far. None where it is left out for a command to
        stop: a run that goes on from here makes up for it, with the same result."""
        progress = self.progress
        self._drain()
        if self._validation is None:
            progress.evaluated_step = progress.step
            return False
        began = self._clock()
        try:
            metrics = self._figures()
        except _AskedToStop:
            return None
        progress.evaluated_step, progress.owes_evaluation = progress.step, False
        for name, value in metrics.items():
            self._recorder.scalar(f"validation_{name}", progress.step, value)
        metric = self._metric.name
        is_best = progress.judge(self._metric, metrics.get(metric, math.nan), metrics["loss"])
        self._recorder.event("evaluation", step=progress.step, metrics=metrics, best=is_best)
        patience = self.job.evaluation.patience
        if patience is not None and progress.evaluations_without_gain >= patience:
            progress.early_stopped = True
            if progress.best is None:
                message = f"{metric} was not a number in {patience} evaluations, so there is no best checkpoint"
            else:
                best = progress.best["step"]
                message = f"{metric} has not improved for {patience} evaluations; the best was at step {best}"
            self._recorder.event("early-stop", step=progress.step, message=message)
        self._last_evaluation = self._clock()
        self._numbers.leave_out(self._last_evaluation - began)
        return is_best

    def _save(self, reason: str, *, wait: bool = False) -> None:
        """Take a checkpoint of this step, unless there is one, and write it behind the training (`wait`: before)."""
        self._drain()
        self.learning.compare()
        # What was measured since the last step too: a run that goes on from this checkpoint does not measure it again.
        self._saver.guard(self._recorder.flush, self._obey_while_waiting)
        if self._saved_step != self.progress.step:
            began = self._clock()
            best, give_up = self.progress.best, self._obey_while_waiting
            self._saver.save(self._state.take, reason, best, give_up, stays=wait)
            self._saved_step = self.progress.step
            self._last_save = self._clock()
            self._recorder.scalar("checkpoint_pause_s", self.progress.step, self._last_save - began)
        if wait:
            self._saver.finish(self._obey_while_waiting)

    def restore(self, state: State, folder: Path) -> None:
        """Stand where `state` was taken. Raises TunesmithError run.checkpoint-mismatch or run.model-changed."""
        self._state.put(state, folder)
        self._saved_step = self.progress.step

    def _report(self, *, message: str = "", force: bool = False) -> None:
        left = self.plan.total_steps - self.progress.step
        speed = self._numbers.samples_per_second
        self._report_progress(
            {
                "step": self.progress.step,
                "total_steps": self.plan.total_steps,
                "epoch": self.progress.step / self.plan.steps_per_epoch,
                "loss": self.last_loss,
                "learning_rate": self._optimizer.param_groups[0]["lr"],
                "samples_per_second": speed,
                "eta_s": left * self.job.training.batch_size / speed if speed else None,
                "best": self.progress.best,
                "device": str(self._device),
                "message": message,
                "force": force,
            }
        )
