"""Frozen means frozen, a row alone is trained, and adapters stand where they act: against short loops of torch."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from real_workers import ForkServer, new_run
from small_loops import CATALOG, loop_of
from support import write_digits_job
from tunesmith.contracts.model import Head, LoadedModel, ModelRequest
from tunesmith.errors import TunesmithError
from tunesmith.models.load import load_model
from tunesmith.train.modes import train_mode


def apply(name: str, module: nn.Module, **options: Any) -> LoadedModel:
    """`apply_to` for a bare module."""
    return apply_to(LoadedModel(module=module, kind="module"), name, **options)


def apply_to(loaded: LoadedModel, name: str, **options: Any) -> LoadedModel:
    """As a job does: every option, those not given at their default."""
    entry = CATALOG.methods[name]
    defaults = {key: option.default for key, option in entry.member.options.items()}
    found: LoadedModel = entry.call("apply", loaded, seed=1, **{**defaults, **options})
    return found


def with_batch_norm(*, affine: bool = True) -> nn.Module:
    torch.manual_seed(7)
    net = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16, affine=affine), nn.ReLU(), nn.Linear(16, 3))
    net[1].running_mean.fill_(0.25)
    net[1].running_var.fill_(2.0)
    return net


Batches = list[tuple[torch.Tensor, torch.Tensor]]


def by_torch_alone(
    plain: nn.Module, batches: Batches, *, before: Callable[[torch.Tensor], object] = lambda targets: None
) -> list[float]:
    """Train `plain` with torch's SGD; the loss of each batch. `before` is called with a batch's targets."""
    plain.train()
    optimizer = torch.optim.SGD([p for p in plain.parameters() if p.requires_grad], lr=0.1)
    losses = []
    for inputs, targets in batches:
        before(targets)
        loss = nn.functional.cross_entropy(plain(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def loop_steps(loop: Any) -> range:
    train_mode(loop.model.module)
    return range(loop.plan.total_steps)


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("method", ["head", "freeze", "lora"])
def test_a_frozen_batch_norm_keeps_its_figures_and_uses_them(method: str, affine: bool) -> None:
    options: Mapping[str, Any] = {"freeze": {"layers": 0, "names": "^[01]\\."}, "lora": {"target_modules": ["3"]}}
    module = with_batch_norm(affine=affine)
    model = apply(method, module, **options.get(method, {}))
    plain = copy.deepcopy(model.module)
    loop, batches, _events = loop_of(model, count_of_rows=30, batch_size=8, epochs=2)
    losses = [float(loop.step()) for _ in loop_steps(loop)]
    norm = next(part for part in model.module.modules() if isinstance(part, nn.BatchNorm1d))
    assert norm.running_mean.tolist() == [0.25] * 16
    assert norm.running_var.tolist() == [2.0] * 16
    assert norm.num_batches_tracked == 0

    def stands_still(targets: torch.Tensor) -> None:
        next(part for part in plain.modules() if isinstance(part, nn.BatchNorm1d)).eval()

    assert losses == pytest.approx(by_torch_alone(plain, batches, before=stands_still), rel=1e-6)


def test_a_batch_norm_that_is_tuned_moves_as_in_torch() -> None:
    model = apply("full", with_batch_norm())
    plain = copy.deepcopy(model.module)
    loop, batches, _events = loop_of(model, count_of_rows=32, batch_size=8, epochs=1)
    for _ in loop_steps(loop):
        loop.step()
    by_torch_alone(plain, batches)
    for name, value in plain.state_dict().items():
        assert torch.allclose(value, model.module.state_dict()[name], atol=1e-6), name


@pytest.mark.parametrize("old", [True, False])
def test_frozen_spectral_norm_stands_still_and_frozen_dropout_works(old: bool) -> None:
    torch.manual_seed(0)
    normed = (nn.utils.spectral_norm if old else nn.utils.parametrizations.spectral_norm)(nn.Linear(8, 16))
    model = apply("head", nn.Sequential(normed, nn.Dropout(0.5), nn.Linear(16, 3)))
    before = {name: value.clone() for name, value in model.module.named_buffers()}
    loop, _, _events = loop_of(model, count_of_rows=16, batch_size=8, epochs=2)
    for _ in loop_steps(loop):
        loop.step()
    assert before
    assert all(torch.equal(before[name], value) for name, value in model.module.named_buffers())
    assert model.module[1].training


def test_evaluation_leaves_every_layer_in_its_mode() -> None:
    model = apply("head", with_batch_norm())
    loop, _, _events = loop_of(model, count_of_rows=16, batch_size=8, epochs=1)
    train_mode(model.module)
    modes = [part.training for part in model.module.modules()]
    loop.outputs_of_current_weights(loop._gradients._features)
    assert [part.training for part in model.module.modules()] == modes
    assert modes == [True, True, False, True, True]


class Counting(nn.Module):
    """A layer that counts its calls in a buffer, whatever its mode."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(8))
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return x * self.weight


