"""The first project of a beginner: it trains on one random batch and tests on a loader that nobody made."""

from __future__ import annotations

from tunesmith.inspections.engine import inspect

LISTING = """\
import torch
import torch.nn as nn
import torch.optim as optim

class SimpleNN(nn.Module):
    def __init__(self):
        super(SimpleNN, self).__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        return self.fc2(x)

model = SimpleNN()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.01)
inputs = torch.randn(64, 784)
labels = torch.randint(0, 10, (64,))
for epoch in range(100):
    optimizer.zero_grad()
    outputs = model(inputs)
    loss = criterion(outputs, labels)
    loss.backward()
    optimizer.step()

correct, total = 0, 0
for images, labels in test_loader:
    outputs = model(images)
    _, predicted = torch.max(outputs.data, 1)
    total += labels.size(0)
    correct += (predicted == labels).sum().item()
print(100 * correct / total)
"""


def test_what_a_first_project_does_not_see_is_said_kindly_and_once():
    found = {each.code: each for each in inspect(LISTING)}
    assert sorted(found) == ["TS409", "TS410", "TS505"]
    lines = LISTING.splitlines()
    assert lines[found["TS409"].range.start.line].strip() == "loss = criterion(outputs, labels)"
    assert found["TS409"].severity == "info"
    assert "learns them by heart" in found["TS409"].message
    assert lines[found["TS410"].range.start.line].strip() == "for images, labels in test_loader:"
    assert found["TS505"].message == "`outputs.data` hides errors that `outputs.detach()` would report"


def test_with_real_rows_and_a_test_loader_only_the_old_attribute_is_left():
    data = "data = load()\ntrain, test = torch.utils.data.random_split(data, [0.8, 0.2])\n"
    loaders = "train_loader = DataLoader(train, 64, shuffle=True)\ntest_loader = DataLoader(test, 64)\n"
    mended = LISTING.replace("import torch\n", "import torch\nfrom lessons import load\n", 1)
    mended = mended.replace(
        "import torch.nn as nn\n", "import torch.nn as nn\nfrom torch.utils.data import DataLoader\n"
    )
    mended = mended.replace("inputs = torch.randn(64, 784)\nlabels = torch.randint(0, 10, (64,))\n", data + loaders)
    mended = mended.replace(
        "    optimizer.zero_grad()\n", "    inputs, labels = next(iter(train_loader))\n    optimizer.zero_grad()\n"
    )
    assert {each.code for each in inspect(mended)} - {"TS110"} == {"TS505"}
