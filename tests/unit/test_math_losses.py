"""Every loss of the catalog: its worked examples, the contract all of them keep, and what torch says."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from tunesmith.catalog import Catalog
from tunesmith.errors import TunesmithError
from tunesmith.job.reading import default
from tunesmith.members import TARGETS, Loss

LOSSES = Catalog().losses


def defaults(member: Loss) -> dict:
    return {name: default(option) for name, option in member.options.items()}


def build(name: str, **options):
    entry = LOSSES[name]
    return entry.call("build", **{**defaults(entry.member), **options})


def sample(kind: str, dtype: torch.dtype = torch.float32, *, scale: float = 3.0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    prediction = (torch.randn(6, 2, generator=generator) * scale).to(dtype)
    if kind in ("class", "token", "match"):
        return prediction, torch.randint(0, 2, (6,), generator=generator)
    if kind == "classes":
        return prediction, torch.randint(0, 2, (6, 2), generator=generator).float()
    return prediction, torch.randn(6, 2, generator=generator)


CASES = [(name, kind) for name, entry in LOSSES.items() for kind in entry.member.targets]


def test_the_catalog_holds_the_losses_of_the_job_file() -> None:
    assert set(LOSSES) >= {
        "mean-squared-error",
        "mean-absolute-error",
        "huber",
        "binary-cross-entropy",
        "cross-entropy",
        "focal",
        "hinge",
        "multi-class-hinge",
    }


@pytest.mark.parametrize("name", LOSSES)
def test_worked_examples_come_out_as_they_say(name: str) -> None:
    member = LOSSES[name].member
    assert member.worked
    for example in member.worked:
        loss = build(name, **example.inputs.get("options", {}))
        found = loss(torch.tensor(example.inputs["prediction"]), torch.tensor(example.inputs["target"]))
        torch.testing.assert_close(found, torch.tensor(example.value), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_names_formula_range_use_and_source(name: str) -> None:
    member = LOSSES[name].member
    assert member.name == name
    assert member.formula and member.range and member.when and member.source
    assert set(member.targets) <= set(TARGETS)
    assert all(option.help and option.advice for option in member.options.values())


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_loss_gives_one_float32_a_target_and_finite_gradients(name: str, kind: str) -> None:
    for dtype in (torch.float32, torch.bfloat16):
        for scale in (0.0, 3.0, 1e4):
            prediction, target = sample(kind, dtype, scale=scale)
            prediction.requires_grad_()
            value = build(name)(prediction, target)
            assert value.dtype == torch.float32
            assert value.shape == target.shape
            assert torch.isfinite(value).all()
            assert (value >= 0).all()
            value.sum().backward()
            assert prediction.grad is not None
            assert torch.isfinite(prediction.grad).all()


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_bf16_outputs_lose_nothing_inside_the_loss(name: str, kind: str) -> None:
    prediction, target = sample(kind, torch.bfloat16)
    torch.testing.assert_close(build(name)(prediction, target), build(name)(prediction.float(), target))


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_the_gradient_is_the_slope_of_the_loss(name: str, kind: str) -> None:
    prediction, target = sample(kind)
    prediction.requires_grad_()
    loss = build(name)
    loss(prediction, target).sum().backward()
    direction = torch.ones_like(prediction) * torch.tensor([1.0, -0.5])
    step = 2e-3
    with torch.no_grad():
        above = loss(prediction + step * direction, target).double().sum()
        below = loss(prediction - step * direction, target).double().sum()
    assert prediction.grad is not None
    slope = (prediction.grad * direction).sum().item()
    assert (above - below).item() / (2 * step) == pytest.approx(slope, abs=2e-3, rel=2e-3)


def test_cross_entropy_equals_torch_with_smoothing() -> None:
    prediction, target = torch.randn(9, 5), torch.randint(0, 5, (9,))
    for smoothing in (0.0, 0.1, 0.5):
        expected = F.cross_entropy(prediction, target, reduction="none", label_smoothing=smoothing)
        torch.testing.assert_close(build("cross-entropy", label_smoothing=smoothing)(prediction, target), expected)


def test_multi_class_hinge_equals_torch() -> None:
    prediction, target = torch.randn(9, 5), torch.randint(0, 5, (9,))
    for margin in (0.5, 1.0, 2.0):
        expected = F.multi_margin_loss(prediction, target, margin=margin, reduction="none")
        torch.testing.assert_close(build("multi-class-hinge", margin=margin)(prediction, target), expected)


def test_positive_weight_equals_torch_also_for_soft_targets() -> None:
    prediction, target = torch.randn(7, 3) * 5, torch.rand(7, 3)
    expected = F.binary_cross_entropy_with_logits(prediction, target, pos_weight=torch.tensor(4.0), reduction="none")
    torch.testing.assert_close(build("binary-cross-entropy", pos_weight=4.0)(prediction, target), expected)


def test_binary_cross_entropy_of_0_7_is_minus_ln_0_7() -> None:
    logit = torch.tensor([[math.log(0.7 / 0.3)]])
    value = build("binary-cross-entropy")(logit, torch.tensor([[1.0]])).item()
    assert value == pytest.approx(-math.log(0.7), abs=1e-7)
    assert round(value, 5) == 0.35667


def test_two_outputs_and_one_output_say_the_same() -> None:
    two, target = torch.randn(8, 2), torch.randint(0, 2, (8,))
    one = two[:, 1:] - two[:, :1]
    for name in ("binary-cross-entropy", "hinge"):
        torch.testing.assert_close(build(name)(two, target), build(name)(one, target))
    torch.testing.assert_close(build("binary-cross-entropy")(two, target), build("cross-entropy")(two, target))


@pytest.mark.parametrize("name", ["binary-cross-entropy", "hinge"])
def test_a_loss_for_two_classes_refuses_three(name: str) -> None:
    with pytest.raises(TunesmithError) as caught:
        build(name)(torch.randn(4, 3), torch.randint(0, 3, (4,)))
    assert caught.value.code == "train.two-classes-only"
    assert "(4, 3)" in str(caught.value)


@pytest.mark.parametrize("kind", ["class", "classes"])
def test_focal_without_gamma_is_cross_entropy_and_never_above_it(kind: str) -> None:
    prediction, target = sample(kind)
    plain = build("cross-entropy" if kind == "class" else "binary-cross-entropy")(prediction, target)
    torch.testing.assert_close(build("focal", gamma=0.0)(prediction, target), plain)
    assert (build("focal", gamma=2.0)(prediction, target) <= plain).all()


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
def test_focal_has_finite_gradients_where_the_model_is_quite_sure(gamma: float) -> None:
    prediction = torch.tensor([[100.0, -100.0], [-100.0, 100.0]], requires_grad=True)
    build("focal", gamma=gamma)(prediction, torch.tensor([0, 0])).sum().backward()
    assert prediction.grad is not None
    assert torch.isfinite(prediction.grad).all()


def test_aliases_find_their_loss_and_shadow_nothing() -> None:
    for alias, name in {
        "mse": "mean-squared-error",
        "mae": "mean-absolute-error",
        "bce": "binary-cross-entropy",
    }.items():
        assert alias in LOSSES
        assert LOSSES[alias].name == name
        assert alias not in list(LOSSES)
    aliases = [alias for entry in LOSSES.values() for alias in entry.member.aliases]
    assert len(aliases) == len(set(aliases))
    assert not set(aliases) & set(LOSSES)
    assert "no-such-loss" not in LOSSES


def test_info_nce_is_cross_entropy_over_the_temperature_and_leaves_out_what_is_no_negative() -> None:
    similarity, target = torch.rand(5, 8) * 2 - 1, torch.arange(5)
    expected = F.cross_entropy(similarity / 0.1, target, reduction="none")
    torch.testing.assert_close(build("info-nce", temperature=0.1)(similarity, target), expected)
    masked = similarity.clone()
    masked[:, 6] = -torch.inf
    kept = F.cross_entropy(similarity[:, [0, 1, 2, 3, 4, 5, 7]] / 0.1, target, reduction="none")
    torch.testing.assert_close(build("info-nce", temperature=0.1)(masked, target), kept)


def test_cosent_counts_every_ordered_pair_once() -> None:
    similarity, score = torch.rand(7) * 2 - 1, torch.tensor([0.0, 1, 1, 2, 5, 2, 0])
    total = 1.0
    for i in range(7):
        for j in range(7):
            if score[i] > score[j]:
                total += math.exp((float(similarity[j]) - float(similarity[i])) / 0.05)
    found = build("cosent")(similarity, score)
    assert found.tolist() == pytest.approx([math.log(total)] * 7, rel=1e-5)
