"""The model of this project: yours to change. Anything that is an nn.Module will do."""

import torch
from torch import nn


class Perceptron(nn.Module):
    """784 pixels in, 128 and 64 hidden units, one number a class out (no softmax: the loss does that)."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(784, 128),
            nn.ReLU(),
            nn.Linear(128, 64),
            nn.ReLU(),
            nn.Linear(64, outputs),
        )

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Pixels of shape (batch, 784), numbers of shape (batch, outputs)."""
        result: torch.Tensor = self.layers(pixels)
        return result
