"""Every schedule of the catalog, and the warm-up before it."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.catalog import Catalog
from tunesmith.job.job import Pick
from tunesmith.train.select import rate_factor

CATALOG = Catalog()
SCHEDULES = CATALOG.schedules


def defaults(name: str) -> dict:
    return {key: option.parse(option.default) for key, option in SCHEDULES[name].member.options.items()}


def factor(name: str, step: int, total: int, **options) -> float:
    return SCHEDULES[name].call("factor", step, total, **{**defaults(name), **options})


def rates(name: str, warmup: float, total: int) -> list[float]:
    pick = Pick(name=name, options=defaults(name))
    return [rate_factor(pick, warmup, step, total, CATALOG) for step in range(total)]


def test_the_catalog_holds_the_schedules_of_the_job_file() -> None:
    assert set(SCHEDULES) >= {"constant", "linear", "cosine", "step", "one-cycle"}


@pytest.mark.parametrize("name", SCHEDULES)
def test_worked_examples_come_out_as_they_say(name: str) -> None:
    member = SCHEDULES[name].member
    assert member.worked
    assert member.formula and member.when and member.source
    for example in member.worked:
        inputs = example.inputs
        found = factor(name, inputs["step"], inputs["total"], **inputs.get("options", {}))
        assert found == pytest.approx(example.value, abs=1e-8)


@pytest.mark.parametrize("name", SCHEDULES)
@settings(deadline=None)
@given(total=st.integers(1, 400), share=st.floats(0, 1), warmup=st.floats(0, 0.99))
def test_the_factor_is_a_share_whatever_the_length(name: str, total: int, share: float, warmup: float) -> None:
    step = min(int(share * total), total - 1)
    value = rate_factor(Pick(name=name, options=defaults(name)), warmup, step, total, CATALOG)
    assert isinstance(value, float)
    assert 0 < value <= 1 or (value == pytest.approx(4e-6) and name == "one-cycle")


@pytest.mark.parametrize("name", [name for name in SCHEDULES if not SCHEDULES[name].member.warms_up])
def test_warm_up_rises_in_a_line_and_then_leaves_the_rest_to_the_schedule(name: str) -> None:
    found = rates(name, 0.1, 100)
    assert found[:10] == pytest.approx([(step + 1) / 11 for step in range(10)])
    assert found[10:] == [factor(name, step, 90) for step in range(90)]
    assert found[10] == 1.0


def test_one_cycle_warms_up_once() -> None:
    assert rates("one-cycle", 0.2, 50) == rates("one-cycle", 0.0, 50)
    assert rates("one-cycle", 0.2, 50)[0] == pytest.approx(0.04)


def test_warm_up_takes_whole_steps_rounded_up() -> None:
    assert rates("constant", 0.1, 5) == [0.5, 1.0, 1.0, 1.0, 1.0]
    assert rates("constant", 0.1, 30)[:4] == [0.25, 0.5, 0.75, 1.0]
    assert rates("constant", 0.0, 3) == [1.0, 1.0, 1.0]
    assert rates("linear", 0.9, 1) == [0.5]


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("linear", lambda o: torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.0, total_iters=60)),
        ("cosine", lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=60)),
        ("step", lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=18, gamma=0.1)),
        ("one-cycle", lambda o: torch.optim.lr_scheduler.OneCycleLR(o, max_lr=1.0, total_steps=60)),
    ],
)
def test_the_rates_are_torchs(name: str, make) -> None:
    optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    expected = []
    for _ in range(60):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
        if len(expected) == 59 and name == "one-cycle":
            expected.append(optimizer.param_groups[0]["lr"])
            break
    assert rates(name, 0.0, 60) == pytest.approx(expected, abs=1e-9)


def test_members_load_no_torch() -> None:
    code = (
        "import sys; from tunesmith.catalog import Catalog; c = Catalog(); "
        "[entry.member for folder in (c.losses, c.optimizers, c.schedules) for entry in folder.values()]; "
        "c.schedules['cosine'].call('factor', 1, 2, final=0.0); "
        "sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
