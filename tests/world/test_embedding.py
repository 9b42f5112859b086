"""Texts that belong together: what is learnt of them, how it is judged, and what others make of the result."""

from __future__ import annotations

import csv
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from real_workers import ForkServer, new_run, outcome, rewind
from small_loops import CATALOG, CPU
from support import errors_of
from tunesmith.checks.job import check
from tunesmith.cli import main
from tunesmith.data.features import Features
from tunesmith.data.load import load_data
from tunesmith.errors import InvalidJob, TunesmithError
from tunesmith.estimate.live_bytes import LiveBytes
from tunesmith.estimate.prepared import Request, material_of
from tunesmith.estimate.work import estimate_here, shape
from tunesmith.job.load import load_job
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.reports import read_report
from tunesmith.scores.rankings import Ranking, correlations, figures_of_places, similarities
from tunesmith.tasks.parts.hard_negatives import mined
from tunesmith.tasks.parts.in_batch import RightTexts, match_loss
from tunesmith.tasks.parts.judge_vectors import figures_of_vectors, search_of
from tunesmith.tasks.parts.pooling import pooled
from tunesmith.tasks.parts.word_vectors import WordSearch
from tunesmith.train.assemble import Assembled, assemble
from tunesmith.train.build import build_passing_loop, loss_of, plan_of, with_untuned
from tunesmith.train.loop import Loop
from tunesmith.train.precision import choose
from tunesmith.trial.work import _few, try_here
from tunesmith.use.export import export
from tunesmith.use.load import load_run
from tunesmith.use.predict import predict

TEXTS = ["Open a socket and connect", "Wrap", "Return a list of all the arguments that nobody could understand"]


