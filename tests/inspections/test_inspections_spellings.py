"""A rule finds its mistake however it is spelt, and stays silent where the same words are right."""

from __future__ import annotations

import pytest

from tunesmith.inspections.engine import inspect

HEAD = """\
import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 1){END})

    def forward(self, x):
        return self.layers(x)

"""
LOOP = """\
model = Net(){MOVE}
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
criterion = nn.{LOSS}()

def fit(loader, device):
    for x, y in loader:
        optimizer.zero_grad()
        {LINES}
        loss.backward()
        optimizer.step()
"""


def codes(lines: str, *, loss: str, end: str = "", move: str = "") -> list[str]:
    body = LOOP.replace("{LINES}", lines.replace("\n", "\n        ")).replace("{LOSS}", loss).replace("{MOVE}", move)
    return [each.code for each in inspect(HEAD.replace("{END}", end) + body)]


@pytest.mark.parametrize(
    "prediction",
    [
        "model(x)",
        "model(x).squeeze()",
        "model(x).squeeze(1)",
        "model(x).view(-1)",
        "model(x).reshape(-1)",
        "model(x).flatten()",
        "torch.flatten(model(x))",
        "model(x)[:, 0]",
        "model(x).float()",
        "model(x).to(device)",
        "torch.squeeze(model(x).float(), 1)",
    ],
)
def test_sigmoid_before_a_loss_with_one_is_found_behind_changes_of_shape_type_and_device(prediction):
    assert codes(f"loss = criterion({prediction}, y)", loss="BCEWithLogitsLoss", end=", nn.Sigmoid()") == ["TS302"]
    assert codes(f"output = {prediction}\nloss = criterion(output, y)", loss="BCELoss", end=", nn.Sigmoid()") == []
    assert codes(f"loss = criterion({prediction}, y)", loss="BCEWithLogitsLoss") == []
    assert codes(f"loss = criterion({prediction}, y)", loss="BCELoss") == ["TS307"]


@pytest.mark.parametrize("end", [", nn.Sigmoid(), nn.Flatten(0)", ", nn.Sigmoid()"])
@pytest.mark.parametrize("move", ["", ".to('cpu')", ".cuda()"])
def test_what_ends_a_model_is_known_wherever_it_was_moved(end, move):
    assert codes("loss = criterion(model(x), y)", loss="BCEWithLogitsLoss", end=end, move=move) == ["TS302"]


def test_model_that_is_an_argument_is_what_the_file_hands_over():
    code = HEAD.replace("{END}", ", nn.Sigmoid()") + (
        "def loss_of(model, x, y):\n    return F.binary_cross_entropy_with_logits(model(x), y)\n\n"
    )
    assert [each.code for each in inspect(code + "print(loss_of(Net(), 1, 2))\n")] == ["TS302"]
    other = "print(loss_of(Net(), 1, 2), loss_of(nn.Linear(20, 1), 1, 2))\n"
    assert [each.code for each in inspect(code + other)] == []


@pytest.mark.parametrize(
    "target", ["y.squeeze()", "y.squeeze(1)", "y.view(-1)", "y.reshape(-1)", "y.flatten()", "torch.squeeze(y)"]
)
@pytest.mark.parametrize(
    "loss", ["criterion(model(x), {})", "((model(x) - {}) ** 2).mean()", "torch.mean(torch.abs({} - model(x)))"]
)
def test_column_against_a_flat_target_is_found_in_losses_of_torch_and_by_hand(target, loss):
    assert codes(f"loss = {loss.format(target)}", loss="MSELoss") == ["TS304"]
    flat = loss.replace("model(x)", "model(x).squeeze(1)")
    assert codes(f"loss = {flat.format(target)}", loss="MSELoss") == []


@pytest.mark.parametrize(
    "lines",
    [
        "best = model(x).argmax(1)",
        "_, best = torch.max(model(x), 1)",
        "best = torch.max(model(x), dim=1)[1]",
        "best = model(x).max(1).indices",
        "best = model(x).max(dim=1)[1]",
        "best = torch.round(model(x))",
        "best = model(x).round()",
        "best = model(x) > 0.5",
        "best = torch.tensor(model(x).tolist())",
        "best = model(x).detach()",
        "best = model(x).data",
    ],
)
def test_prediction_without_a_gradient_is_found(lines):
    found = codes(f"{lines}\nloss = criterion(best.float(), y.float())", loss="MSELoss")
    assert "TS305" in found
    assert set(found) <= {"TS305", "TS505", "TS105"}


@pytest.mark.parametrize(
    "lines",
    ["best = model(x)", "best, _ = torch.max(model(x), 1)", "best = model(x).max(1).values"],
)
def test_prediction_with_a_gradient_is_left_alone(lines):
    assert codes(f"{lines}\nloss = criterion(best.float(), y.float())", loss="MSELoss") == []
