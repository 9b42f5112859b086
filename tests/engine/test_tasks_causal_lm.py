"""Packing changes nothing but the speed: same loss, same gradients, no look at another document."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from task_parts import cross_entropy, job, rows
from tunesmith.contracts.model import LoadedModel, TextFormat
from tunesmith.contracts.task import Facts
from tunesmith.errors import NOWHERE
from tunesmith.tasks import causal_lm
from tunesmith.tasks.parts.chat import PlainChat, Rendered, chat_of
from tunesmith.tasks.parts.messages import conversation_of

TEXTS = [" ".join(f"word{(i * k) % 17}" for k in range(1, 3 + i % 9)) for i in range(12)]


def words() -> Tokenizer:
    from tunesmith.models.parts.byte_pairs import byte_pairs

    return byte_pairs(TEXTS, vocabulary=300, ends="none")


def sizes(kind: str) -> dict[str, Any]:
    if kind == "gpt2":
        return {
            "n_embd": 32,
            "n_layer": 2,
            "n_head": 2,
            "n_positions": 64,
            "attn_pdrop": 0.0,
            "resid_pdrop": 0.0,
            "embd_pdrop": 0.0,
        }
    common = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    more = {"num_key_value_heads": 1, "max_position_embeddings": 64}
    return common | more | ({"head_dim": 16} if kind in ("gemma2", "qwen3") else {})


def model(kind: str, attention: str = "sdpa") -> LoadedModel:
    from transformers import CONFIG_MAPPING, AutoModelForCausalLM

    tokenizer = words()
    special = {"bos_token_id": None, "eos_token_id": 1, "pad_token_id": 0}
    config = CONFIG_MAPPING[kind](vocab_size=tokenizer.get_vocab_size(), **sizes(kind), **special)
    torch.manual_seed(0)
    module = AutoModelForCausalLM.from_config(config, attn_implementation=attention).train()
    text = TextFormat(tokenizer=tokenizer, window=64, vocabulary=tokenizer.get_vocab_size(), ends=(1,))
    return LoadedModel(module=module, kind="transformers", pretrained=module, text=text)


def loss_and_gradients(task: Any, loaded: LoadedModel, features: Any, chosen: list[int]) -> tuple[float, torch.Tensor]:
    loaded.module.zero_grad()
    loss = task.loss_sum(loaded, task.collate(features, np.array(chosen)), cross_entropy, None)
    loss.backward()
    return loss.item(), torch.cat([p.grad.flatten() for p in loaded.module.parameters() if p.grad is not None])


@pytest.mark.parametrize(
    ("kind", "attention"),
    [("llama", "sdpa"), ("gpt2", "sdpa"), ("qwen2", "sdpa"), ("qwen3", "eager")],
)
def test_packed_and_unpacked_give_the_same_loss_and_gradients(kind: str, attention: str) -> None:
    loaded = model(kind, attention)
    task = causal_lm.build(job("causal-lm", window=48), Facts(values={"target": "token", "form": "text"}))
    features = task.encode(rows(text=TEXTS), loaded)
    chosen = list(range(8))
    batch = task.collate(features, np.array(chosen))
    assert batch["input_ids"].shape[0] < len(chosen), "several documents share a row"
    packed_loss, packed = loss_and_gradients(task, loaded, features, chosen)
    single_loss, single = 0.0, torch.zeros_like(packed)
    for document in chosen:
        loss, gradients = loss_and_gradients(task, loaded, features, [document])
        single_loss += loss
        single += gradients
    assert packed_loss == pytest.approx(single_loss, rel=1e-5)
    assert (packed - single).norm() / single.norm() < 1e-5


def test_the_loss_is_the_models_own() -> None:
    """Against transformers' loss of each document by itself, also for a model that caps its logits."""
    for kind in ("llama", "gemma2"):
        loaded = model(kind, "eager")
        loaded.module.eval()
        task = causal_lm.build(job("causal-lm"), Facts(values={"target": "token", "form": "text"}))
        features = task.encode(rows(text=TEXTS), loaded)
        with torch.no_grad():
            outputs = task.outputs(loaded, task.collate(features, np.arange(len(TEXTS)))).numpy()
            for document in range(len(TEXTS)):
                ids = torch.from_numpy(features["input_ids"][document].astype(np.int64))[None]
                expected = loaded.module(input_ids=ids, labels=ids).loss.item()
                assert outputs[document, 0] / outputs[document, 1] == pytest.approx(expected, rel=1e-4)
        assert task.metrics(outputs, features)["loss"] == pytest.approx(outputs[:, 0].sum() / outputs[:, 1].sum())


def test_changing_one_document_changes_no_other() -> None:
    loaded = model("llama")
    loaded.module.eval()
    task = causal_lm.build(job("causal-lm", window=64), Facts(values={"target": "token", "form": "text"}))
    first = task.encode(rows(text=["alpha beta", "one two three", "x y"]), loaded)
    second = task.encode(rows(text=["gamma delta", "one two three", "x y"]), loaded)
    with torch.no_grad():
        before, after = (task.outputs(loaded, task.collate(f, np.arange(3))) for f in (first, second))
    assert not torch.equal(before[0], after[0])
    assert torch.allclose(before[1:], after[1:], rtol=1e-5)


