"""The work of every rule grows with a file's length and not with its square: lines of Python are counted, not time."""

from __future__ import annotations

import pytest

from support import lines_run
from tunesmith.catalog import Catalog
from tunesmith.inspections.engine import read

RULES = Catalog().inspections
SMALL, TIMES = 8, 3
BLOCK = """\
class Net{N}(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.norm = nn.BatchNorm1d(4)
        self.heads = nn.ModuleList([nn.Linear(4, 4)])
        self.tail = [nn.ReLU()]

    def forward(self, x):
        x = F.relu(self.norm(self.fc(x)))
        x = x.view(-1, 4).permute(1, 0).contiguous()
        return F.dropout(x, training=self.training)

def train_{N}(loader, test_loader, epochs, device):
    model = Net{N}()
    model.to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 5000)
    total, losses, state = 0.0, [], None
    train_loader = DataLoader(TensorDataset(torch.ones(4)), batch_size=2, shuffle=True)
    for epoch in range(epochs):
        model.train()
        for batch, target in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(batch), target.long())
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            total += loss.detach()
            losses.append(loss.item())
        evaluate_{N}(model, test_loader)
    return scaler_{N}.fit_transform(total), losses

@torch.no_grad()
def evaluate_{N}(model, loader):
    model.eval()
    right = 0
    for batch, target in loader:
        right += (model(batch).data.argmax(dim=1) == target).sum().item()
    return right / len(loader.dataset)

scaler_{N} = StandardScaler()

"""
OPENING = """\
import torch
import torch.nn.functional as F
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

"""


def file_of(blocks: int) -> str:
    return OPENING + "".join(BLOCK.replace("{N}", str(number)) for number in range(blocks))


def wide(layers: int) -> str:
    """One class with many layers, as in a notebook that was written out by a program."""
    made = "".join(f"        self.layer{number} = nn.Linear(4, 4)\n" for number in range(layers))
    used = "".join(f"        x = self.layer{number}(x)\n" for number in range(layers))
    head = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    return f"{OPENING}{head}{made}\n    def forward(self, x):\n{used}        return x\n"


def lines_of(name: str, source: str) -> int:
    """How many lines of Python a rule runs over a file, the index of which is made before."""
    module = read(source)
    assert module is not None
    return lines_run(lambda: list(RULES[name].call("check", module)))


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("make", [file_of, wide], ids=["many", "wide"])
def test_rule_runs_in_time_that_grows_with_the_file(name, make):
    size = SMALL if make is file_of else 5 * SMALL
    small, large = (lines_of(name, make(each)) for each in (size, TIMES * size))
    assert large < 1.35 * TIMES * small + 500
