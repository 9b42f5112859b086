"""Small pictures of two classes, and a job that learns to tell them apart."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from support import write_job

NET = """from torch import nn
def net(outputs):
    return nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, outputs))
"""


def picture(number: int, form: str = "PNG") -> bytes:
    pixels = np.random.default_rng(number).integers(0, 120, (24, 24, 3)).astype(np.uint8)
    pixels[..., 2 * (number % 2)] += 120
    made = io.BytesIO()
    Image.fromarray(pixels).save(made, form)
    return made.getvalue()


def image_job(folder: Path, data: str) -> Path:
    (folder / "small_net.py").write_text(NET)
    return write_job(folder, f"{data}, validation: 20%", task="image-classification", model="small_net:net")
