"""What is known of a run before any step is measured."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from tunesmith.data.features import Features
from tunesmith.estimate.prepared import Material
from tunesmith.estimate.shapes import Sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """What shapes determine. `encoded` are the features of the sample, `features` the same with what stands for the
    findings of the untuned model. `loading_s` is what reading, importing and assembling took until here."""

    material: Material
    device: torch.device
    precision: str
    sizes: Sizes | None
    encoded: Features
    features: Features
    steps: int
    steps_per_epoch: int
    tokenizer_json: str | None
    loading_s: float
    encoding_s: float
    surplus_bytes: int
    notes: tuple[str, ...]
