"""A small project to be debugged: own model, own rows, own loss; one row spoils the loss, one makes a spike."""

from __future__ import annotations

import csv
import math
from pathlib import Path

NET = """import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(2, outputs)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        root = torch.sqrt(4.0 - inputs[:, :1])
        return self.linear(torch.cat([root, inputs[:, 1:]], dim=1))
"""

LOSSES = """import torch


def squared(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    error = prediction - target
    return error**2
"""

ROWS = """import csv
from pathlib import Path


def made():
    with (Path(__file__).parents[1] / "rows.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [{name: float(value) for name, value in row.items()} for row in rows]
"""

ROOT_OF_NEGATIVE = 12
"""The number of the row, from 1, whose output is NaN."""

OUTLIER = 31
"""The number of the row, from 1, whose target is far from all others."""

COUNT = 40


def write_project(folder: Path, *, train: str = "rows.csv", more: str = "") -> Path:
    """A job of 20 steps of 4 rows in `folder`; its path. Line 1 of rows.csv is the header, row n stands on n + 1."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own").mkdir()
    for name, text in {"__init__": "", "net": NET, "losses": LOSSES, "rows": ROWS}.items():
        (folder / "own" / f"{name}.py").write_text(text, encoding="utf-8")
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["first", "second", "y"])
        for row in range(1, COUNT + 1):
            first = 1000.0 if row == ROOT_OF_NEGATIVE else math.sin(row)
            y = 900.0 if row == OUTLIER else 3 * math.cos(row) + first / 1000
            writer.writerow([first, math.cos(row), y])
    job = folder / "own.job.yaml"
    job.write_text(
        "task: regression\n"
        "model: own.net:Net\n"
        f"data: {{train: '{train}', columns: [first, second], target: y, validation: none}}\n"
        "training: {epochs: 2, batch_size: 4, learning_rate: 1e-3, loss: 'own.losses:squared'}\n"
        f"checkpoints: {{every: 8 steps, keep: 9}}\n{more}",
        encoding="utf-8",
    )
    return job


def line_of(file: Path, text: str) -> int:
    """The line, from 1, on which `text` stands."""
    return next(number for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if text in line)
