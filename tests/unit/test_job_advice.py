"""`auto` chooses by the data and says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunesmith.catalog import Catalog
from tunesmith.errors import TunesmithError
from tunesmith.job.advice import settle
from tunesmith.job.job import Job
from tunesmith.job.load import parse_job

CATALOG = Catalog()


def job(more: str = "", *, task: str = "text-classification", model: str = "all-MiniLM-L6-v2", data: str = "") -> Job:
    text = f"task: {task}\nmodel: {model}\ndata: {{train: a.csv{data}}}\n{more}\n"
    return parse_job(text, Path("a.job.yaml"), Path("/project"), CATALOG).job


@pytest.mark.parametrize(
    ("task", "target", "loss"),
    [
        ("text-classification", "class", "cross-entropy"),
        ("text-classification", "classes", "binary-cross-entropy"),
        ("regression", "number", "mean-squared-error"),
        ("causal-lm", "token", "cross-entropy"),
    ],
)
def test_the_loss_follows_the_target(task, target, loss):
    model = "owner/model" if task == "causal-lm" else "all-MiniLM-L6-v2"
    training = settle(job(task=task, model=model), CATALOG, target=target, counts=[], outputs=1).training
    assert training.loss.name == loss
    assert set(training.loss.options) == set(CATALOG.losses[loss].member.options)
    assert set(training.why) == {"data.split", "training.loss", "training.optimizer", "training.learning_rate"}
    assert target in CATALOG.losses[loss].member.targets


@pytest.mark.parametrize(
    ("task", "model", "optimizer"),
    [
        ("seq2seq", "scratch", "adafactor"),
        ("seq2seq", "owner/model", "adamw"),
        ("causal-lm", "scratch", "adamw"),
        ("text-classification", "scratch", "adamw"),
    ],
)
def test_an_encoder_decoder_from_random_weights_gets_the_optimizer_it_learns_by(task, model, optimizer):
    target = "class" if task == "text-classification" else "token"
    training = settle(job(task=task, model=model), CATALOG, target=target, counts=[], outputs=2).training
    member = CATALOG.optimizers[optimizer].member
    assert training.optimizer.name == optimizer
    assert training.learning_rate == (member.from_scratch if model == "scratch" else member.learning_rate)
    assert training.why["training.optimizer"].startswith(f"{optimizer} ")


def test_focal_imbalance_asks_for_the_focal_loss():
    settled = settle(job(data=", imbalance: focal"), CATALOG, target="class", counts=[90, 3], outputs=2)
    assert settled.training.loss.name == "focal"
    assert "3 to 90 rows" in settled.training.why["training.loss"]


def test_what_the_job_says_is_kept_without_a_reason():
    training = "training: {loss: hinge, optimizer: sgd, learning_rate: 0.1}"
    given = job(training, task="text-classification", data=", split: stratified")
    target = CATALOG.losses["hinge"].member.targets[0]
    settled = settle(given, CATALOG, target=target, counts=[1, 1], outputs=2)
    assert settled == given


def test_a_loss_for_other_targets_is_refused_once_the_rows_are_known():
    given = job("training: {loss: cross-entropy}")
    with pytest.raises(TunesmithError) as caught:
        settle(given, CATALOG, target="classes", counts=[5, 5], outputs=2)
    assert caught.value.code == "job.loss-does-not-fit"
    assert "binary-cross-entropy" in caught.value.problem.allowed


def test_the_learning_rate_follows_method_and_model():
    def rate(settled: Job) -> float:
        return settle(settled, CATALOG, target="class", counts=[5, 5], outputs=2).training.learning_rate

    full, lora, scratch = rate(job()), rate(job("method: lora")), rate(job(model="scratch"))
    assert 2e-5 <= full <= 5e-5
    assert lora == pytest.approx(full * CATALOG.methods["lora"].member.learning_rate_factor)
    assert scratch == CATALOG.optimizers["adamw"].member.from_scratch
    assert rate(job("training: {optimizer: sgd}")) == CATALOG.optimizers["sgd"].member.learning_rate
    assert rate(job("training: {optimizer: my.optim:Fast}")) == full
