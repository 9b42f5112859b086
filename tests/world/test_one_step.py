"""A step of every task, method, optimizer, schedule and remedy equals a short loop of torch.

Each task is built once with each method; the optimizers take turns with schedules and remedies, so that over all builds
every two of them meet. Models are without dropout, so that nothing is drawn at random.
"""

from __future__ import annotations

import copy
import json
import math
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from small_loops import loop_on
from task_parts import rows
from tunesmith.catalog import Catalog
from tunesmith.data.rows import Rows
from tunesmith.errors import TunesmithError
from tunesmith.job.advice import filled
from tunesmith.job.load import parse_job
from tunesmith.train.assemble import Assembled, assemble, settled_job, training_texts
from tunesmith.train.build import plan_of
from tunesmith.train.modes import train_mode

STEPS, TOTAL, RATE, BATCH = 2, 10, 0.01, 8
CATALOG = Catalog()

NETS = """
from torch import nn
def net(outputs): return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, outputs))
"""
WORDS = "a small round green red stone lies under the old tree near water and sun"


def sentences(number: int) -> list[str]:
    noise = np.random.default_rng(3)
    return [" ".join(noise.choice(WORDS.split(), int(noise.integers(3, 9)))) for _ in range(number)]


def data_of(task: str) -> tuple[Rows, str]:
    """24 rows, labels 12, 8 and 4 times; and what the job says of them."""
    numbers = [tuple(row) for row in np.random.default_rng(1).normal(size=(24, 4)).tolist()]
    labels = [label for label, times in (("a", 12), ("b", 8), ("c", 4)) for _ in range(times)]
    columns = "columns: [f0, f1, f2, f3]"
    if task == "text-classification":
        return rows(text=sentences(24), label=labels), "text: text, label: label"
    if task == "image-classification":
        return rows(columns=numbers, label=labels), f"{columns}, label: label"
    if task == "regression":
        return rows(columns=numbers, target=[row[0] * 3 + 1 for row in numbers]), f"{columns}, target: target"
    if task == "token-classification":
        words = [text.split() for text in sentences(24)]
        return rows(words=words, tags=[["B-X" if word == "red" else "O" for word in row] for row in words]), ""
    if task == "question-answering":
        texts = sentences(24)
        return rows(question=texts[::-1], context=texts, answer=[text.split()[-1] for text in texts]), ""
    if task == "embedding":
        texts = sentences(48)
        return rows(anchor=texts[:24], positive=texts[24:]), ""
    if task == "seq2seq":
        texts = sentences(48)
        return rows(source=texts[:24], target=texts[24:]), ""
    return rows(text=sentences(24)), "text: text"


OF_TEXTS = ("text-classification", "token-classification", "question-answering", "embedding")
"""Tasks that tune the small BERT."""
SCRATCH = "{scratch: {layers: 2, width: 16, heads: 2, vocabulary: 300, window: 16, dropout: 0}}"
FROM_SCRATCH = dict.fromkeys(("causal-lm", "seq2seq"), SCRATCH)
METHODS = {
    "full": "full",
    "head": "head",
    "freeze": "{freeze: {layers: 1}}",
    "lora": "{lora: {rank: 2}}",
    "dora": "{dora: {rank: 2}}",
    "rslora": "{rslora: {rank: 2}}",
}
OF_A_MODULE = {**METHODS, "freeze": "{freeze: {layers: 0, names: '^0'}}"}


