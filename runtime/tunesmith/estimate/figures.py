"""What an estimate says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from tunesmith.errors import Problem, problem_fields, problem_from
from tunesmith.methods.parts.model_parts import ModelPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes at the peak, by what holds them; on a GPU, of the device. The parts add up to `total`.

    `activations`: what else a step needs at its peak, kept between forward and backward of the longest batch or in
    passing. `average`: the moving average of the weights. `checkpoint`: the copy that a checkpoint is written from
    (none on a GPU: it is in the host's memory). `process`: Python, libraries, data, the allocator's slack.
    """

    weights: int
    gradients: int
    optimizer: int
    average: int
    activations: int
    checkpoint: int
    process: int

    @property
    def total(self) -> int:
        return sum(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """Bytes. `most` counts every checkpoint that may lie there at once, one half written included."""

    one_checkpoint: int
    kept: int
    most: int
    series: int
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """Seconds of the whole run, by what they are spent on; they add up to `total`. `step` is the mean of one."""

    loading: float
    training: float
    evaluation: float
    checkpoints: float
    report: float
    step: float

    @property
    def total(self) -> float:
        return self.loading + self.training + self.evaluation + self.checkpoints + self.report


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A change of the job, as `--set` takes it, under which the run fits: it then needs `memory_bytes`."""

    overrides: tuple[str, ...]
    message: str
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run of a job will take. What cannot be said is None, and `notes` give the reasons.

    `memory` is that of the device that trains; `host_bytes` the process's own where that is a GPU. `free_bytes` and
    `fits` are of now. `measured`: time and memory come from steps that were really taken; otherwise sizes come from
    the shapes of all tensors of a step, worked out without computing it. `precision` is the number format of the
    forward pass. `rows` are training rows before any remedy for imbalance, `parts` those of the model.
    """

    device: str
    precision: str
    memory: Memory | None
    host_bytes: int | None
    free_bytes: int
    fits: bool | None
    disk: Disk | None
    parameters: int | None
    trainable_parameters: int | None
    rows: int
    labels: int
    steps: int
    steps_per_epoch: int
    evaluations: int
    checkpoints: int
    time: Time | None
    energy_j: float | None
    measured: bool
    parts: tuple[ModelPart, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    def as_fields(self) -> dict[str, Any]:
        """JSON values; sums (`memory.total`, `time.total`) are written out."""
        found = asdict(self)
        if self.memory is not None:
            found["memory"]["total"] = self.memory.total
        if self.time is not None:
            found["time"]["total"] = self.time.total
        found["problems"] = [problem_fields(problem) for problem in self.problems]
        return found


def estimate_from(found: Mapping[str, Any]) -> Estimate:
    """The inverse of `Estimate.as_fields`."""
    known = {field.name: found[field.name] for field in fields(Estimate)}
    parts = {"memory": Memory, "disk": Disk, "time": Time}
    for name, kind in parts.items():
        value = known[name]
        if value is not None:
            known[name] = kind(**{field.name: value[field.name] for field in fields(kind)})
    known["parts"] = tuple(ModelPart(**part) for part in known["parts"])
    known["notes"] = tuple(known["notes"])
    known["problems"] = tuple(problem_from(problem) for problem in known["problems"])
    known["remedies"] = tuple(
        Remedy(**{**remedy, "overrides": tuple(remedy["overrides"])}) for remedy in known["remedies"]
    )
    return Estimate(**known)
