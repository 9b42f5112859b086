"""All that a run is, in use: taken for a checkpoint, and put back from one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tunesmith.contracts.training import Recorder
from tunesmith.train import optimizer_state
from tunesmith.train.base import refuse_other_base
from tunesmith.train.checkpoint import State, kept_names, put_module
from tunesmith.train.ema import Ema
from tunesmith.train.own_state import AroundState, ModuleState
from tunesmith.train.packed import Tensors
from tunesmith.train.precision import Precision
from tunesmith.train.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """All of a training that a checkpoint holds. `base` is what it holds checksums of alone (see `base_of`), `parts`
    says how many weights each part of the model has, and how many of them are tuned: what `model.safetensors` is of.

    `recorder` gets a warning, train.state-not-kept, of what keeps a resume from being exact.
    """

    module: nn.Module
    module_state: ModuleState
    around: AroundState
    base: Mapping[str, str]
    parts: Mapping[str, Mapping[str, int]]
    optimizer: torch.optim.Optimizer
    ema: Ema | None
    precision: Precision
    progress: Progress
    recorder: Recorder
    _told: set[str] = field(default_factory=set, init=False)

    def take(self) -> State:
        """Everything that the run is now. The tensors are those in use, not copies. What is lost is told once."""
        optimizer, optimizer_values = optimizer_state.take(self.optimizer)
        module: Tensors = {}
        around: Tensors = {}
        values = {
            "progress": asdict(self.progress),
            "optimizer": optimizer_values,
            "precision": self.precision.state(),
            "base": dict(self.base),
            "parts": self.parts,
            "module": self.module_state.take(module),
            "around": self.around.take(around),
        }
        self._tell_lost(values)
        tensors = {"model": kept_names(self.module, self.module_state), "optimizer": optimizer}
        tensors |= {} if self.ema is None else {"ema": self.ema.tensors()}
        tensors |= {kind: each for kind, each in (("module", module), ("around", around)) if each}
        return State(step=self.progress.step, tensors=tensors, values=values)

    def put(self, state: State, folder: Path) -> None:
        """Be what `state`, of the checkpoint `folder`, was taken of.

        Raises TunesmithError run.checkpoint-mismatch or run.model-changed.
        """
        refuse_other_base(state.values.get("base"), self.base, folder)
        missed = put_module(self.module, self.module_state, state, folder)
        optimizer_state.put(self.optimizer, state.tensors.get("optimizer", {}), state.values["optimizer"])
        missed += self.around.put(state.values.get("around", {}), state.tensors.get("around", {}))
        self._tell_lost(state.values, ", which no checkpoint holds")
        self._tell(f"{place} could not be put back" for place in missed)
        if self.ema is not None:
            self.ema.load(state.tensors["ema"])
        self.precision.load(state.values["precision"])
        for name, value in asdict(Progress(**state.values["progress"])).items():  # others hold this very object
            setattr(self.progress, name, value)

    def tell_lost(self) -> None:
        """Say what no checkpoint would hold now. An optimizer has its state after the first step; then code has moved,
        too."""
        self.take()

    def _tell_lost(self, values: Mapping[str, Any], more: str = "") -> None:
        found = [each for kind in ("optimizer", "module", "around") for each in values.get(kind, {}).get("lost", [])]
        self._tell(f"{each}{more}" for each in found if each not in self._told)
        self._told.update(found)

    def _tell(self, lost: Iterable[str]) -> None:
        for each in lost:
            self.recorder.event("warning", code="train.state-not-kept", step=self.progress.step, message=(
                f"a resume of this run is not exact: {each}"
            ))  # fmt: skip
