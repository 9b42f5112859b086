"""Sizes from shapes alone are those of the real tensors, for every method, optimizer and source of models."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from small_loops import loop_on
from support import write_digits_job, write_text_job
from tunesmith.catalog import Catalog
from tunesmith.estimate.live_bytes import LiveBytes
from tunesmith.estimate.measure import fitted
from tunesmith.estimate.prepared import Request, material_of
from tunesmith.estimate.shapes import bytes_of
from tunesmith.estimate.work import shape
from tunesmith.train.assemble import assemble, training_texts
from tunesmith.train.build import plan_of

CATALOG = Catalog()


def real(request):
    """The tensors of a real run of the job after a step, by what they are."""
    material = material_of(request, CATALOG)
    texts = training_texts(material.job, material.data.train, CATALOG)
    assembled = assemble(material.job, material.facts, CATALOG, texts=texts)
    module = assembled.model.module
    features = assembled.task.encode(material.train, assembled.model)
    loop = loop_on(assembled, features, plan=plan_of(assembled, features))
    loop.step()
    return loop, module


def check(request):
    """Everything that shapes tell against the real thing; returns what shapes told."""
    said = shape(material_of(request, CATALOG), CATALOG, trusted=True).sizes
    assert said is not None
    loop, module = real(request)
    parameters = list(module.parameters())
    trained = [p for p in parameters if p.requires_grad]
    state = loop._state.take().tensors
    assert said.parameters == sum(p.numel() for p in parameters)
    assert said.trainable_parameters == sum(p.numel() for p in trained)
    assert said.weights == bytes_of([*parameters, *module.buffers()])
    assert said.gradients == bytes_of([p.grad for p in trained])
    assert said.optimizer == bytes_of(state["optimizer"].values())
    assert said.average == bytes_of(state.get("ema", {}).values())
    assert said.checkpoint == sum(bytes_of(tensors.values()) for tensors in state.values())
    assert said.step >= said.weights + said.optimizer + said.average
    return said


def request(job, *overrides):
    return Request(file=job, overrides=("training.batch_size=4", "training.precision=fp32", *overrides))


@pytest.fixture(scope="module")
def text_job(tmp_path_factory, library_csv: Path, tiny_bert: Path) -> Path:
    return write_text_job(tmp_path_factory.mktemp("text"), library_csv, tiny_bert)


@pytest.mark.parametrize("method", list(CATALOG.methods))
def test_every_method_is_sized_without_weights_as_it_is_with_them(text_job, method):
    said = check(request(text_job, f"method={method}"))
    assert said.trainable_parameters <= said.parameters or method not in ("full",)


@pytest.mark.parametrize("optimizer", list(CATALOG.optimizers))
def test_every_optimizer_keeps_the_state_that_was_said(text_job, optimizer):
    check(request(text_job, f"training.optimizer={optimizer}"))


def test_an_average_of_the_weights_is_counted(text_job):
    said = check(request(text_job, "training.ema=0.99"))
    assert said.average > said.gradients


def test_a_causal_model_from_scratch_with_tied_weights_is_counted_once(tmp_path, library_csv):
    job = tmp_path / "lm.job.yaml"
    job.write_text(
        f"task: causal-lm\nmodel: {{scratch: {{layers: 2, width: 32, heads: 2, vocabulary: 400, window: 64}}}}\n"
        f"data: {{train: {json.dumps(str(library_csv))}, text: doc}}\n",
        encoding="utf-8",
    )
    check(request(job))


def test_a_model_of_the_project_is_sized_without_weights(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    check(request(write_digits_job(tmp_path)))


def test_smaller_micro_batches_and_recomputed_activations_need_less(text_job):
    steps = [
        shape(
            material_of(request(text_job, "training.batch_size=32", *more), CATALOG), CATALOG, trusted=True
        ).sizes.step
        for more in ((), ("training.micro_batch_size=4",), ("training.activation_checkpointing=true",))
    ]
    assert steps[1] < steps[0]
    assert steps[2] < steps[0]


def test_a_model_larger_than_any_memory_is_sized_all_the_same(tmp_path, library_csv):
    job = tmp_path / "huge.job.yaml"
    job.write_text(
        f"task: causal-lm\nmodel: {{scratch: {{layers: 8, width: 65536, heads: 512, vocabulary: 400, window: 64}}}}\n"
        f"data: {{train: {json.dumps(str(library_csv))}, text: doc}}\n",
        encoding="utf-8",
    )
    said = shape(material_of(request(job), CATALOG), CATALOG, trusted=True).sizes
    assert said.parameters > 8 * (4 * 65536**2 + 3 * 65536 * 174000)
    assert said.gradients == 4 * said.parameters
    assert said.optimizer > 8 * said.parameters


def test_the_peak_counts_what_is_alive_at_once_and_forgets_what_is_gone():
    live = LiveBytes()
    with live:
        first = torch.zeros(1000)
        second = first + 1
        assert (live.now, live.peak) == (8000, 8000)
        view = second[:10]
        del second
        assert live.now == 8000, "a view keeps the whole storage"
        del view
        assert (live.now, live.peak) == (4000, 8000)
        first.add_(1)
    assert (live.now, live.peak) == (4000, 8000)


def test_a_value_that_the_code_asks_for_is_there_although_tensors_have_none():
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode(), LiveBytes():
        assert torch.empty(()).item() == 1.0
        assert bool(torch.empty(3).sum() > 0) is True


@pytest.mark.parametrize(
    ("sizes", "seconds", "base", "slope"),
    [
        ([1, 2, 3], [3, 5, 7], 1, 2),
        ([1, 2], [4, 2], 3, 0),
        ([1, 2, 4], [0, 2, 6], 0, 28 / 21),
        ([5], [2], 2, 0),
    ],
)
def test_the_line_through_measurements_never_falls_nor_begins_below_nothing(sizes, seconds, base, slope):
    line = fitted(sizes, seconds)
    assert (line.base, line.slope) == (pytest.approx(base), pytest.approx(slope))
    assert line.mean(np.asarray([2.0, 4.0])) == pytest.approx(base + 3 * slope)