def test_long_text_is_split_so_that_every_token_is_predicted_once() -> None:
    loaded = model("llama")
    task = causal_lm.build(job("causal-lm", window=16), Facts(values={"target": "token", "form": "text"}))
    features = task.encode(rows(text=["a b c d e f g h i j k l m n o p q r s t u v w x y z " * 3]), loaded)
    length = int(features["input_ids"].lengths[0])
    assert length > 32
    batch = task.collate(features, np.array([0]))
    assert batch["input_ids"].shape[1] <= 16
    assert len(batch["target"]) == length - 1 == task.weights(features, None)[0]
    assert batch["target"].tolist() == features["input_ids"][0][1:].tolist()


def test_only_the_response_is_learnt() -> None:
    loaded = model("llama")
    data = rows(prompt=["what is it?", "and this?"], response=["a cat", "a dog"])
    started = job("causal-lm")
    task = causal_lm.build(started, causal_lm.facts(started, data))
    features = task.encode(data, loaded)
    batch = task.collate(features, np.array([0, 1]))
    assert loaded.tokenizer is not None
    told = loaded.tokenizer.decode(batch["target"].tolist(), skip_special_tokens=False)
    assert told == "a cat<|end|>a dog<|end|>"
    assert batch["counts"].tolist() == [int((batch["document"] == k).sum()) for k in (0, 1)]


def test_documents_all_of_which_are_learnt_have_the_same_batches_with_flags_that_say_so() -> None:
    loaded = model("llama")
    started, data = job("causal-lm"), rows(text=["the cat", "a dog and a cat", "x"])
    task = causal_lm.build(started, causal_lm.facts(started, data))
    features = task.encode(data, loaded)
    assert "learnt" not in features
    flags = {"learnt": task.left_out("learnt", features)}
    batch, flagged = (task.collate(each, np.arange(3)) for each in (features, {**features, **flags}))
    assert all(torch.equal(batch[name], flagged[name]) for name in batch)
    assert flagged.keys() == batch.keys()


def test_only_the_assistant_is_learnt_by_both_templates() -> None:
    chat = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]
    chat += [{"role": "user", "content": "bye"}, {"role": "assistant", "content": "see you"}]
    own = chat_of(
        TextFormat(
            tokenizer=words(),
            chat_template="{% for m in messages %}<{{ m.role }}>{{ m.content }}</s>{% endfor %}"
            "{% if add_generation_prompt %}<assistant>{% endif %}",
        ),
        end=None,
        plain=False,
    )
    for found in (own, PlainChat("</s>")):
        rendered = found.documents([conversation_of(chat)], lambda row: NOWHERE)[0]
        assert isinstance(rendered, Rendered)
        assert [rendered.text[begin:end] for begin, end in rendered.learnt] == ["hello</s>", "see you</s>"]


def test_check_tells_rows_without_a_token_to_learn_and_rows_that_are_none() -> None:
    started = job("causal-lm", window=8)
    data = rows(prompt=["a very long prompt " * 9, "short"], response=["yes", "no"])
    facts = causal_lm.facts(started, data)
    problems = causal_lm.check_rows(started, data, facts, TextFormat(tokenizer=words()))
    told = [(p.code, p.place.line) for p in problems]
    assert ("data.no-trainable-token", 2) in told
    assert ("data.text-too-long", 2) in told
    bad = rows(messages=[[{"role": "user", "content": "hi"}], "no json", [{"role": "robot", "content": ""}]])
    problems = causal_lm.check_rows(started, bad, causal_lm.facts(started, bad), None)
    assert [(p.code, p.place.line) for p in problems] == [("data.bad-document", 3), ("data.bad-document", 4)]


def test_generation_goes_on_from_the_prompt() -> None:
    loaded = model("llama")
    task = causal_lm.build(job("causal-lm"), Facts(values={"target": "token", "form": "text"}))
    first, again = (
        task.generate(loaded, rows(text=["word1 word2"]), max_new_tokens=4, temperature=1.0, seed=3) for _ in "ab"
    )
    assert first == again


def test_what_the_models_folder_asks_for_in_writing_changes_nothing() -> None:
    """Temperature 0 takes the most probable token: no beams, no penalties, no tokens that must come or must not."""
    from transformers import GenerationConfig

    loaded = model("llama")
    task = causal_lm.build(job("causal-lm"), Facts(values={"target": "token", "form": "text"}))
    ids = loaded.tokenizer.encode("word1 word2").ids
    begin = len(ids)
    for _ in range(6):
        with torch.no_grad():
            ids.append(int(loaded.module(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
    own = GenerationConfig(num_beams=10**6, repetition_penalty=9.0, suppress_tokens=[ids[begin]], forced_bos_token_id=1)
    loaded.pretrained.generation_config = own
    found = task.generate(loaded, rows(text=["word1 word2"]), max_new_tokens=6, temperature=0.0, seed=3)
    assert found == [loaded.tokenizer.decode(ids[begin:])]
    assert loaded.pretrained.generation_config is own