def test_frozen_layers_may_share_a_buffer_and_drop_one() -> None:
    class Dropping(Counting):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.calls = None
            return x * self.weight

    first, second = nn.LayerNorm(8), nn.LayerNorm(8)
    first.register_buffer("scale", torch.ones(8))
    second.register_buffer("scale", first.scale)
    model = apply("head", nn.Sequential(first, second, Dropping(), nn.Linear(8, 3)))
    loop, _, events = loop_of(model, count_of_rows=16, batch_size=8, epochs=1)
    assert loop.run() == "finished"
    assert [event["message"].rpartition(": ")[2] for event in events.of("warning")] == ["2.calls"]


def test_a_frozen_layer_that_changes_by_itself_is_reported() -> None:
    model = apply("head", nn.Sequential(Counting(), nn.Linear(8, 3)))
    loop, _, events = loop_of(model, count_of_rows=16, batch_size=8, epochs=1)
    loop.run()
    assert ("train.frozen-part-moved", "0.calls") in [
        (event["code"], event["message"].rpartition(": ")[2]) for event in events.of("warning")
    ]


# --- a batch of one row


def test_a_last_row_alone_is_trained_by_running_figures() -> None:
    model = apply("full", with_batch_norm())
    plain = copy.deepcopy(model.module)
    loop, batches, events = loop_of(model, count_of_rows=17, batch_size=8, epochs=2)
    assert [len(targets) for _, targets in batches] == [8, 8, 1, 8, 8, 1]
    losses = [float(loop.step()) for _ in loop_steps(loop)]
    expected = by_torch_alone(plain, batches, before=lambda targets: plain[1].train(len(targets) > 1))
    assert losses == pytest.approx(expected, rel=1e-5)
    assert [event["code"] for event in events.of("warning")] == ["train.row-alone"]


def test_a_row_alone_that_never_was_a_problem_is_trained_as_ever() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Unflatten(1, (1, 8)), nn.BatchNorm1d(1), nn.Flatten(), nn.Linear(8, 3))
    loop, _, events = loop_of(apply("full", net), count_of_rows=9, batch_size=8, epochs=1)
    for _ in loop_steps(loop):
        loop.step()
    assert net[1].num_batches_tracked == 2
    assert events.of("warning") == []


def test_batches_of_one_row_are_refused_where_batch_norm_could_never_learn() -> None:
    loop, _, _events = loop_of(apply("full", with_batch_norm()), count_of_rows=9, batch_size=1, epochs=1)
    with pytest.raises(TunesmithError) as caught:
        loop.run()
    assert caught.value.code == "train.batch-of-one"


# --- adapters


