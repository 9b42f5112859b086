"""Text from text: the loss is transformers' own, tokens are those of its tokenizers, and what is written is what its
`generate` writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seq2seq_folders import KINDS, PAIRS, save_folder
from task_parts import cross_entropy, job, rows
from tunesmith.contracts.model import LoadedModel, ModelRequest
from tunesmith.contracts.task import Facts
from tunesmith.tasks import seq2seq
from tunesmith.tasks.parts.teacher_forcing import decoder_inputs

FACTS = Facts(values={"target": "token"})
LANGUAGES = {
    "mbart": {"source_language": "en_XX", "target_language": "de_DE"},
    "mbart50": {"source_language": "en_XX", "target_language": "de_DE"},
    "nllb": {"source_language": "eng_Latn", "target_language": "deu_Latn"},
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    base = tmp_path_factory.mktemp("models")
    for kind in KINDS:
        save_folder(base / kind, kind)
    return {kind: base / kind for kind in KINDS}


def loaded_from(folder: Path, task: Any) -> LoadedModel:
    from tunesmith.models.transformers import load

    return load(ModelRequest(name=str(folder), options={}, head=task.head(), folder=folder.parent, seed=1))


def task_for(kind: str, **options: Any) -> Any:
    return seq2seq.build(job("seq2seq", **{**LANGUAGES.get(kind, {}), **options}), FACTS)


def tokenizer_of(folder: Path, kind: str) -> Any:
    from transformers import AutoTokenizer

    languages = LANGUAGES.get(kind, {})
    more = {"src_lang": languages["source_language"], "tgt_lang": languages["target_language"]} if languages else {}
    return AutoTokenizer.from_pretrained(folder, **more)


def pairs(count: int = 6) -> Any:
    return rows(source=[one for one, _ in PAIRS[:count]], target=[other for _, other in PAIRS[:count]])


def padded(lists: Sequence[Sequence[int]], value: int) -> torch.Tensor:
    longest = max(map(len, lists))
    return torch.tensor([[*each, *[value] * (longest - len(each))] for each in lists])


def gradients(loaded: LoadedModel) -> torch.Tensor:
    found = [weight.grad.flatten() for weight in loaded.module.parameters() if weight.grad is not None]
    return torch.cat(found).clone()


@pytest.mark.parametrize("kind", KINDS)
def test_tokens_are_those_of_transformers_for_source_and_target(kind: str, folders: dict[str, Path]) -> None:
    task = task_for(kind, prefix="translate: ")
    loaded = loaded_from(folders[kind], task)
    features = task.encode(pairs(), loaded)
    tokenizer = tokenizer_of(folders[kind], kind)
    for row, (source, target) in enumerate(PAIRS[:6]):
        theirs = tokenizer("translate: " + source, text_target=target)
        assert features["input_ids"][row].tolist() == theirs["input_ids"]
        assert features["labels"][row].tolist() == theirs["labels"]
    cut = task_for(kind, max_length=5, max_target_length=6).encode(pairs(), loaded)
    for row, (source, target) in enumerate(PAIRS[:6]):
        theirs = tokenizer(source, max_length=5, truncation=True)["input_ids"]
        assert cut["input_ids"][row].tolist() == theirs
        theirs = tokenizer(text_target=target, max_length=6, truncation=True)["input_ids"]
        assert cut["labels"][row].tolist() == theirs


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_and_its_gradients_are_those_of_transformers(kind: str, folders: dict[str, Path]) -> None:
    """With labels, and -100 where a target is filled up; of each row by itself, and of a batch."""
    task = task_for(kind)
    loaded = loaded_from(folders[kind], task)
    features = task.encode(pairs(), loaded)
    config = loaded.pretrained.config
    chosen = np.arange(6)
    batch = task.collate(features, chosen)
    assert int(decoder_inputs(loaded.pretrained, batch["labels"]).min()) >= 0, "-100 is no token"
    loss = task.loss_sum(loaded, batch, cross_entropy, None)
    (loss / batch["target"].numel()).backward()
    ours = gradients(loaded)
    loaded.module.zero_grad()
    ids = padded([features["input_ids"][row].tolist() for row in chosen], config.pad_token_id)
    labels = padded([features["labels"][row].tolist() for row in chosen], -100)
    mask = padded([[1] * len(features["input_ids"][row]) for row in chosen], 0)
    theirs = loaded.pretrained(input_ids=ids, attention_mask=mask, labels=labels, use_cache=False).loss
    theirs.backward()
    assert loss.item() / batch["target"].numel() == pytest.approx(theirs.item(), rel=1e-5)
    assert (ours - gradients(loaded)).norm() / ours.norm() < 1e-4
    with torch.no_grad():
        outputs = task.outputs(loaded, batch).numpy()
        for row in chosen:
            single = {"input_ids": ids[row : row + 1], "attention_mask": mask[row : row + 1]}
            kept = labels[row : row + 1][labels[row : row + 1] != -100][None]
            expected = loaded.pretrained(**single, labels=kept, use_cache=False).loss.item()
            assert outputs[row, 0] / outputs[row, 1] == pytest.approx(expected, rel=1e-4)
    assert outputs[:, 1].tolist() == task.weights(features, None).tolist() == (labels != -100).sum(1).tolist()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("beams", [1, 3])
def test_texts_are_those_that_transformers_writes(kind: str, beams: int, folders: dict[str, Path]) -> None:
    """One by one, with the language forced as its documentation says; ours are written in batches."""
    task = task_for(kind, beams=beams, max_target_length=12)
    loaded = loaded_from(folders[kind], task)
    between: list[int] = []
    with torch.inference_mode():
        answers = task.answers(loaded, pairs(), between.append)
    assert between[-1] == 6
    tokenizer = tokenizer_of(folders[kind], kind)
    model = loaded.pretrained
    more: dict[str, Any] = {}
    if kind in ("mbart50", "nllb"):
        more["forced_bos_token_id"] = tokenizer.convert_tokens_to_ids(LANGUAGES[kind]["target_language"])
    if kind == "mbart":
        more["decoder_start_token_id"] = tokenizer.convert_tokens_to_ids("de_DE")
    if kind == "bart":
        more["forced_bos_token_id"] = tokenizer.bos_token_id
    for (source, _), answer in zip(PAIRS[:6], answers, strict=True):
        inputs = {
            name: value
            for name, value in tokenizer(source, return_tensors="pt").items()
            if "mask" in name or "input" in name
        }
        found = model.generate(**inputs, num_beams=beams, max_new_tokens=12, do_sample=False, use_cache=True, **more)
        assert answer == tokenizer.decode(found[0, 1:], skip_special_tokens=True)


def test_a_module_without_encoder_and_decoder_is_refused() -> None:
    from tunesmith.errors import TunesmithError

    own = LoadedModel(module=torch.nn.Linear(2, 2), kind="module")
    with pytest.raises(TunesmithError, match=r"model\.no-encoder-decoder"):
        task_for("t5").encode(pairs(), own)


def test_a_model_with_a_bias_of_each_token_keeps_it_in_its_loss(folders: dict[str, Path]) -> None:
    """Marian's folders have one: its logits are more than its output layer of the decoder's states."""
    task = task_for("marian")
    loaded = loaded_from(folders["marian"], task)
    loaded.pretrained.final_logits_bias.normal_()
    features = task.encode(pairs(), loaded)
    batch = task.collate(features, np.arange(6))
    ids = padded([features["input_ids"][row].tolist() for row in range(6)], loaded.pretrained.config.pad_token_id)
    mask = padded([[1] * len(features["input_ids"][row]) for row in range(6)], 0)
    with torch.no_grad():
        theirs = loaded.pretrained(input_ids=ids, attention_mask=mask, labels=batch["labels"], use_cache=False).loss
    found = task.loss_sum(loaded, batch, cross_entropy, None).item() / batch["target"].numel()
    assert found == pytest.approx(theirs.item(), rel=1e-5)