@pytest.fixture(scope="module")
def encoder(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small folder of sentence-transformers: mean pooling, vectors of length 1, texts of at most 24 tokens."""
    folder = tmp_path_factory.mktemp("encoder")
    shutil.copytree(tiny_bert, folder, dirs_exist_ok=True)
    as_sentences(folder)
    return folder


def as_sentences(folder: Path, *, pooling: str = "mean_tokens", more: Sequence[str] = ("Normalize",)) -> None:
    kinds = ["Transformer", "Pooling", *more]
    places = ["", *(f"{number}_{kind}" for number, kind in enumerate(kinds[1:], start=1))]
    modules = [
        {"idx": number, "name": str(number), "path": place, "type": f"sentence_transformers.models.{kind}"}
        for number, (kind, place) in enumerate(zip(kinds, places, strict=True))
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    keys = ("cls_token", "mean_tokens", "max_tokens", "lasttoken")
    modes = {f"pooling_mode_{key}": key == pooling for key in keys}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 32, **modes}))
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 24, "do_lower_case": false}')
    prompts = {"prompts": {"query": "search: ", "document": "text: "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))


@pytest.fixture(scope="module")
def pairs(library_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real texts: the beginning of a docstring and its rest."""
    path = tmp_path_factory.mktemp("pairs") / "pairs.csv"
    with library_csv.open(encoding="utf-8", newline="") as file:
        docs = [row["doc"].split() for row in csv.DictReader(file)]
    found = [(" ".join(words[:5]), " ".join(words[5:])) for words in docs if len(words) > 9]
    once = {rest: begin for begin, rest in dict(found).items()}
    write(path, ["anchor", "positive"], [(begin, rest) for rest, begin in once.items()][:200])
    return path


def write(path: Path, header: Sequence[str], table: Sequence[Sequence[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *table])
    return path


def write_job(folder: Path, data: Path, model: Path | str, *extra: str, options: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    job = folder / "pairs.job.yaml"
    shown = json.dumps(str(model)) if isinstance(model, Path) else model
    lines = [
        "task: embedding",
        f"model: {shown}",
        f"data: {{train: {json.dumps(str(data))}, validation: 20%{options}}}",
        *(extra or ["training: {max_steps: 4, batch_size: 16, learning_rate: 1e-3}"]),
    ]
    job.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return job


def loop_on(job: Path, *changes: str) -> tuple[Assembled, Features, Loop]:
    material = material_of(Request(file=job, overrides=changes), CATALOG)
    assembled = assemble(material.job, material.facts, CATALOG)
    features = assembled.task.encode(material.train, assembled.model)
    plan = plan_of(assembled, features)
    precision = choose("fp32", CPU, assembled.model.module)
    loop = build_passing_loop(assembled, CATALOG, plan=plan, precision=precision, device=CPU, train=features)
    assembled.model.module.train()
    return assembled, features, loop


def without_dropout(module: torch.nn.Module) -> None:
    for part in module.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0


def errors(job: Path) -> set[str]:
    return {problem.code for problem in errors_of(check(job))}


# -- learning ---------------------------------------------------------------------------------------------------------


def test_a_step_is_that_of_a_short_loop_of_transformers(encoder: Path, pairs: Path, tmp_path: Path) -> None:
    from transformers import AutoModel, AutoTokenizer

    job = write_job(tmp_path, pairs, encoder)
    assembled, _, loop = loop_on(job)
    without_dropout(assembled.model.module)
    samples = loop.plan.rows(1)
    loss = float(loop._mean_loss(1, samples))
    train = load_data(load_job(job, CATALOG).job, CATALOG).train.select(samples.tolist())

    model, tokenizer = AutoModel.from_pretrained(encoder), AutoTokenizer.from_pretrained(encoder)
    vectors = []
    for prompt, role in (("search: ", "anchor"), ("text: ", "positive")):
        texts = [prompt + text for text in train.columns[role]]
        batch = tokenizer(texts, padding=True, truncation=True, max_length=24, return_tensors="pt")
        hidden, mask = model(**batch).last_hidden_state, batch["attention_mask"][..., None]
        vectors.append(F.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1))
    expected = F.cross_entropy(vectors[0] @ vectors[1].T / 0.05, torch.arange(16))
    expected.backward()
    assert loss == pytest.approx(float(expected.detach()), rel=1e-5)
    mine = dict(assembled.model.module.named_parameters())
    for name, parameter in model.named_parameters():
        if parameter.grad is None:
            assert mine[name].grad is None, name  # the pooler, which nobody reads
        else:
            torch.testing.assert_close(mine[name].grad, parameter.grad, rtol=1e-3, atol=1e-5)


def test_small_parts_with_dropout_have_the_gradients_of_one_graph_with_the_same_draws(
    encoder: Path, pairs: Path, tmp_path: Path
) -> None:
    job = write_job(tmp_path, pairs, encoder)
    assembled, features, loop = loop_on(job, "training.micro_batch_size=4")
    module, task = assembled.model.module.double(), assembled.task  # in single precision the order counts
    loop._mean_loss(1, loop.plan.rows(1))
    split = {name: p.grad.clone() for name, p in module.named_parameters() if p.grad is not None}

    from tunesmith.data.batching import split_alike
    from tunesmith.train.dropout import fast_dropout
    from tunesmith.train.gradients import LEAST_CELLS
    from tunesmith.train.seeding import seed_step

    module.zero_grad()
    seed_step(assembled.job.seed, 1, CPU)
    samples = loop.plan.rows(1)
    pieces = task.pieces(features, samples)
    lengths = task.piece_lengths(features, pieces)
    longest = np.argsort(-lengths.sum(axis=1), kind="stable")[:4]
    most = 4 * int(lengths[longest].max(axis=0).sum())
    parts = split_alike(lengths.ravel(), most=most, least=LEAST_CELLS["cpu"])
    with fast_dropout():
        batches = [task.collate_pieces(features, pieces.ravel()[part]) for part in parts]
        whole = torch.cat([task.represent(assembled.model, batch) for batch in batches])
        in_order = torch.empty_like(whole).index_copy(0, torch.from_numpy(np.concatenate(parts)), whole)
        sums = task.loss_of(in_order.view(16, 2, -1), features, samples, loss_of(assembled, CATALOG))
        (sums["loss"] / 16).backward()
    assert len(parts) > 2
    for name, parameter in module.named_parameters():
        if parameter.grad is not None:
            torch.testing.assert_close(split[name], parameter.grad, rtol=1e-9, atol=1e-12)


def test_check_says_which_texts_are_cut(encoder: Path, pairs: Path, tmp_path: Path) -> None:
    job = write_job(tmp_path, pairs, encoder, options=", max_length: 6")
    cut = [problem.message for problem in check(job)["problems"] if problem.code == "data.text-too-long"]
    assert {message.partition(":")[0] for message in cut} == {"anchor", "positive"}


@pytest.mark.parametrize("columns", [2, 3], ids=["pairs", "triplets"])
def test_parts_of_any_size_have_the_loss_and_the_gradients_of_the_whole(
    encoder: Path, pairs: Path, tmp_path: Path, columns: int
) -> None:
    with pairs.open(encoding="utf-8", newline="") as file:
        found = [list(row.values()) for row in csv.DictReader(file)]
    table = [[*row, found[number - 7][1]][:columns] for number, row in enumerate(found)]
    data = write(tmp_path / "data.csv", ["anchor", "positive", "negative"][:columns], table)
    job = write_job(tmp_path / "job", data, encoder)
    expected: dict[str, torch.Tensor] = {}
    for micro in (16, 5, 1):
        assembled, features, loop = loop_on(job, f"training.micro_batch_size={micro}")
        without_dropout(assembled.model.module.double())  # in single precision the order counts
        samples = loop.plan.rows(1)
        loss = loop._mean_loss(1, samples)
        mine = {name: p.grad for name, p in assembled.model.module.named_parameters() if p.grad is not None}
        if not expected:
            vectors = assembled.task.represent(
                assembled.model,
                assembled.task.collate_pieces(features, assembled.task.pieces(features, samples).ravel()),
            )
            sums = assembled.task.loss_of(
                vectors.unflatten(0, (16, columns)), features, samples, loss_of(assembled, CATALOG)
            )
            assembled.model.module.zero_grad()
            whole = sums["loss"] / 16
            whole.backward()
            named = assembled.model.module.named_parameters()
            expected = {name: p.grad.clone() for name, p in named if p.grad is not None}
            expected["loss"] = whole.detach()
        torch.testing.assert_close({**mine, "loss": loss}, expected, rtol=1e-9, atol=1e-12)


def test_a_batch_of_512_needs_little_more_memory_than_its_parts(encoder: Path, pairs: Path, tmp_path: Path) -> None:
    def peak(batch: int, micro: int) -> int:
        job = write_job(tmp_path, pairs, encoder)
        _, _, loop = loop_on(job, f"training.batch_size={batch}", f"training.micro_batch_size={micro}")
        samples = np.resize(loop.plan.rows(1), batch)
        with LiveBytes() as live:
            loop._mean_loss(1, samples)
        return live.peak

    small, cached, whole = peak(16, 16), peak(512, 16), peak(512, 512)
    matrix = 512 * 512 * 4
    assert cached < small + 12 * matrix  # the similarities and their gradient, whatever the model's size
    assert whole > 10 * small


def test_texts_that_are_right_are_never_negatives(pairs: Path) -> None:
    texts = np.array([[1, 11], [1, 12], [2, 11], [3, 13], [13, 14], [1, 15]])
    found = RightTexts().no_negatives({"text": texts}, np.array([0, 1, 2, 3, 4]))
    assert found.astype(int).tolist() == [
        [0, 1, 1, 0, 0],  # 12 is right for anchor 1, too; row 2 has its own positive
        [1, 0, 1, 0, 0],
        [1, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 1, 0],  # 13 is the anchor itself
    ]
    outside = RightTexts().no_negatives({"text": texts}, np.array([0, 5]))
    assert outside.all() == (~np.eye(2, dtype=bool)).all()


def test_duplicates_in_a_batch_change_nothing(encoder: Path, tmp_path: Path) -> None:
    vectors = torch.randn(6, 2, 8, dtype=torch.float64).float()
    texts = np.array([[row, 10 + row] for row in range(1, 7)])
    texts[3] = texts[0]
    vectors[3] = vectors[0]

    def loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(prediction / 0.05, target, reduction="none")

    everything = RightTexts()
    with_twin = match_loss(vectors, torch.from_numpy(everything.no_negatives({"text": texts}, np.arange(6))), loss, ())
    kept = [0, 1, 2, 4, 5]
    alone = match_loss(
        vectors[kept], torch.from_numpy(RightTexts().no_negatives({"text": texts}, np.array(kept))), loss, ()
    )
    first = match_loss(
        vectors,
        torch.from_numpy(everything.no_negatives({"text": texts}, np.arange(6))),
        lambda p, t: loss(p, t)[:1],
        (),
    )
    first_alone = F.cross_entropy(
        F.normalize(vectors[kept[:1], 0], dim=-1) @ F.normalize(vectors[kept, 1], dim=-1).T / 0.05, torch.tensor([0])
    )
    assert float(first) == pytest.approx(float(first_alone), rel=1e-5)
    assert float(with_twin) > float(alone)


def test_negatives_of_all_rows_are_candidates_and_empty_ones_are_none(encoder: Path, tmp_path: Path) -> None:
    rows = [[f"question {row}", f"answer {row}", "" if row == 2 else f"wrong {row}"] for row in range(6)]
    data = write(tmp_path / "triplets.csv", ["anchor", "positive", "negative"], rows)
    job = write_job(tmp_path / "job", data, encoder, "training: {max_steps: 1, batch_size: 4}")
    assembled, features, _ = loop_on(job)
    batch = assembled.task.collate(features, np.arange(4))
    vectors = assembled.task.outputs(assembled.model, batch)
    assert vectors.shape == (4, 3, 32)
    assert batch["no_negative"].shape == (4, 8)
    (empty,) = np.flatnonzero(np.asarray(features["text"])[:4, 2] == 0).tolist() or [None]
    gone = torch.nonzero(batch["no_negative"]).tolist()
    assert gone == [[row, 4 + empty] for row in range(4)] if empty is not None else gone == []


def test_sizes_are_learnt_as_the_mean_of_their_losses(encoder: Path, pairs: Path, tmp_path: Path) -> None:
    job = write_job(tmp_path, pairs, encoder, options=", sizes: [32, 8]")
    assembled, features, loop = loop_on(job)
    without_dropout(assembled.model.module)
    samples = loop.plan.rows(1)
    vectors = assembled.task.outputs(assembled.model, assembled.task.collate(features, samples))
    expected = [
        F.cross_entropy(
            F.normalize(vectors[:, 0, :size], dim=-1) @ F.normalize(vectors[:, 1, :size], dim=-1).T / 0.05,
            torch.arange(16),
        )
        for size in (32, 8)
    ]
    assert float(loop._mean_loss(1, samples)) == pytest.approx(float(sum(expected) / 2), rel=1e-5)
    job = write_job(tmp_path, pairs, encoder, options=", sizes: [64]")
    _, _, loop = loop_on(job)
    with pytest.raises(TunesmithError) as caught:
        loop._mean_loss(1, loop.plan.rows(1))
    assert caught.value.code == "data.size-too-large"


def test_scores_are_learnt_by_their_order_and_judged_by_it(
    encoder: Path, pairs: Path, tmp_path: Path, workers: ForkServer
) -> None:
    from scipy.stats import spearmanr

    with pairs.open(encoding="utf-8", newline="") as file:
        found = [(row["anchor"], row["positive"]) for row in csv.DictReader(file)]
    table = [(*pair, len(set(pair[0]) & set(pair[1])) % 6) for pair in found]
    data = write(tmp_path / "scored.csv", ["sentence1", "sentence2", "score"], table)
    run = workers.finish(new_run(write_job(tmp_path / "job", data, encoder)))
    loaded = load_run(run)
    assert loaded.job.training.loss.name == "cosent"
    assert loaded.job.evaluation.metric == "spearman"
    rows = load_data(loaded.job, CATALOG).validation
    assert rows is not None
    report = read_report(run)
    assert report is not None
    answers = [answer["similarity"] for answer in predict(loaded, rows)]
    expected = spearmanr(answers, [float(cell) for cell in rows.columns["score"]]).statistic
    assert report.summary["metrics"]["spearman"] == pytest.approx(expected, abs=1e-6)
    assert "the untuned model" in report.headline


def test_scores_beyond_one_are_stretched_for_a_loss_that_reads_them(encoder: Path, tmp_path: Path) -> None:
    data = write(tmp_path / "a.csv", ["anchor", "positive", "score"], [[f"a {n}", f"b {n}", n % 6] for n in range(30)])
    job = write_job(
        tmp_path / "job", data, encoder, "training: {max_steps: 1, batch_size: 8, loss: mean-squared-error}"
    )
    assembled, features, loop = loop_on(job)
    without_dropout(assembled.model.module)
    assert sorted({round(float(score), 6) for score in np.asarray(features["score"])}) == [0, 0.2, 0.4, 0.6, 0.8, 1]
    samples = loop.plan.rows(1)
    vectors = assembled.task.outputs(assembled.model, assembled.task.collate(features, samples))
    cosine = F.cosine_similarity(vectors[:, 0], vectors[:, 1])
    expected = ((cosine - torch.from_numpy(np.asarray(features["score"])[samples])) ** 2).mean()
    assert float(loop._mean_loss(1, samples)) == pytest.approx(float(expected), rel=1e-5)


def test_hard_negatives_are_near_seeded_and_never_known_to_be_right() -> None:
    noise = np.random.default_rng(2)
    vectors = noise.normal(size=(40, 2, 8)).astype(np.float32)
    vectors[:, 1] = vectors[:, 0] + 0.3 * noise.normal(size=(40, 8))
    texts = np.stack([np.arange(1, 41), np.arange(101, 141)], axis=1)
    texts[1, 0] = texts[0, 0]  # two texts are right for one anchor
    vectors[1, 0] = vectors[0, 0]
    vectors[1, 1] = vectors[0, 1] * 0.9
    features = {"text": texts}
    found = mined(vectors, features, count=3, seed=1)
    assert found.shape == (40, 3)
    assert (found == mined(vectors, features, count=3, seed=1)).all()
    assert (found != mined(vectors, features, count=3, seed=2)).any()
    near = similarities(vectors[:, 0], vectors[:, 1])
    for row, chosen in enumerate(found):
        right = set(texts[texts[:, 0] == texts[row, 0], 1])
        for other in chosen[chosen >= 0]:
            assert texts[other, 1] not in right
            assert near[row, other] < near[row, row]


def test_hard_negatives_are_mined_before_training_and_reported(
    encoder: Path, pairs: Path, tmp_path: Path, workers: ForkServer
) -> None:
    job = write_job(tmp_path, pairs, encoder, options=", hard_negatives: 2")
    run = workers.finish(new_run(job))
    told = [event["message"] for event in run.events() if event.get("code") == "data.hard-negatives"]
    assert len(told) == 1
    assert "may be right for their anchor" in told[0]
    report = read_report(run)
    assert report is not None
    assert told[0] in report.summary["warnings"]


def test_hard_negatives_are_counted_by_an_estimate_and_tried_by_a_check(
    encoder: Path, pairs: Path, tmp_path: Path
) -> None:
    shaped = {}
    for count in (0, 3):
        job = write_job(tmp_path, pairs, encoder, options=f", hard_negatives: {count}" if count else "")
        shaped[count] = shape(material_of(Request(file=job), CATALOG), CATALOG, trusted=True)
    assembled, features, _ = loop_on(job)
    kept = load_data(assembled.job, CATALOG)
    real = with_untuned(assembled, features, kept.train, kept.fingerprint, learnt=True, device=CPU)
    taken = [assembled.task.collate(each, np.arange(64))["texts"] for each in (shaped[3].features, real)]
    assert list(map(len, taken)) == [5, 5]
    cells = [sum(text["input_ids"].numel() for text in texts) for texts in taken]
    assert cells[0] == pytest.approx(cells[1], rel=0.1)
    plain, hard = shaped[0].sizes, shaped[3].sizes
    assert plain is not None
    assert hard is not None
    assert hard.activations > 1.5 * plain.activations
    assert hard.weights == plain.weights
    assert _few(assembled, kept.train)["mined"].shape == (4, 3)
    assert not errors(job)
    assert try_here(Request(file=job)) == []
    found = estimate_here(Request(file=job), lambda said: None)
    assert found.measured
    assert found.time is not None


@pytest.mark.parametrize("method", ["{freeze: {layers: 1}}", "{lora: {rank: 2}}"])
def test_methods_that_keep_weights_tune_the_rest(encoder: Path, pairs: Path, tmp_path: Path, method: str) -> None:
    job = write_job(tmp_path, pairs, encoder)
    assembled, _, loop = loop_on(job, f"method={method}")
    loop.step()
    trained = [name for name, p in assembled.model.module.named_parameters() if p.requires_grad]
    assert trained
    assert all(p.grad is not None for name, p in assembled.model.module.named_parameters() if name in trained), (
        "no weight is meant to be trained that nothing reaches"
    )
    if "lora" in method:
        assert assembled.model.module.peft_config["default"].task_type == "FEATURE_EXTRACTION"


def test_a_head_that_is_not_there_cannot_be_tuned_alone(encoder: Path, pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(TunesmithError) as caught:
        loop_on(write_job(tmp_path, pairs, encoder), "method=head")
    assert caught.value.code == "method.no-head"


def test_a_module_of_ones_own_gives_the_vectors_itself(
    encoder: Path, pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_encoder.py").write_text(
        "from torch import nn\n"
        "class Bag(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.words = nn.EmbeddingBag(600, 12)\n"
        "    def forward(self, ids):\n"
        "        return self.words(ids)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    model = f'{{name: "own_encoder:Bag", tokenizer: {json.dumps(str(encoder))}}}'
    assembled, features, loop = loop_on(write_job(tmp_path, pairs, model))
    assert math.isfinite(float(loop.step()))
    vectors = assembled.task.outputs(assembled.model, assembled.task.collate(features, np.arange(3)))
    assert vectors.shape == (3, 2, 12)


# -- judging ----------------------------------------------------------------------------------------------------------


def ranked(near: np.ndarray, right: Sequence[Sequence[int]], excluded: Sequence[Sequence[int]] = ()) -> Ranking:
    return Ranking(
        lambda begin, end: near[begin:end].copy(),
        queries=len(near),
        documents=near.shape[1],
        right=np.array(right, np.int64),
        excluded=np.array(excluded, np.int64).reshape(-1, 2),
        temperature=0.05,
    )


def test_figures_of_a_ranking_are_those_of_scikit_learn_and_of_counting() -> None:
    from sklearn.metrics import ndcg_score

    noise = np.random.default_rng(4)
    near = noise.normal(size=(30, 50)).astype(np.float32)
    truth = noise.random((30, 50)) < 0.06
    truth[:, 0] |= ~truth.any(axis=1)
    found = ranked(near, np.argwhere(truth))
    figures = figures_of_places(found.places, found.right[:, 0])
    order = np.argsort(-near, axis=1)
    hits = np.take_along_axis(truth, order, axis=1)
    assert figures["ndcg_at_10"] == pytest.approx(ndcg_score(truth, near, k=10), abs=1e-9)
    assert figures["mrr"] == pytest.approx(np.mean(1 / (hits.argmax(axis=1) + 1)), abs=1e-12)
    for k in (1, 10):
        assert figures[f"recall_at_{k}"] == pytest.approx(np.mean(hits[:, :k].sum(axis=1) / truth.sum(axis=1)))
    expected = F.cross_entropy(torch.from_numpy(near[found.right[:, 0]] / 0.05), torch.from_numpy(found.right[:, 1]))
    assert found.losses.mean() == pytest.approx(float(expected), rel=1e-5)


def test_figures_are_those_of_sentence_transformers(encoder: Path, pairs: Path) -> None:
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

    noise = np.random.default_rng(1)
    vectors = noise.normal(size=(40, 2, 16)).astype(np.float32)
    texts = np.stack([np.arange(40) % 25 + 1, np.arange(40) + 100], axis=1)
    by_text = {number: vectors[row, place] for row, line in enumerate(texts) for place, number in enumerate(line)}
    for row, (anchor, positive) in enumerate(texts):
        vectors[row] = by_text[anchor], by_text[positive]
    found = figures_of_vectors(vectors, {"text": texts}, 0.05)
    queries = {f"q{anchor}": str(anchor) for anchor in texts[:, 0]}
    relevant: dict[str, set[str]] = {}
    for anchor, positive in texts:
        relevant.setdefault(f"q{anchor}", set()).add(f"d{positive}")

    class Known:
        similarity_fn_name = "cosine"
        model_card_data = None

        def similarity(self, one: Any, other: Any) -> torch.Tensor:
            return F.normalize(torch.as_tensor(one), dim=-1) @ F.normalize(torch.as_tensor(other), dim=-1).T

        def encode(self, sentences: Sequence[str], **kwargs: Any) -> torch.Tensor:
            return torch.from_numpy(np.stack([by_text[int(text)] for text in sentences]))

        encode_query = encode_document = encode

    judge = InformationRetrievalEvaluator(
        queries,
        {f"d{positive}": str(positive) for positive in texts[:, 1]},
        relevant,
        mrr_at_k=[40],
        ndcg_at_k=[10],
        precision_recall_at_k=[1, 10],
        score_functions={"cosine": Known().similarity},
    )
    theirs = judge.compute_metrices(Known())["cosine"]  # type: ignore[arg-type]
    assert found["mrr"] == pytest.approx(theirs["mrr@k"][40])
    assert found["ndcg_at_10"] == pytest.approx(theirs["ndcg@k"][10])
    assert found["recall_at_1"] == pytest.approx(theirs["recall@k"][1])
    assert found["recall_at_10"] == pytest.approx(theirs["recall@k"][10])


def test_a_model_to_which_all_texts_look_alike_finds_nothing() -> None:
    vectors = np.ones((20, 2, 4), np.float32)
    texts = np.stack([np.arange(1, 21), np.arange(101, 121)], axis=1)
    assert figures_of_vectors(vectors, {"text": texts}, 0.05)["recall_at_1"] == 0
    vectors[:] = np.nan
    assert figures_of_vectors(vectors, {"text": texts}, 0.05)["recall_at_10"] == 0


def test_a_text_does_not_find_itself_and_empty_negatives_are_no_texts() -> None:
    texts = np.array([[1, 2, 0], [2, 1, 5], [3, 4, 0]])
    search = search_of({"text": texts})
    assert len(search.found) == 4  # 1, 2, 4 and 5
    assert sorted(map(tuple, search.excluded.tolist())) == [(0, 0), (1, 1)]
    near = np.array([[1.0, 0.5, 0.4, 0.1], [0.5, 1.0, 0.4, 0.1], [0.2, 0.1, 0.3, 0.0]], np.float32)
    assert ranked(near, search.pairs, search.excluded).places.tolist() == [1, 1, 1]


def test_rank_correlation_is_that_of_scipy_with_equal_values() -> None:
    from scipy.stats import pearsonr, spearmanr

    noise = np.random.default_rng(3)
    one, other = noise.normal(size=200), noise.integers(0, 6, 200)
    found = correlations(one, other)
    assert found["spearman"] == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)
    assert found["pearson"] == pytest.approx(pearsonr(one, other).statistic, abs=1e-12)
    assert math.isnan(correlations(np.ones(5), np.arange(5))["spearman"])


def test_counted_words_find_what_those_of_scikit_learn_find(pairs: Path) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    with pairs.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    queries, texts = [row["anchor"] for row in rows], [row["positive"] for row in rows]
    counter = TfidfVectorizer().fit(texts)
    expected = (counter.transform(queries) @ counter.transform(texts).T).toarray()
    np.testing.assert_allclose(WordSearch(texts).similarities(queries), expected, atol=1e-6)


# -- a whole run ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full(encoder: Path, pairs: Path, tmp_path_factory: pytest.TempPathFactory, workers: ForkServer) -> RunFolder:
    return workers.finish(new_run(write_job(tmp_path_factory.mktemp("full"), pairs, encoder)))


@pytest.fixture(scope="module")
def lora(encoder: Path, pairs: Path, tmp_path_factory: pytest.TempPathFactory, workers: ForkServer) -> RunFolder:
    job = write_job(tmp_path_factory.mktemp("lora"), pairs, encoder)
    return workers.finish(new_run(job, "method={lora: {rank: 4, alpha: 64}}", "training.learning_rate=0.01"))


def vectors_of(run: RunFolder) -> np.ndarray:
    return np.array([answer["embedding"] for answer in predict(load_run(run), TEXTS)], np.float32)


def by_sentence_transformers(folder: Path) -> np.ndarray:
    """In a process of its own, as who has only the folder."""
    code = (
        "import sys, json; from sentence_transformers import SentenceTransformer;"
        "model = SentenceTransformer(sys.argv[1], device='cpu');"
        "print(json.dumps(model.encode(json.loads(sys.argv[2]), prompt_name='query').tolist()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), json.dumps(TEXTS)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return np.array(json.loads(done.stdout.splitlines()[-1]), np.float32)


def test_a_model_opens_in_sentence_transformers_with_the_same_vectors(full: RunFolder, tmp_path: Path) -> None:
    folder = export(full, tmp_path / "model")
    np.testing.assert_allclose(by_sentence_transformers(folder), vectors_of(full), atol=1e-5)
    card = (folder / "README.md").read_text("utf-8")
    assert 'pipeline_tag: "sentence-similarity"' in card or "pipeline_tag: sentence-similarity" in card
    assert "sentence-transformers" in card
    usage = card.split("```python\n")[1].split("```")[0]
    done = subprocess.run([sys.executable, "-c", usage], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    again = json.loads((folder / "modules.json").read_text())
    assert [each["path"] for each in again] == ["", "1_Pooling", "2_Normalize"]


def test_an_adapter_opens_in_sentence_transformers_with_the_same_vectors(lora: RunFolder, tmp_path: Path) -> None:
    folder = export(lora, tmp_path / "adapter", format="peft")
    np.testing.assert_allclose(by_sentence_transformers(folder), vectors_of(lora), atol=1e-5)
    merged = export(lora, tmp_path / "merged")
    np.testing.assert_allclose(by_sentence_transformers(merged), vectors_of(lora), atol=1e-5)


@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
def test_onnx_gives_the_vector_itself(
    pooling: str, encoder: Path, pairs: Path, tmp_path: Path, workers: ForkServer
) -> None:
    import onnxruntime
    from transformers import AutoTokenizer

    job = write_job(tmp_path, pairs, encoder, options=f", pooling: {pooling}")
    run = workers.finish(new_run(job, "training.max_steps=2"))
    folder = export(run, tmp_path / "onnx", format="onnx")
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"))
    assert [output.name for output in session.get_outputs()] == ["sentence_embedding"]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    batch = tokenizer(["search: " + text for text in TEXTS], padding=True, return_tensors="np")
    given = {entry.name: batch[entry.name].astype(np.int64) for entry in session.get_inputs()}
    np.testing.assert_allclose(session.run(None, given)[0], vectors_of(run), atol=1e-4)


def test_the_report_compares_with_the_untuned_model_and_with_words(full: RunFolder, encoder: Path) -> None:
    report = read_report(full)
    assert report is not None
    assert "the untuned model" in report.headline
    assert "TF-IDF" in report.headline
    kinds = [block["kind"] for block in json.loads((full.report_folder / "blocks.json").read_text())["blocks"]]
    assert {"table", "chart", "texts"} <= set(kinds)
    beside = report.summary["ranking"]["beside"]["the untuned model"]
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(encoder), device="cpu")
    rows = load_data(load_run(full).job, CATALOG).validation
    assert rows is not None
    asked = model.encode(list(rows.columns["anchor"]), prompt_name="query")
    found = model.encode(list(rows.columns["positive"]), prompt_name="document")
    near = asked @ found.T
    first = np.mean([(line >= line[row]).sum() == 1 for row, line in enumerate(near)])
    assert beside["recall_at_1"] == pytest.approx(first)


def test_predict_ranks_a_file_by_typed_texts(
    full: RunFolder, pairs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["predict", str(full.path), "a socket to the server", str(pairs), "--top", "3"]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["input"] == "a socket to the server"
    assert len(found["found"]) == 3
    assert [row["similarity"] for row in found["found"]] == sorted(
        (row["similarity"] for row in found["found"]), reverse=True
    )
    with pairs.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(rows[row["line"] - 2]["positive"] == row["text"] for row in found["found"])
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "a socket to the server"
    assert len(lines) == 4
    # some rows of the file at a time, the same are found
    monkeypatch.setattr("tunesmith.use.predict.AT_ONCE", 7)
    assert main([*words[:4], str(pairs), *words[4:], "--json"]) == 0
    again = json.loads(capsys.readouterr().out)["found"]
    assert again[0]["similarity"] == pytest.approx(again[1]["similarity"], abs=1e-6)  # the file is given twice
    assert [row["line"] for row in again[::2]] == [row["line"] for row in found["found"]][:2]
    assert main(["predict", str(full.path), "a lone text"]) == 0
    assert capsys.readouterr().out.startswith("32 numbers, norm 1: ")


# -- folders of sentence-transformers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("pooling", "chosen"), [("cls_token", "cls"), ("lasttoken", "last"), ("mean_tokens", "mean")])
def test_a_folder_says_how_its_vectors_are_made(
    pooling: str, chosen: str, tiny_bert: Path, pairs: Path, tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    shutil.copytree(tiny_bert, tmp_path / "model")
    as_sentences(tmp_path / "model", pooling=pooling, more=())
    assembled, features, _ = loop_on(write_job(tmp_path, pairs, tmp_path / "model"))
    assembled.model.module.eval()
    texts = load_data(assembled.job, CATALOG).train.columns["positive"][:5]
    with torch.inference_mode():
        found = assembled.task.outputs(assembled.model, assembled.task.collate(features, np.arange(5)))[:, 1]
    model = SentenceTransformer(str(tmp_path / "model"), device="cpu")
    np.testing.assert_allclose(model.encode(list(texts), prompt_name="document"), found.numpy(), atol=1e-5)
    assert int(assembled.task.lengths(features).max()) <= 48  # two texts of at most 24 tokens


def test_modules_that_are_not_computed_are_refused(tiny_bert: Path, pairs: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_bert, tmp_path / "model")
    as_sentences(tmp_path / "model", more=("Dense", "Normalize"))
    assert "model.sentence-modules" in errors(write_job(tmp_path, pairs, tmp_path / "model"))
    as_sentences(tmp_path / "model", pooling="max_tokens")
    job = write_job(tmp_path, pairs, tmp_path / "model")
    assert "model.sentence-modules" in errors(job)
    assert errors(write_job(tmp_path, pairs, tmp_path / "model", options=", pooling: mean")) == set()
    (tmp_path / "model" / "modules.json").write_text('[{"type": "x.Pooling", "path": "../.."}]')
    assert errors(job) == {"model.bad-config"}


def test_padding_never_reaches_a_vector() -> None:
    hidden = torch.randn(2, 5, 4)
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    for how in ("mean", "cls", "last"):
        alone = pooled(hidden[:1, :3], None, how)
        torch.testing.assert_close(pooled(hidden, mask, how)[:1], alone)


# -- messy data -------------------------------------------------------------------------------------------------------


def told(job: Path) -> dict[str, str]:
    return {problem.code: str(problem) for problem in check(job)["problems"]}


def test_check_names_pairs_that_teach_nothing_or_the_wrong_thing(encoder: Path, tmp_path: Path) -> None:
    rows = [[f"question {n}", f"answer {n}", f"wrong {n}"] for n in range(20)]
    rows[3][1] = rows[3][0]
    rows[5] = ["question 4", "another answer", "answer 4"]
    data = write(tmp_path / "a.csv", ["anchor", "positive", "negative"], rows)
    held = write(
        tmp_path / "b.csv", ["anchor", "positive", "negative"], [["question 1", "a new answer", "w"], ["x", "y", "z"]]
    )
    job = write_job(tmp_path / "job", data, encoder)
    job.write_text(job.read_text().replace("validation: 20%", f"validation: {json.dumps(str(held))}"))
    found = told(job)
    assert "a.csv:5" in found["data.pair-of-equals"]
    assert "a.csv:7" in found["data.negative-is-positive"]
    assert "1 of 2 rows of validation" in found["data.leaked-groups"]


@pytest.mark.parametrize(
    ("header", "row", "training", "code"),
    [
        (["anchor", "positive"], lambda n: ["the same", f"b {n}"], "", "data.no-negatives"),
        (["anchor", "positive"], lambda n: [f"a {n}", "the same"], "", "data.no-negatives"),
        (["anchor", "positive"], lambda n: [f"a {n}", f"b {n}"], "batch_size: 1", "data.no-negatives"),
        (["anchor", "positive", "score"], lambda n: [f"a {n}", f"b {n}", 3], "", "data.equal-scores"),
        (["anchor", "positive", "score"], lambda n: [f"a {n}", f"b {n}", "good"], "", "data.not-a-number"),
        (
            ["anchor", "positive", "score", "negative"],
            lambda n: [f"a {n}", f"b {n}", n, "c"],
            "",
            "data.score-and-negative",
        ),
    ],
)
def test_data_of_which_nothing_can_be_learnt_is_refused(
    header: list[str], row: Any, training: str, code: str, encoder: Path, tmp_path: Path
) -> None:
    data = write(tmp_path / "a.csv", header, [row(n) for n in range(20)])
    job = write_job(tmp_path / "job", data, encoder, f"training: {{max_steps: 1, {training or 'batch_size: 8'}}}")
    job.write_text(job.read_text().replace("validation: 20%", "validation: none"))
    assert code in errors(job)


def test_one_score_that_is_none_is_named_with_its_line(encoder: Path, tmp_path: Path) -> None:
    rows = [[f"a {n}", f"b {n}", "4,5" if n == 7 else n] for n in range(20)]
    data = write(tmp_path / "a.csv", ["anchor", "positive", "score"], rows)
    job = write_job(tmp_path / "job", data, encoder)
    assert "a.csv:9" in told(job)["data.not-a-number"]
    with pytest.raises(InvalidJob):
        material_of(Request(file=job), CATALOG)


def test_rows_with_one_anchor_stay_in_one_part(encoder: Path, tmp_path: Path) -> None:
    data = write(tmp_path / "a.csv", ["anchor", "positive"], [[f"question {n % 15}", f"answer {n}"] for n in range(60)])
    dataset = load_data(load_job(write_job(tmp_path / "job", data, encoder), CATALOG).job, CATALOG)
    assert dataset.validation is not None
    assert not set(dataset.train.columns["anchor"]) & set(dataset.validation.columns["anchor"])
    assert len(dataset.validation) == 12


def test_a_negative_in_several_columns_is_several_negatives(encoder: Path, tmp_path: Path) -> None:
    rows = [[f"a {n}", f"b {n}", f"c {n}", f"d {n}"] for n in range(20)]
    data = write(tmp_path / "a.csv", ["anchor", "positive", "hard_1", "hard_2"], rows)
    job = write_job(tmp_path / "job", data, encoder, options=", negative: [hard_1, hard_2]")
    assembled, features, _ = loop_on(job)
    assert np.asarray(features["text"]).shape[1] == 4
    assert assembled.facts.values["negatives"] == 2


def test_try_it_looks_for_typed_texts_in_a_file(full: RunFolder, pairs: Path) -> None:
    from tunesmith.server.work.models import predict as tried

    found = tried(
        run=str(full.path),
        texts=["a socket to the server", "a list"],
        file=str(pairs),
        checkpoint="best",
        limit=5,
        max_new_tokens=1,
        temperature=0.0,
        seed=0,
        untuned=True,
        trusted=True,
    )
    assert [answer["input"] for answer in found["answers"]] == ["a socket to the server", "a list"]
    for answer in found["answers"]:
        near = [row["similarity"] for row in answer["answer"]["found"]]
        assert len(near) == 10
        assert near == sorted(near, reverse=True)
        assert len(answer["untuned"]["found"]) == 10


def test_figures_of_the_docs_are_what_comes_out() -> None:
    found = figures_of_places(np.array([1, 3, 12]), np.array([0, 1, 2]))
    assert {name: round(value, 3) for name, value in found.items()} == {
        "recall_at_1": 0.333,
        "recall_at_10": 0.667,
        "mrr": 0.472,
        "ndcg_at_10": 0.5,
    }
    two = figures_of_places(np.array([1, 12]), np.array([0, 0]))
    assert (two["recall_at_1"], two["mrr"], round(two["ndcg_at_10"], 3)) == (0.5, 1.0, 0.613)
    assert correlations(np.array([0.9, 0.2, 0.5, 0.4]), np.array([5, 1, 2, 3]))["spearman"] == pytest.approx(0.8)


def test_a_run_with_hard_negatives_goes_on_to_the_same_end(
    encoder: Path, pairs: Path, tmp_path: Path, workers: ForkServer
) -> None:
    job = write_job(
        tmp_path,
        pairs,
        encoder,
        "training: {max_steps: 4, batch_size: 16, micro_batch_size: 4}",
        "checkpoints: {every: 2 steps, keep: 9}",
        options=", hard_negatives: 2",
    )
    run = workers.finish(new_run(job))
    again = workers.finish(new_run(job))
    rewind(again)
    shutil.rmtree(tmp_path / ".tunesmith" / "cache")  # what was mined is found again by the untuned model
    assert outcome(workers.finish(again)) == outcome(run)
    assert (again.path / "report" / "metrics.json").is_file()
    summary = read_report(again)
    assert summary is not None
    assert "the untuned model" in summary.headline