class Attending(nn.Module):
    def __init__(self, outputs: int = 3) -> None:
        super().__init__()
        torch.manual_seed(0)
        layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, dropout=0.0)
        self.up, self.enc, self.head = nn.Linear(1, 16), nn.TransformerEncoder(layer, 2), nn.Linear(16, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.head(self.enc(self.up(x[:, :, None])).mean(1))
        return found


def trained(model: LoadedModel) -> set[str]:
    return {name for name, parameter in model.module.named_parameters() if parameter.requires_grad}


@pytest.mark.parametrize("targets", [None, ["all-linear"], ["linear1"]])
@pytest.mark.parametrize("method", ["lora", "rslora", "dora"])
def test_every_adapter_acts_and_the_output_layer_of_an_own_module_is_tuned(method: str, targets: Any) -> None:
    model = apply(method, Attending(), rank=4, target_modules=targets)
    names = trained(model)
    assert not any("out_proj" in name for name in names)
    assert {name for name in names if ".head." in name} == {
        "base_model.model.head.modules_to_save.default.weight",
        "base_model.model.head.modules_to_save.default.bias",
    }
    before = {name: parameter.detach().clone() for name, parameter in model.module.named_parameters()}
    loop, _, _events = loop_of(model, count_of_rows=16, batch_size=8, epochs=2)
    loop.run()
    moved = {name for name, value in model.module.named_parameters() if not torch.equal(value, before[name])}
    assert moved == names
    assert loop.progress.doubts == []


def test_evaluation_sees_the_adapters_of_torchs_own_encoder() -> None:
    model = apply("lora", Attending(), rank=4, target_modules=["linear1", "linear2"])
    for name, parameter in model.module.named_parameters():
        if "lora_B" in name:
            nn.init.normal_(parameter)
    inputs = torch.randn(4, 8)
    expected = model.module.train()(inputs).detach()  # no dropout, no batch norm: the modes must agree
    with torch.inference_mode():
        assert torch.allclose(model.module.eval()(inputs), expected, atol=1e-5)


def test_an_adapter_where_it_cannot_act_is_refused() -> None:
    for targets in (["out_proj"], ["linear1", "self_attn.out_proj"]):
        with pytest.raises(TunesmithError) as caught:
            apply("lora", Attending(), target_modules=targets)
        assert caught.value.code == "method.bypassed-layer"


def test_an_output_layer_with_a_number_for_a_name_is_tuned_too() -> None:
    net = nn.Sequential(*(nn.Linear(8, 8) for _ in range(13)), nn.Linear(8, 3))
    names = trained(apply("lora", nn.Sequential(net, nn.Linear(3, 3)), rank=2, target_modules=["0.0"]))
    assert any(name.endswith("1.weight") and "lora" not in name for name in names)
    assert len([name for name in names if "lora" in name]) == 2


# --- nothing learnt


Change = Callable[[torch.Tensor], torch.Tensor]


class Fixed(nn.Module):
    """A linear layer whose outputs go through `change`."""

    def __init__(self, change: Change) -> None:
        super().__init__()
        self.layer, self.change = nn.Linear(8, 3), change

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.change(self.layer(x))


NOTHING = {
    "no weight has changed": (lambda y: y * 0, {}),
    "the loss was 0 at every step": (
        lambda y: y,
        {"loss": lambda p, t: p.sum(1) - p.sum(1).detach()},  # whose gradient is not 0
    ),
    "no loss was a finite number, and such steps change nothing": (lambda y: y * float("nan"), {"limit": 99}),
}


@pytest.mark.parametrize("reason", NOTHING)
def test_a_training_that_learns_nothing_says_so(reason: str) -> None:
    change, options = NOTHING[reason]
    loop, _, events = loop_of(apply("full", Fixed(change)), count_of_rows=16, batch_size=8, epochs=2, **options)
    assert loop.run() == "finished"
    assert loop.nothing_learnt == reason
    assert [event["code"] for event in events.of("warning")] == ["train.nothing-learnt"]


def test_weights_whose_gradient_is_always_nothing_are_reported() -> None:
    class Half(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.works, self.dead = nn.Linear(8, 3), nn.Linear(8, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = self.works(x) + torch.relu(self.dead(x) - 1e6)
            return found

    loop, _, _events = loop_of(apply("full", Half()), count_of_rows=32, batch_size=8, epochs=3)
    loop.run()
    assert loop.nothing_learnt == ""
    assert [text.rpartition(": ")[2] for text in loop.progress.doubts] == ["dead.weight, dead.bias"]


def test_a_training_that_learns_says_nothing() -> None:
    loop, _, events = loop_of(apply("full", Fixed(lambda y: y)), count_of_rows=16, batch_size=8, epochs=1)
    assert loop.run() == "finished"
    assert loop.nothing_learnt == ""
    assert events.of("warning") == []


def test_a_learning_rate_of_nearly_nothing_is_reported() -> None:
    loop, _, _events = loop_of(apply("full", Fixed(lambda y: y)), count_of_rows=16, batch_size=8, epochs=1, rate=1e-30)
    loop.run()
    assert loop.nothing_learnt == "no weight has changed"


def test_no_target_at_all_is_refused_before_the_first_step() -> None:
    loop, _, _events = loop_of(apply("full", Fixed(lambda y: y)), count_of_rows=16, batch_size=8, epochs=1)
    loop._gradients._weights = {"loss": np.zeros(16)}
    with pytest.raises(TunesmithError) as caught:
        loop.run()
    assert (caught.value.code, loop.progress.step) == ("train.no-target", 0)


# --- what the project's own code froze

PARTLY_FROZEN = """
import torch
from torch import nn

def net(outputs: int) -> nn.Module:
    made = nn.Sequential(nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, outputs))
    made[0].requires_grad_(False)
    made[4].bias.requires_grad = False
    made.register_parameter("steps", nn.Parameter(torch.tensor([1, 2]), requires_grad=False))
    return made
"""


def own_model(folder: Path, code: str, name: str = "net") -> LoadedModel:
    """As a job loads it; every module has a name of its own, since python keeps what it imported."""
    module = f"partly_frozen_{abs(hash((folder, code)))}"
    (folder / f"{module}.py").write_text(code, "utf-8")
    head = Head(auto="", reads="numbers", outputs=3)
    request = ModelRequest(name=f"{module}:{name}", options={}, head=head, folder=folder, seed=1)
    return load_model("python", request, CATALOG)


OWN_FROZEN = {"steps", "0.weight", "0.bias", "4.bias"}


@pytest.mark.parametrize(
    ("method", "options", "expected"),
    [
        ("full", {}, {"2.weight", "2.bias", "4.weight"}),
        ("freeze", {"layers": 0, "names": "^2.bias"}, {"2.weight", "4.weight"}),
        ("head", {}, {"4.weight"}),
    ],
)
def test_no_method_trains_what_the_projects_own_code_froze(
    method: str, options: dict[str, Any], expected: set[str], tmp_path: Path
) -> None:
    loaded = own_model(tmp_path, PARTLY_FROZEN)
    assert loaded.frozen == OWN_FROZEN
    assert [note.rpartition(": ")[2] for note in loaded.notes] == ["steps, 0.weight, 0.bias, 4.bias"]
    assert trained(apply_to(loaded, method, **options)) == expected


@pytest.mark.parametrize("bias", ["none", "all"])
def test_adapters_leave_what_the_projects_own_code_froze(bias: str, tmp_path: Path) -> None:
    model = apply_to(own_model(tmp_path, PARTLY_FROZEN), "lora", rank=2, target_modules=["2"], bias=bias)
    names = {name.removeprefix("base_model.model.") for name in trained(model)}
    assert names - {"2.base_layer.bias"} == {"2.lora_A.default.weight", "2.lora_B.default.weight", "4.weight"}


def test_a_transformers_model_from_the_projects_own_code_keeps_its_frozen_body(tiny_bert: Path, tmp_path: Path) -> None:
    code = f"""
from transformers import AutoModelForSequenceClassification

def net(num_labels: int):
    made = AutoModelForSequenceClassification.from_pretrained({str(tiny_bert)!r}, num_labels=num_labels)
    made.bert.requires_grad_(False)
    return made
"""
    assert trained(apply_to(own_model(tmp_path, code), "full")) == {"classifier.weight", "classifier.bias"}


def test_a_run_says_what_stays_frozen(tmp_path: Path, workers: ForkServer) -> None:
    code = PARTLY_FROZEN.replace("nn.Sequential(", "nn.Sequential(nn.Flatten(), ", 1).replace("[0]", "[1]", 1)
    (tmp_path / "partly.py").write_text(code.replace("[4]", "[5]"), "utf-8")
    run = workers.finish(new_run(write_digits_job(tmp_path, "training: {max_steps: 1}", model="partly:net")))
    assert (
        "stay as they are, because partly:net freezes them: steps, 1.weight, 1.bias, 5.bias" in run.log_file.read_text()
    )