@pytest.fixture(scope="module")
def calm_bert(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small BERT without dropout."""
    folder = Path(shutil.copytree(tiny_bert, tmp_path_factory.mktemp("calm") / "bert"))
    config = json.loads((folder / "config.json").read_text())
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def built(task: str, method: str, folder: Path, bert: Path) -> tuple[Assembled, Rows]:
    data, said = data_of(task)
    (folder / "one_step_nets.py").write_text(NETS)
    model = {
        **dict.fromkeys(OF_TEXTS, json.dumps(str(bert))),
        **FROM_SCRATCH,
    }.get(task, "one_step_nets:net")
    methods = METHODS if task in (*OF_TEXTS, *FROM_SCRATCH) else OF_A_MODULE
    text = f"task: {task}\nmodel: {model}\nmethod: {methods[method]}\ndata: {{train: a.csv, {said}}}\n"
    text += f"training: {{batch_size: {BATCH}, max_steps: {TOTAL}, epochs: 9, learning_rate: {RATE}, warmup: 0%}}\n"
    job = parse_job(text, folder / "a.job.yaml", folder, CATALOG).job
    facts = CATALOG.tasks[task].call("facts", job, data)
    texts = training_texts(job, data, CATALOG)
    return assemble(settled_job(job, facts, CATALOG), facts, CATALOG, texts=texts), data


# --- the other side: torch alone


def scheduled(name: str, step: int) -> float:
    """The multiple of the rate at `step` (from 0) of TOTAL."""
    share = step / TOTAL
    if name == "one-cycle":
        weight = nn.Parameter(torch.zeros(1))
        optimizer = torch.optim.SGD([weight], lr=1.0)
        cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, TOTAL, pct_start=0.3, cycle_momentum=False)
        for _ in range(step):
            optimizer.step()
            cycle.step()
        return float(cycle.get_last_lr()[0])
    return {
        "constant": 1.0,
        "linear": 1 - share,
        "cosine": (1 + math.cos(math.pi * share)) / 2,
        "step": 0.1 ** (step // 3),
    }[name]


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, arXiv:2302.06675, algorithm 2, without decay."""

    def __init__(self, parameters: Any, lr: float) -> None:
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                p -= group["lr"] * torch.sign(0.9 * m + 0.1 * p.grad)
                m.mul_(0.99).add_(p.grad, alpha=0.01)


OPTIMIZERS: Mapping[str, Callable[[list[nn.Parameter]], torch.optim.Optimizer]] = {
    "sgd": lambda ps: torch.optim.SGD(ps, lr=RATE),
    "momentum": lambda ps: torch.optim.SGD(ps, lr=RATE, momentum=0.9),
    "nesterov": lambda ps: torch.optim.SGD(ps, lr=RATE, momentum=0.9, nesterov=True),
    "adam": lambda ps: torch.optim.Adam(ps, lr=RATE),
    "adamw": lambda ps: torch.optim.AdamW(
        [{"params": [p for p in ps if p.dim() > 1]}, {"params": [p for p in ps if p.dim() < 2], "weight_decay": 0.0}],
        lr=RATE,
        weight_decay=0.01,
    ),
    "adafactor": lambda ps: torch.optim.Adafactor(ps, lr=RATE),
    "rmsprop": lambda ps: torch.optim.RMSprop(ps, lr=RATE, alpha=0.99),
    "lion": lambda ps: Lion(ps, lr=RATE),
}


def _mean_of_words(module: nn.Module, texts: Mapping[str, torch.Tensor]) -> torch.Tensor:
    states = module(**texts).last_hidden_state
    mask = texts["attention_mask"][..., None] if "attention_mask" in texts else torch.ones_like(states[..., :1])
    return (states * mask).sum(1) / mask.sum(1)


def plain_loss(task: str, module: nn.Module, batch: Mapping[str, Any], remedy: str) -> torch.Tensor:
    """The mean loss of a batch, by calling the module and torch's own losses."""
    if task == "causal-lm":
        more = {name: batch[name] for name in ("position_ids", "attention_mask") if name in batch}
        logits = module(input_ids=batch["input_ids"], **more).logits
        return F.cross_entropy(logits.flatten(0, 1)[batch["positions"]], batch["target"])
    if task == "seq2seq":
        found: torch.Tensor = module(**{name: batch[name] for name in ("input_ids", "attention_mask", "labels")}).loss
        return found
    if task == "embedding":
        anchors, texts = (_mean_of_words(module, part) for part in batch["texts"])
        alike = F.normalize(anchors, dim=1) @ F.normalize(texts, dim=1).T
        return F.cross_entropy(alike.masked_fill(batch["no_negative"], -torch.inf) / 0.05, torch.arange(len(alike)))
    if task == "regression":
        return F.mse_loss(module(batch["inputs"])[:, 0], batch["target"])
    if task in OF_TEXTS:
        given = {name: batch[name] for name in ("input_ids", "attention_mask", "token_type_ids") if name in batch}
        found = module(**given)
        if task == "token-classification":
            return F.cross_entropy(found.logits.flatten(0, 1)[batch["at"]], batch["tags"])
        if task == "question-answering":
            losses = [
                F.cross_entropy(logits[row, :length], batch["targets"][row, part])
                for part, logits in enumerate((found.start_logits, found.end_logits))
                for row, length in enumerate(batch["lengths"])
            ]
            return torch.stack(losses).mean()
        logits = found.logits
    else:
        logits = module(batch["inputs"])
    if remedy == "focal":
        p = torch.softmax(logits, 1)[torch.arange(len(logits)), batch["target"]]
        return ((1 - p) ** 2 * -torch.log(p)).mean()
    weights = torch.tensor([1 / 12, 1 / 8, 1 / 4]) if remedy == "weighted-loss" else None
    return F.cross_entropy(logits, batch["target"], weight=weights)


@dataclass(frozen=True, kw_only=True)
class Way:
    optimizer: str
    schedule: str
    remedy: str


def ways(task: str, method: str) -> Iterator[Way]:
    """Each optimizer once; schedules and remedies move on by another stride with every build."""
    build = sorted(CATALOG.tasks).index(task) * len(CATALOG.methods) + sorted(CATALOG.methods).index(method)
    remedies = ["none"]
    if CATALOG.tasks[task].member.imbalance:
        remedies += ["weighted-loss", "oversample", "undersample", "focal"]
    schedules = sorted(CATALOG.schedules)
    for number, name in enumerate(sorted(CATALOG.optimizers)):
        schedule = schedules[(number + build) % len(schedules)]
        yield Way(optimizer=name, schedule=schedule, remedy=remedies[(number + 2 * build) % len(remedies)])


def _is_clear(gradient: torch.Tensor | None) -> torch.Tensor:
    """Where it is a thousand times its rounding: a small BERT's gradients in single precision are off by up to 1e-5 of
    the largest one of their tensor."""
    assert gradient is not None
    return gradient.abs() > max(1e-7, 1e-2 * float(gradient.abs().max()))


@pytest.mark.parametrize("method", sorted(CATALOG.methods))
@pytest.mark.parametrize("task", sorted(CATALOG.tasks))
def test_a_step_equals_a_short_loop_of_torch(task: str, method: str, calm_bert: Path) -> None:
    if (task, method) == ("embedding", "head"):  # the vectors are the model's own last states
        with pytest.raises(TunesmithError, match="no-head"):
            built(task, method, calm_bert.parent, calm_bert)
        return
    assembled, data = built(task, method, calm_bert.parent, calm_bert)
    module = assembled.model.module
    begin = copy.deepcopy(module.state_dict())
    features = assembled.task.encode(data, assembled.model)
    for way in ways(task, method):
        module.load_state_dict(begin)
        plain = copy.deepcopy(module).train()
        job = assembled.job
        loss = filled(CATALOG, "losses", "focal") if way.remedy == "focal" else job.training.loss
        training = replace(
            job.training,
            loss=loss,
            optimizer=filled(CATALOG, "optimizers", way.optimizer),
            schedule=filled(CATALOG, "schedules", way.schedule),
        )
        chosen = replace(assembled, job=replace(job, training=training, data=replace(job.data, imbalance=way.remedy)))
        loop = loop_on(chosen, features, plan=plan_of(chosen, features))
        train_mode(module)
        ours, tuned = ([p for p in one.parameters() if p.requires_grad] for one in (module, plain))
        optimizer = OPTIMIZERS[way.optimizer](tuned)
        clear = [torch.ones_like(p, dtype=torch.bool) for p in tuned]
        for step in range(STEPS):
            batch = assembled.task.collate(features, loop.plan.rows(step + 1))
            for group in optimizer.param_groups:
                group["lr"] = RATE * scheduled(way.schedule, step)
            expected = plain_loss(task, plain, batch, way.remedy)
            optimizer.zero_grad()
            expected.backward()
            nn.utils.clip_grad_norm_(tuned, training.clip_norm or math.inf)
            optimizer.step()
            assert float(loop.step()) == pytest.approx(expected.item(), rel=1e-5), way
            # Where a gradient is mostly rounding, optimizers that look at its sign or share go either way: such weights
            # are not compared, and one in a thousand others may differ, for which Lion's average is nearly 0. All go on
            # as ours are, so that rounding of one step does not grow in the next.
            clear = [mask & _is_clear(p.grad) for mask, p in zip(clear, tuned, strict=True)]
            compared = different = 0
            for mine, theirs, mask in zip(ours, tuned, clear, strict=True):
                compared += int(mask.sum())
                different += int((~torch.isclose(mine, theirs, rtol=1e-5, atol=RATE / 20))[mask].sum())
                theirs.data.copy_(mine)
            assert compared and different <= compared / 1000, (way, different, compared)
        frozen = {name for name, p in module.named_parameters() if not p.requires_grad}
        assert all(torch.equal(begin[name], value) for name, value in module.state_dict().items() if name in frozen)


def test_every_two_choices_meet() -> None:
    met: set[tuple[str, str]] = set()
    for task in CATALOG.tasks:
        for method in CATALOG.methods:
            for way in ways(task, method):
                met |= {(way.optimizer, way.schedule), (way.optimizer, way.remedy), (way.schedule, way.remedy)}
    remedies = ("none", "weighted-loss", "oversample", "undersample", "focal")
    assert {(optimizer, other) for optimizer in CATALOG.optimizers for other in (*CATALOG.schedules, *remedies)} <= met
    assert {(schedule, remedy) for schedule in CATALOG.schedules for remedy in remedies} <= met
