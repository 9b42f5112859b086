"""Text classification and regression: labels, batches, weights and figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from task_parts import binary, cross_entropy, job, rows, squared
from tunesmith.catalog import Catalog
from tunesmith.contracts.model import LoadedModel, ModelRequest
from tunesmith.errors import TunesmithError
from tunesmith.models.load import load_model
from tunesmith.tasks import regression, text_classification

TEXTS = ["a short one", "this text is a good deal longer than the others are", "middle sized text here", "tiny"]


def loaded_for(task: Any, tiny_bert: Path) -> LoadedModel:
    request = ModelRequest(name=str(tiny_bert), options={}, head=task.head(), folder=Path(), seed=5)
    return load_model("transformers", request, Catalog())


def test_padding_changes_no_output(tiny_bert: Path) -> None:
    started = job("text-classification")
    data = rows(text=TEXTS, label=["x", "y", "x", "y"])
    task = text_classification.build(started, text_classification.facts(started, data))
    loaded = loaded_for(task, tiny_bert)
    features = task.encode(data, loaded)
    together = task.collate(features, np.arange(4))
    assert "attention_mask" in together
    alone = task.collate(features, np.array([1]))
    assert "attention_mask" not in alone
    with torch.no_grad():
        joint = task.outputs(loaded, together)
        single = torch.cat([task.outputs(loaded, task.collate(features, np.array([k]))) for k in range(4)])
    assert torch.allclose(joint, single, atol=1e-5)
    assert task.lengths(features).tolist() == [len(features["input_ids"][k]) for k in range(4)]


def test_class_weights_count_in_numerator_and_denominator(tiny_bert: Path) -> None:
    started = job("text-classification")
    data = rows(text=TEXTS, label=["b", "a", "b", "b"])
    facts = text_classification.facts(started, data)
    assert (facts.labels, facts.counts) == (("a", "b"), (1, 3))
    task = text_classification.build(started, facts)
    loaded = loaded_for(task, tiny_bert)
    features = task.encode(data, loaded)
    weights = torch.tensor([3.0, 0.5])
    batch = task.collate(features, np.arange(4))
    total = task.loss_sum(loaded, batch, cross_entropy, weights) / task.weights(features, [3.0, 0.5]).sum()
    expected = torch.nn.functional.cross_entropy(task.outputs(loaded, batch), batch["target"], weight=weights)
    assert total.item() == pytest.approx(expected.item(), rel=1e-6)


@pytest.mark.parametrize("cells", [[["b", "a"], [], ["c"], ["a"]], ["b; a", "", "c", "a"]])
def test_several_labels_a_row(tiny_bert: Path, cells: list[Any]) -> None:
    started = job("text-classification", **({"label_separator": ";"} if isinstance(cells[0], str) else {}))
    data = rows(text=TEXTS, label=cells)
    facts = text_classification.facts(started, data)
    assert (facts.labels, facts.counts, facts.values["target"]) == (("a", "b", "c"), (2, 1, 1), "classes")
    task = text_classification.build(started, facts)
    loaded = loaded_for(task, tiny_bert)
    features = task.encode(data, loaded)
    assert features["target"].tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1], [1, 0, 0]]
    batch = task.collate(features, np.arange(4))
    mean = task.loss_sum(loaded, batch, binary, None) / task.weights(features, None).sum()
    expected = torch.nn.functional.binary_cross_entropy_with_logits(task.outputs(loaded, batch), batch["target"])
    assert mean.item() == pytest.approx(expected.item(), rel=1e-6)
    perfect = (np.asarray(features["target"]) * 20 - 10).astype(np.float32)
    assert task.metrics(perfect, features)["f1"] == task.metrics(perfect, features)["accuracy"] == 1.0
    assert task.decode(perfect, features, data)[0]["labels"] == ["a", "b"]


def test_pairs_carry_which_text_a_token_is_from(tiny_bert: Path) -> None:
    started = job("text-classification")
    data = rows(text=TEXTS, text_pair=TEXTS[::-1], label=[0, 1, 0, 1])
    task = text_classification.build(started, text_classification.facts(started, data))
    loaded = loaded_for(task, tiny_bert)
    features = task.encode(data, loaded)
    batch = task.collate(features, np.arange(4))
    from transformers import BertTokenizerFast

    expected = BertTokenizerFast.from_pretrained(tiny_bert)(TEXTS, TEXTS[::-1], padding=True, return_tensors="pt")
    assert torch.equal(batch["input_ids"], expected["input_ids"])
    assert torch.equal(batch["token_type_ids"], expected["token_type_ids"])


def test_numbers_as_labels_stand_in_the_order_of_their_values() -> None:
    started = job("text-classification")
    facts = text_classification.facts(started, rows(text=["t"] * 4, label=[10, 9.0, "2", 10]))
    assert (facts.labels, facts.counts) == (("2", "9", "10"), (1, 1, 2))


def test_check_tells_unknown_labels_empty_cells_and_cut_texts(tiny_bert: Path) -> None:
    from tunesmith.models.load import find_text_format

    started = job("text-classification", max_length=6)
    train = rows(text=TEXTS, label=["spam", "ham", "spam", "ham"])
    facts = text_classification.facts(started, train)
    held = rows(text=["", TEXTS[1], "c"], label=["spam", "spa", None])
    reads = find_text_format("transformers", str(tiny_bert), Path(), {})
    found = text_classification.check_rows(started, held, facts, reads)
    told = {(p.code, p.place.line) for p in found}
    assert told == {
        ("data.empty-text", 2),
        ("data.unknown-label", 3),
        ("data.empty-label", 4),
        ("data.text-too-long", 3),
    }
    assert next(p for p in found if p.code == "data.unknown-label").hint == "did you mean spam?"
    one = rows(text=["a"], label=["only"])
    assert text_classification.check_rows(started, one, text_classification.facts(started, one), None)[0].code == (
        "data.too-few-labels"
    )


def test_regression_trains_on_scaled_targets_and_answers_in_the_targets_unit(tiny_bert: Path) -> None:
    started = job("regression")
    data = rows(text=TEXTS, target=[(1000.0,), ("3000",), (2000,), (4000,)])
    facts = regression.facts(started, data)
    assert facts.values["mean"] == [2500.0]
    task = regression.build(started, facts)
    loaded = loaded_for(task, tiny_bert)
    features = task.encode(data, loaded)
    assert np.asarray(features["target"]).mean() == pytest.approx(0, abs=1e-6)
    assert np.asarray(features["target"]).std() == pytest.approx(1, rel=1e-6)
    batch = task.collate(features, np.arange(4))
    assert task.outputs(loaded, batch).shape == batch["target"].shape == (4,)
    assert task.loss_sum(loaded, batch, squared, None).requires_grad
    mean_only = np.zeros(4, np.float32)
    assert task.metrics(mean_only, features) == pytest.approx({"mae": 1000.0, "rmse": 1118.034, "r2": 0.0}, abs=1e-3)
    assert task.decode(mean_only, features, data)[0] == {"value": 2500.0}


def test_regression_on_columns_with_two_targets() -> None:
    started = job("regression", {"columns": ("a", "b"), "target": ("u", "v")})
    data = rows(columns=[(1, 2.0), ("3", 5), (5, 11)], target=[(0, 1), (2, 1), (4, 1)])
    facts = regression.facts(started, data)
    task = regression.build(started, facts)
    assert (task.head().auto, task.head().reads, task.head().outputs) == ("", "numbers", 2)
    torch.manual_seed(0)
    loaded = LoadedModel(module=torch.nn.Linear(2, 2), kind="module")
    features = task.encode(data, loaded)
    batch = task.collate(features, np.array([2, 0]))
    assert batch["target"].tolist() == features["target"][[2, 0]].tolist()
    assert task.outputs(loaded, batch).shape == (2, 2)
    assert task.weights(features, None).tolist() == [2, 2, 2]
    bad = rows(columns=[(1, "many")], target=[(0, 1)])
    assert [p.code for p in regression.check_rows(started, bad, facts, None)] == ["data.not-a-number"]
    with pytest.raises(TunesmithError, match="not-a-number"):
        task.encode(bad, loaded)


def test_pairs_none_of_which_has_a_second_text_are_as_long_in_types(tiny_bert: Path) -> None:
    started = job("text-classification")
    data = rows(text=TEXTS, text_pair=TEXTS[::-1], label=[0, 1, 0, 1])
    task = text_classification.build(started, text_classification.facts(started, data))
    features = task.encode(data, loaded_for(task, tiny_bert))
    found = task.left_out("token_type_ids", features)
    assert np.array_equal(found.offsets, features["token_type_ids"].offsets)
    assert (found.values.dtype, found.values.any()) == (features["token_type_ids"].values.dtype, False)


@pytest.mark.parametrize("pairs", [False, True])
def test_rows_that_are_encoded_are_inspected_alike_and_only_those_that_may_be_cut_are_tokenized(
    tiny_bert: Path, pairs: bool
) -> None:
    limit = 24 if pairs else 8
    started = job("text-classification", max_length=limit)
    long = [f"the same beginning of a text that goes on and on {end}" for end in ("here", "there", "here")]
    texts = [*TEXTS, *long, "a [MASK] in the text", "山川 草木 山川 草木"]
    data = rows(text=texts, **({"text_pair": texts[::-1]} if pairs else {}), label=[str(row % 2) for row in range(9)])
    facts = text_classification.facts(started, data)
    loaded = loaded_for(text_classification.build(started, facts), tiny_bert)
    features = text_classification.build(started, facts).encode(data, loaded)
    expected = text_classification.check_rows(started, data, facts, loaded.text)
    assert {"data.text-too-long", "data.special-token-in-text"} <= {problem.code for problem in expected}
    assert pairs or "data.equal-after-cut" in {problem.code for problem in expected}
    tokenized: list[int] = []

    class Counted:
        def __init__(self, inner: Any) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> Any:
            return getattr(self._inner, name)

        def encode_batch_fast(self, texts: list[Any]) -> Any:
            tokenized.extend(range(len(texts)))
            return self._inner.encode_batch_fast(texts)

    counted = replace(loaded.text, tokenizer=Counted(loaded.text.tokenizer))  # type: ignore[type-var, union-attr]
    assert text_classification.check_rows(started, data, facts, counted, features) == expected
    assert 0 < len(tokenized) == sum(len(features["input_ids"][row]) == limit for row in range(9)) < 9
